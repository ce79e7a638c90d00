"""What `spec.json` declares, and what is said of settings that are not as it says."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.test.standard_tests._spec_lint import find_secret_marking_errors

from destination_activecampaign.config import Config
from destination_activecampaign.errors import ConfigError
from destination_activecampaign.specification import connection_specification, secrets_in
from unit_tests.settings import refusal, s3_settings, settings

PROPERTIES: dict[str, Any] = connection_specification()["properties"]


def test_secrets_are_found_in_settings_that_are_wrong() -> None:
    """What must be masked is known before the settings are checked."""
    assert set(secrets_in({"api_key": " a ", "event_key": 3})) == {" a ", "a"}
    bucket = {"storage_type": "None", "access_key_id": "", "secret_access_key": "s"}
    assert set(secrets_in({"object_storage_config": bucket})) == {"s"}
    assert secrets_in({"object_storage_config": "s"}) == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"api_url": "acme"}, "api_url must look like this: https://youraccount.api-us1.com."),
        ({"api_url": "http://acme.api-us1.com"}, "api_url must look like this: https://youraccount.api-us1.com."),
        ({"api_key": ""}, "api_key must not be empty."),
        ({"api_key": " "}, "api_key must look like this: one word without blanks inside."),
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
            {"mappings": [{"stream": "a", "mapping": "track", "hat": []}]},
            (
                "mappings[0] has an unknown key; known are stream, namespace, mapping, operation, matching_key, "
                "columns, constants."
            ),
        ),
        (
            {"mappings": [{"stream": "a", "mapping": "track", "colums": [], "Operation": "x", "s3cret": 1}]},
            (
                "mappings[0] has an unknown key (did you mean columns, operation?); known are stream, namespace, mapping, "
                "operation, matching_key, columns, constants."
            ),
        ),
        (
            {"mappings": [{"stream": "a", "mapping": "track", "columns": [{"column": "x"}]}]},
            "mappings[0].columns[0].field is missing.",
        ),
        ({"object_storage_config": "S3"}, "object_storage_config must be of type object."),
        ({"object_storage_config": {}}, "object_storage_config.storage_type must be one of None, S3, Local."),
        (
            {"object_storage_config": {"storage_type": "GCS"}},
            "object_storage_config.storage_type must be one of None, S3, Local.",
        ),
        ({"object_storage_config": {"storage_type": "Local"}}, "object_storage_config.path is missing."),
        (
            {"object_storage_config": {"storage_type": "Local", "path": "rows"}},
            "object_storage_config.path must look like this: /local/rejected.",
        ),
        (
            {
                "object_storage_config": {
                    "storage_type": "S3",
                    "s3_bucket_region": "",
                    "format": {"format_type": "Avro"},
                }
            },
            (
                "object_storage_config.s3_bucket_name is missing. object_storage_config.bucket_path is missing. "
                "object_storage_config.format.format_type must be one of JSONL, CSV."
            ),
        ),
        (
            {"object_storage_config": s3_settings(bucket_path="p" * 401)},
            "object_storage_config.bucket_path must have at most 400 characters.",
        ),
        (
            {"object_storage_config": s3_settings(s3_endpoint="file:///etc")},
            "object_storage_config.s3_endpoint must look like this: https://minio.example.com:9000.",
        ),
        (
            {"object_storage_config": s3_settings(s3_endpoint="https://user:pass@minio")},
            "object_storage_config.s3_endpoint must look like this: https://minio.example.com:9000.",
        ),
    ],
)
def test_wrong_setting_is_named_with_what_is_allowed(changes: dict[str, Any], told: str) -> None:
    """The message has the path and the rule."""
    assert refusal(settings(**changes)) == f"Check the settings. {told}"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("dry_runn", "dry_run"),
        ("dryRun", "dry_run"),
        ("run_automation", "run_automations"),
        ("resubscibe", "resubscribe"),
    ],
)
def test_a_misspelled_setting_is_refused(name: str, near: str) -> None:
    """Without it the sync would do what its user wanted to prevent."""
    assert refusal(settings(**{name: False})) == f"Check the settings. {name} is no setting (did you mean {near}?)."


def test_a_misspelled_setting_is_told_before_what_it_leaves_out() -> None:
    """It may be why."""
    given = {"api_url": "https://acme.api-us1.com", "api_keyy": "k", "colour": 1}
    assert refusal(given) == "Check the settings. api_keyy is no setting (did you mean api_key?). api_key is missing."


def test_a_misspelled_setting_without_a_value_is_none() -> None:
    """The API sends null for what the form leaves out."""
    assert Config.from_mapping(settings(dry_runn=None)).unknown == ()


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


def test_every_choice_of_storage_can_be_drawn() -> None:
    """The form tells the choices apart by one constant, and has a place of its own for each of their settings."""
    choices = PROPERTIES["object_storage_config"]["oneOf"]
    assert [choice["properties"]["storage_type"]["const"] for choice in choices] == ["None", "S3", "Local"]
    for choice in choices:
        declared = choice["properties"]
        assert choice["title"]
        assert set(choice["required"]) <= set(declared)
        assert [each["order"] for each in declared.values()] == list(range(len(declared)))
        assert all(each["title"] and each.get("description", "const.").endswith(".") for each in declared.values())
        for name, each in declared.items():
            for example in each.get("examples", ()):
                const = declared["storage_type"]["const"]
                given = {**s3_settings(), "path": "/x", name: example, "storage_type": const}
                Config.from_mapping(settings(object_storage_config=given))


@pytest.mark.parametrize("name", [name for name, declared in PROPERTIES.items() if "examples" in declared])
def test_examples_are_accepted(name: str) -> None:
    """What the form proposes is right."""
    for example in PROPERTIES[name]["examples"]:
        Config.from_mapping(settings(**{name: example}))
