"""The settings as values: checked against `spec.json` and parsed once.

`spec.json` declares names, types, limits and defaults; here they only get a type. What a value means is decided by
those who are handed it.
"""

from __future__ import annotations

import copy
import json
import pkgutil
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar, cast

from jsonschema import Draft7Validator

from destination_activecampaign.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema.exceptions import ValidationError

MappingName: TypeAlias = Literal["identify", "track", "page", "ignore"]

_ERRORS_SHOWN: Final = 5
_RULES: Final = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "minLength": "must not be empty",
    "maxLength": "must have at most {} characters",
    "uniqueItems": "names something twice",
}


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """A column of the user's and the field that it goes to, both as the user spells them."""

    column: str
    field: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that every row of a stream gets."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """An entry of `mappings`. `stream`, `namespace`: names with `*` patterns; `namespace`: None for any."""

    stream: str
    mapping: MappingName
    namespace: str | None = None
    operation: Literal["upsert", "update", "soft_delete"] = "upsert"
    matching_key: Literal["email", "userId"] = "email"
    columns: tuple[ColumnRule, ...] = ()
    constants: tuple[Constant, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Where the account is, how to log in, and how much of its quota to use."""

    api_url: str
    api_key: str = field(repr=False)
    requests_per_second: float
    imports_per_minute: float
    import_deadline_minutes: float


@dataclass(frozen=True, slots=True)
class ContactSettings:
    """How rows become contacts. `resubscribe`, `soft_delete_lists`: list ids, the latter empty for all lists."""

    external_id_field: str
    contacts_route: Literal["import", "single"]
    create_without_name: bool
    run_automations: bool
    resubscribe: frozenset[int]
    null_values: Literal["keep", "clear"]
    invalid_values: Literal["skip", "reject"]
    null_tags_with_reset: Literal["remove_all", "reject"]
    max_new_tags: int
    create_missing_fields: tuple[str, ...]
    fold_repeated_emails: bool
    soft_delete: Literal["unsubscribe", "delete_contact"]
    soft_delete_lists: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EventSettings:
    """How rows become events. `event_key`, `actid`: None where not set; `skip_events_older_than`: days, 0 for never."""

    event_key: str | None = field(repr=False)
    actid: str | None
    event_data: Literal["value", "properties"]
    event_data_time: bool
    skip_events_older_than: float
    event_delivery: Literal["at_least_once", "at_most_once"]
    unknown_contacts: Literal["send", "reject"]
    long_event_names: Literal["reject", "truncate"]
    max_new_event_names: int
    tracking_url: str


@dataclass(frozen=True, slots=True)
class PageSettings:
    """How rows become visits."""

    page_delivery: Literal["visit", "local_event", "event"]
    whitelist_domains: bool


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How much is under way at once, and when to stop. `max_rejected_percent`: None for no limit."""

    window_rows: int
    window_megabytes: int
    dry_run: bool
    max_rejected_percent: float | None


@dataclass(frozen=True, slots=True)
class NoStorage:
    """Rejected rows are counted and logged, not kept."""

    storage_type: Literal["None"] = "None"


@dataclass(frozen=True, slots=True)
class S3Storage:
    """Rejected rows go to a bucket, under Airbyte's own names. Region: empty for none; the optional ones: None where not set."""

    s3_bucket_name: str
    s3_bucket_region: str
    bucket_path: str
    format_type: Literal["JSONL", "CSV"]
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: str | None = field(default=None, repr=False)
    role_arn: str | None = None
    s3_endpoint: str | None = None
    storage_type: Literal["S3"] = "S3"


@dataclass(frozen=True, slots=True)
class LocalStorage:
    """Rejected rows go to a file below the folder `path`."""

    path: str
    storage_type: Literal["Local"] = "Local"


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting. `unknown`: names in the user's settings that mean nothing here, to be told once."""

    account: AccountSettings
    mappings: tuple[StreamMapping, ...]
    contacts: ContactSettings
    events: EventSettings
    pages: PageSettings
    run: RunSettings
    rejected_rows: NoStorage | S3Storage | LocalStorage = NoStorage()
    unknown: tuple[str, ...] = ()

    @classmethod
    def from_mapping(cls, config: Mapping[str, Any]) -> Config:
        """Parse *config*, the user's settings; ConfigError names each setting that is wrong, and never its value."""
        schema = connection_specification()
        # The API and Terraform send null for what the form leaves out.
        given = _without_nulls(dict(config))
        _check(given, schema)
        properties: dict[str, Any] = schema["properties"]
        settings = {name: given.get(name, declared.get("default")) for name, declared in properties.items()}
        for name in ("api_url", "api_key", "event_key", "tracking_url"):
            settings[name] = settings[name] and settings[name].strip()
        settings["resubscribe"] = frozenset(int(list_id) for list_id in settings["resubscribe"])
        settings["soft_delete_lists"] = tuple(int(list_id) for list_id in settings["soft_delete_lists"])
        settings["create_missing_fields"] = tuple(settings["create_missing_fields"])
        return cls(
            account=_part(AccountSettings, settings),
            mappings=tuple(_stream_mapping(entry) for entry in settings["mappings"]),
            contacts=_part(ContactSettings, settings),
            events=_part(EventSettings, settings),
            pages=_part(PageSettings, settings),
            run=_part(RunSettings, settings),
            rejected_rows=_storage(settings["object_storage_config"]),
            unknown=tuple(sorted(given.keys() - properties.keys())),
        )


