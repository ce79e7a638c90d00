"""The settings: what is accepted, and what they become."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from destination_activecampaign.config import (
    ColumnRule,
    Config,
    Constant,
    LocalStorage,
    NoStorage,
    S3Storage,
    StreamMapping,
)
from destination_activecampaign.specification import connection_specification
from unit_tests.settings import s3_settings, settings

PROPERTIES: dict[str, Any] = connection_specification()["properties"]


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
    config = Config.from_mapping(settings(speed=1, colour=[]))
    assert config.unknown == ("colour", "speed")
    assert config.unknown_told == "Settings that mean nothing here: colour, speed."
    assert not Config.from_mapping(settings()).unknown_told


def test_keys_do_not_show() -> None:
    """No repr of the settings holds a secret."""
    bucket = s3_settings(access_key_id="acc3ss", secret_access_key="s3cret")
    shown = repr(Config.from_mapping(settings(event_key="ev3nt", object_storage_config=bucket)))
    assert "k3y-of-acme" not in shown
    assert "ev3nt" not in shown
    assert "acc3ss" not in shown
    assert "s3cret" not in shown
