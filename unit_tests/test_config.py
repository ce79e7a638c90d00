"""The settings: what is accepted, what they become, what is said of the others."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from airbyte_cdk.test.standard_tests._spec_lint import find_secret_marking_errors

from destination_activecampaign.config import (
    ColumnRule,
    Config,
    Constant,
    LocalStorage,
    NoStorage,
    S3Storage,
    StreamMapping,
    connection_specification,
    secrets_in,
)
from destination_activecampaign.errors import ConfigError

PROPERTIES: dict[str, Any] = connection_specification()["properties"]


def settings(**changes: Any) -> dict[str, Any]:
    """Return the two settings that everyone gives, with *changes*."""
    return {"api_url": "https://acme.api-us1.com", "api_key": "k3y-of-acme", **changes}


def s3_settings(**changes: Any) -> dict[str, Any]:
    """Return what everyone gives who keeps rejected rows in S3, with *changes*."""
    required = {"s3_bucket_name": "rows", "s3_bucket_region": "eu-central-1", "bucket_path": "a/b"}
    return {"storage_type": "S3", **required, "format": {"format_type": "JSONL"}, **changes}


def refusal(config: Any) -> str:
    """Return what the user is told about *config*."""
    with pytest.raises(ConfigError) as refused:
        Config.from_mapping(config)
    return refused.value.message


def flat(config: Config) -> dict[str, Any]:
    """Return every setting of *config* by its name."""
    parts = (config.account, config.contacts, config.events, config.pages, config.run)
    settings = {name: getattr(part, name) for part in parts for name in part.__slots__}
    return settings | {"mappings": config.mappings, "object_storage_config": asdict(config.rejected_rows)}


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
            "orders_*",
            "track",
            columns=(ColumnRule("TOTAL", "acValue"),),
            constants=(Constant("event", "Order Completed"),),
        ),
    )


def test_rejected_rows_are_not_kept_unless_it_is_asked_for() -> None:
    """The form's own choice, and that of whoever leaves it out."""
    assert Config.from_mapping(settings()).rejected_rows == NoStorage()
    assert Config.from_mapping(settings(object_storage_config={"storage_type": "None"})).rejected_rows == NoStorage()


def test_bucket_becomes_a_value() -> None:
    """Blanks and emptied fields go; names that only other connectors know are let through."""
    given = s3_settings(
        s3_bucket_name=" rows\n",
        bucket_path="",
        format={"format_type": "CSV", "flattening": "No flattening"},
        access_key_id=" id ",
        secret_access_key="secret",
        role_arn="",
        s3_endpoint=None,
        compression={"compression_type": "No Compression"},
    )
    assert Config.from_mapping(settings(object_storage_config=given)).rejected_rows == S3Storage(
        s3_bucket_name="rows",
        s3_bucket_region="eu-central-1",
        bucket_path="",
        format_type="CSV",
        access_key_id="id",
        secret_access_key="secret",
    )


def test_folder_becomes_a_value() -> None:
    """The other place for rejected rows."""
    given = {"storage_type": "Local", "path": "/local/rejected "}
    assert Config.from_mapping(settings(object_storage_config=given)).rejected_rows == LocalStorage("/local/rejected")


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
    bucket = s3_settings(access_key_id="acc3ss", secret_access_key="s3cret")
    shown = repr(Config.from_mapping(settings(event_key="ev3nt", object_storage_config=bucket)))
    assert "k3y-of-acme" not in shown
    assert "ev3nt" not in shown
    assert "acc3ss" not in shown
    assert "s3cret" not in shown


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
            (
                "mappings[0] has an unknown key; known are stream, namespace, mapping, operation, matching_key, "
                "columns, constants."
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
