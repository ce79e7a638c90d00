"""The settings as values, parsed once.

`spec.json` declares names, types, limits and defaults (`specification` proves them); here they only get a type. What a
value means is decided by those who are handed it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from destination_activecampaign.specification import connection_specification, prove

if TYPE_CHECKING:
    from collections.abc import Mapping

MappingName: TypeAlias = Literal["identify", "track", "page", "ignore"]


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
    """Every setting. `unknown`: names in the user's settings that mean nothing here and are like none that do, told once."""

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
        prove(given, schema)
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

    @property
    def unknown_told(self) -> str:
        """What the user is told of unknown settings, empty where there are none."""
        return f"Settings that mean nothing here: {', '.join(self.unknown)}." if self.unknown else ""


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