def connection_specification() -> dict[str, Any]:
    """Return the JSON schema of the settings, a copy of the caller's own."""
    return copy.deepcopy(_connection_specification())


def secrets_in(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the secret values in *config*, also one that no `Config` can be made of."""
    found = _secrets(config, _connection_specification())
    return tuple(spelling for value in found for spelling in {value, value.strip()} if spelling)


def _secrets(value: object, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the secrets in *value*, of every variant: settings that are wrong may say one and mean another."""
    if schema.get("airbyte_secret") and isinstance(value, str):
        yield value
    if isinstance(value, dict):
        for variant in (schema, *schema.get("oneOf", ())):
            for name, declared in variant.get("properties", {}).items():
                yield from _secrets(value.get(name), declared)


@cache
def _connection_specification() -> dict[str, Any]:
    text = pkgutil.get_data("destination_activecampaign", "spec.json")
    return cast("dict[str, Any]", json.loads(text or b"")["connectionSpecification"])


_Part = TypeVar("_Part", AccountSettings, ContactSettings, EventSettings, PageSettings, RunSettings)


def _part(part: type[_Part], settings: Mapping[str, Any]) -> _Part:
    """Make a part of `Config` of the settings that bear its fields' names."""
    return part(**{each.name: _typed(settings[each.name], each.type) for each in fields(part)})


def _typed(value: Any, declared: object) -> Any:
    """Return a number as the type that the field declares: JSON has one kind of number, 4 and 4.0 are the same."""
    if value is None or declared not in ("int", "float", "float | None"):
        return value
    return int(value) if declared == "int" else float(value)


def _stream_mapping(entry: Mapping[str, Any]) -> StreamMapping:
    return StreamMapping(
        stream=entry["stream"],
        mapping=entry["mapping"],
        namespace=entry.get("namespace") or None,  # an emptied field of the form
        operation=entry.get("operation", "upsert"),
        matching_key=entry.get("matching_key", "email"),
        columns=tuple(ColumnRule(each["column"], each["field"]) for each in entry.get("columns", ())),
        constants=tuple(Constant(each["field"], each["value"]) for each in entry.get("constants", ())),
    )


def _storage(given: Mapping[str, Any]) -> NoStorage | S3Storage | LocalStorage:
    # What an emptied field of the form leaves is as good as nothing.
    texts = {name: value.strip() or None for name, value in given.items() if isinstance(value, str)}
    match given["storage_type"]:
        case "S3":
            return S3Storage(
                s3_bucket_name=texts["s3_bucket_name"] or "",
                s3_bucket_region=texts["s3_bucket_region"] or "",
                bucket_path=texts["bucket_path"] or "",
                format_type=given["format"]["format_type"],
                access_key_id=texts.get("access_key_id"),
                secret_access_key=texts.get("secret_access_key"),
                role_arn=texts.get("role_arn"),
                s3_endpoint=texts.get("s3_endpoint"),
            )
        case "Local":
            return LocalStorage(texts["path"] or "")
        case _:
            return NoStorage()


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _check(config: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    errors = sorted(Draft7Validator(schema).iter_errors(config), key=lambda error: (error.json_path, error.message))
    told = list(dict.fromkeys(text for error in errors for text in _told(error)))
    if told:
        more = f" And {len(told) - _ERRORS_SHOWN} more." if len(told) > _ERRORS_SHOWN else ""
        raise ConfigError(f"Check the settings. {' '.join(told[:_ERRORS_SHOWN])}{more}")


def _told(error: ValidationError) -> Iterator[str]:
    """Say where and what is allowed; jsonschema's own messages quote the value, which may be a secret."""
    where = error.json_path.removeprefix("$").removeprefix(".")
    inside = f"{where}." if where else ""
    rule, schema, instance = cast("Any", error.validator_value), cast("Any", error.schema), cast("Any", error.instance)
    match error.validator:
        case "required":
            yield from (f"{inside}{name} is missing." for name in rule if name not in instance)
        case "additionalProperties":
            known = schema["properties"]
            yield f"{where} has an unknown key; known are {', '.join(known)}."
        case "enum":
            yield f"{where} must be one of {', '.join(rule)}."
        case "type":
            yield f"{where or 'All of it'} must be of type {rule if isinstance(rule, str) else ' or '.join(rule)}."
        case "pattern":
            yield f"{where} must look like this: {schema.get('pattern_descriptor', 'digits only')}."
        case str() as name if name in _RULES:
            yield f"{where} {_RULES[name].format(rule)}."
        case "oneOf":
            yield from _told_of_variants(error, inside, rule, instance)
        case _:
            yield f"{where} is not as spec.json declares it."


def _told_of_variants(error: ValidationError, inside: str, variants: Any, instance: Any) -> Iterator[str]:
    """Say what is wrong with the variant that is meant: the one whose constant the settings have."""
    if not isinstance(instance, dict):
        return  # its type is told of
    key = next(name for name, declared in variants[0]["properties"].items() if "const" in declared)
    constants = [variant["properties"][key]["const"] for variant in variants]
    if instance.get(key) not in constants:
        yield f"{inside}{key} must be one of {', '.join(constants)}."
        return
    meant = constants.index(instance[key])
    for each in error.context or ():
        if each.schema_path[0] == meant:
            yield from _told(each)
