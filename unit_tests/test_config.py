"""The settings: what is accepted, what they become, what is said of the others."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.test.standard_tests._spec_lint import find_secret_marking_errors

from destination_activecampaign.config import (
    ColumnRule,
    Config,
    Constant,
    StreamMapping,
    connection_specification,
    secrets_in,
)
from destination_activecampaign.errors import ConfigError

PROPERTIES: dict[str, Any] = connection_specification()["properties"]


def settings(**changes: Any) -> dict[str, Any]:
    """Return the two settings that everyone gives, with *changes*."""
    return {"api_url": "https://acme.api-us1.com", "api_key": "k3y-of-acme", **changes}


def refusal(config: Any) -> str:
    """Return what the user is told about *config*."""
    with pytest.raises(ConfigError) as refused:
        Config.from_mapping(config)
    return refused.value.message


def flat(config: Config) -> dict[str, Any]:
    """Return every setting of *config* by its name."""
    parts = (config.account, config.contacts, config.events, config.pages, config.run)
    return {name: getattr(part, name) for part in parts for name in part.__slots__} | {"mappings": config.mappings}


def test_every_setting_of_the_spec_is_read() -> None:
    """What the form asks for, `Config` holds under the same name, and nothing else."""
    assert set(flat(Config.from_mapping(settings()))) == set(PROPERTIES)


@pytest.mark.parametrize("name", [name for name, declared in PROPERTIES.items() if "default" in declared])
def test_default_is_the_one_that_the_form_shows(name: str) -> None:
    """A setting that is left out has the default of spec.json."""
    value = flat(Config.from_mapping(settings()))[name]
    assert (list(value) if isinstance(value, (tuple, frozenset)) else value) == PROPERTIES[name]["default"]


@pytest.mark.parametrize("name", sorted(set(PROPERTIES) - {"api_url", "api_key"}))
def test_null_is_as_good_as_left_out(name: str) -> None:
    """The API and Terraform send null for what is not set."""
    assert Config.from_mapping(settings(**{name: None})) == Config.from_mapping(settings())


def test_mapping_entry_becomes_a_value() -> None:
    """A mapping names its columns and constants; an emptied namespace is none."""
    entry = {
        "stream": "orders_*",
        "namespace": "",
        "mapping": "track",
        "columns": [{"column": "TOTAL", "field": "acValue"}],
        "constants": [{"field": "event", "value": "Order Completed"}],
    }
    assert Config.from_mapping(settings(mappings=[entry])).mappings == (
        StreamMapping(
            "orders_*", "track", None, (ColumnRule("TOTAL", "acValue"),), (Constant("event", "Order Completed"),)
        ),
    )


def test_list_ids_may_be_numbers_or_text() -> None:
    """The form gives text, the API of Airbyte often numbers."""
    assert Config.from_mapping(settings(resubscribe=["3", 4])).contacts.resubscribe == {3, 4}


def test_whole_numbers_may_be_spelled_as_floats() -> None:
    """JSON knows one kind of number; each setting gets its own."""
    run = Config.from_mapping(settings(window_rows=10.0)).run
    assert isinstance(run.window_rows, int)


def test_blanks_around_pasted_texts_go() -> None:
    """What is pasted often brings a blank or a line feed."""
    config = Config.from_mapping(settings(api_key=" k3y\n", api_url=" https://acme.api-us1.com/ "))
    assert (config.account.api_key, config.account.api_url) == ("k3y", "https://acme.api-us1.com/")


def test_unknown_setting_is_kept_to_be_told() -> None:
    """A setting of another version does not stop the sync, and is not silently without effect."""
    assert Config.from_mapping(settings(new_setting=1)).unknown == ("new_setting",)


def test_keys_do_not_show() -> None:
    """No repr of the settings holds a secret."""
    shown = repr(Config.from_mapping(settings(event_key="ev3nt")))
    assert "k3y-of-acme" not in shown
    assert "ev3nt" not in shown


def test_secrets_are_found_in_settings_that_are_wrong() -> None:
    """What must be masked is known before the settings are checked."""
    assert set(secrets_in({"api_key": " a ", "event_key": 3})) == {" a ", "a"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"api_url": "acme"}, "api_url must look like this: https://youraccount.api-us1.com."),
        ({"api_url": "http://acme.api-us1.com"}, "api_url must look like this: https://youraccount.api-us1.com."),
        ({"api_key": "two words"}, "api_key must look like this: one word without blanks inside."),
        ({"api_key": {"secret": "x"}}, "api_key must be of type string."),
        ({"null_values": "drop"}, "null_values must be one of keep, clear."),
        ({"requests_per_second": 0}, "requests_per_second must be at least 0.1."),
        ({"requests_per_second": 101}, "requests_per_second must be at most 100."),
        ({"window_rows": 1.5}, "window_rows must be of type integer."),
        ({"dry_run": "yes"}, "dry_run must be of type boolean."),
        ({"resubscribe": ["Newsletter"]}, "resubscribe[0] must look like this: a list id, digits only."),
        ({"resubscribe": ["1", "1"]}, "resubscribe names something twice."),
        ({"create_missing_fields": [""]}, "create_missing_fields[0] must not be empty."),
        ({"mappings": [{"mapping": "track"}]}, "mappings[0].stream is missing."),
        (
            {"mappings": [{"stream": "a", "mapping": "group"}]},
            "mappings[0].mapping must be one of identify, track, page, ignore.",
        ),
        (
            {"mappings": [{"stream": "a", "mapping": "track", "column": []}]},
            "mappings[0] has an unknown key; known are stream, namespace, mapping, columns, constants.",
        ),
        (
            {"mappings": [{"stream": "a", "mapping": "track", "columns": [{"column": "x"}]}]},
            "mappings[0].columns[0].field is missing.",
        ),
    ],
)
def test_wrong_setting_is_named_with_what_is_allowed(changes: dict[str, Any], told: str) -> None:
    """The message has the path and the rule."""
    assert refusal(settings(**changes)) == f"Check the settings. {told}"


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Nobody has to try again for each setting."""
    assert refusal({"dry_run": 1}) == (
        "Check the settings. api_url is missing. api_key is missing. dry_run must be of type boolean."
    )


@pytest.mark.parametrize("name", sorted(PROPERTIES))
@pytest.mark.parametrize("wrong", ["s3cr3t value", ["s3cr3t value"], {"s3cr3t": "s3cr3t"}])
def test_value_is_never_told(name: str, wrong: object) -> None:
    """A secret pasted into the wrong setting is not shown either."""
    try:
        Config.from_mapping(settings(**{name: wrong}))
    except ConfigError as error:
        assert "s3cr3t" not in error.message  # noqa: PT017 - some of these values are right


def test_secrets_are_marked_as_airbyte_wants() -> None:
    """The lint of the CDK's standard tests finds nothing."""
    assert find_secret_marking_errors(connection_specification()) == []


def test_every_setting_can_be_drawn() -> None:
    """The form has a title, a text, a group and a place of its own for each setting."""
    groups = {group["id"] for group in connection_specification()["groups"]}
    assert all(declared["title"] and declared["description"].endswith(".") for declared in PROPERTIES.values())
    assert {declared["group"] for declared in PROPERTIES.values()} == groups
    assert sorted(declared["order"] for declared in PROPERTIES.values()) == list(range(len(PROPERTIES)))


@pytest.mark.parametrize("name", [name for name, declared in PROPERTIES.items() if "examples" in declared])
def test_examples_are_accepted(name: str) -> None:
    """What the form proposes is right."""
    for example in PROPERTIES[name]["examples"]:
        Config.from_mapping(settings(**{name: example}))
