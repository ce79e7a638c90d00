"""`spec.json`, and what it says of given settings: which of them are wrong, which are secret.

Their values get a type, and a meaning, elsewhere: see `config`.
"""

from __future__ import annotations

import copy
import json
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from jsonschema import Draft7Validator

from destination_activecampaign.errors import ConfigError
from destination_activecampaign.nearest import meant, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema.exceptions import ValidationError

_ERRORS_SHOWN: Final = 5
_RULES: Final = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "minLength": "must not be empty",
    "maxLength": "must have at most {} characters",
    "uniqueItems": "names something twice",
}


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


def prove(config: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Raise one ConfigError that names each setting that is wrong and what it may be, never its value.

    A setting that reads like one of *schema* is wrong: `dry_runn` would write for real. Any other unknown one is not.
    """
    errors = sorted(Draft7Validator(schema).iter_errors(config), key=lambda error: (error.json_path, error.message))
    known = schema["properties"]
    misspelled = (
        f"{name} is no setting{near}." for name in sorted(config.keys() - known) if (near := meant(name, known))
    )
    told = list(dict.fromkeys((*misspelled, *(text for error in errors for text in _told(error)))))
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
            # Only what is known is named: who pasted a secret there should not find it in a log.
            near = dict.fromkeys(found for name in instance if name not in known and (found := nearest(name, known)))
            hint = f" (did you mean {', '.join(near)}?)" if near else ""
            yield f"{where} has an unknown key{hint}; known are {', '.join(known)}."
        case "enum":
            yield f"{where} must be one of {', '.join(rule)}."
        case "type":
            yield f"{where or 'All of it'} must be of type {rule if isinstance(rule, str) else ' or '.join(rule)}."
        case "pattern" if instance == "" and schema.get("minLength"):
            return  # that it is empty is told
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
    variant = constants.index(instance[key])
    for each in error.context or ():
        if each.schema_path[0] == variant:
            yield from _told(each)
