"""The documents and the sample say what the code does."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from destination_activecampaign.api.account import Directory, Field
from destination_activecampaign.config import Config
from destination_activecampaign.mappings import schemas
from destination_activecampaign.mappings.identify_targets import INPUTS, RESERVED
from destination_activecampaign.rejected_rows.rows import PREFIX, WHOLE_RECORD
from destination_activecampaign.rejected_rows.rows import RESERVED as RESERVED_KEYS
from destination_activecampaign.specification import connection_specification
from destination_activecampaign.version import __version__
from examples import make_sample

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "destination_activecampaign"
EXAMPLES = ROOT / "examples"
README = (ROOT / "README.md").read_text("utf-8")
PAGE = (ROOT / "docs" / "activecampaign.md").read_text("utf-8")
"""The page in the shape of Airbyte's documentation."""

REJECTED_ROWS = (ROOT / "docs" / "rejected-rows.md").read_text("utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

SECTIONS = {
    "RecordRejected": "Rejected rows",
    "Rejected": "Rejected rows",
    "PartRefused": "Parts that are left out of rows that are written",
    "Skipped": "Rows that are skipped on purpose",
}


def section(text: str, title: str) -> str:
    """Return what stands under a heading, up to the next of its level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the tables in *text*, without their headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [cells for place, cells in enumerate(table) if place > 1]


def code(cell: str) -> str:
    """Return what a cell holds in backticks, or nothing."""
    found = re.match(r"`([^`]+)`", cell)
    return found[1] if found else ""


@cache
def trees() -> tuple[ast.Module, ...]:
    """Return the connector's modules, parsed."""
    return tuple(ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py")))


def text_of(node: ast.expr) -> str | None:
    """Return a text in the source, with what a format string fills in as a star; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    return None


def reasons_in_source() -> dict[str, set[str]]:
    """Return the reason codes that the source gives rows, by the section of the document that tells about them."""
    found: dict[str, set[str]] = {}
    for tree in trees():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in SECTIONS
                and node.args
            ):
                reason = text_of(node.args[0])
                if reason is not None:
                    found.setdefault(SECTIONS[node.func.id], set()).add(reason)
    return found


@pytest.mark.parametrize("title", sorted(set(SECTIONS.values())))
def test_every_reason_is_explained(title: str) -> None:
    """docs/rejected-rows.md has each reason code of the source, in the right table, and no other."""
    told = [code(cells[0]) for cells in rows(section(REJECTED_ROWS, title))]
    assert len(told) == len(set(told))
    assert set(told) == reasons_in_source()[title]


def test_every_key_of_a_kept_row_is_explained() -> None:
    """The table has each that the connector adds to a row."""
    told = {key for cells in rows(section(REJECTED_ROWS, "What is kept of a row")) for key in cells[0].split(", ")}
    assert told == {f"`{key}`" for key in (*RESERVED_KEYS, f"{PREFIX}...", WHOLE_RECORD)}


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    """The table has the settings of spec.json, in its order, with its defaults."""
    properties: dict[str, Any] = connection_specification()["properties"]
    declared = [
        (name, "" if "default" not in schema else shown(schema["default"]))
        for name, schema in sorted(properties.items(), key=lambda item: item[1]["order"])
    ]
    told = [(code(cells[0]), code(cells[1])) for cells in rows(section(README, "Settings"))]
    assert told == declared


def shown(default: object) -> str:
    """Return a default as the table writes it."""
    return default if isinstance(default, str) else json.dumps(default)


def test_keys_of_a_mapping_entry_are_in_the_readme() -> None:
    """Each key of an entry of `mappings` has a row, and the example is a valid setting."""
    entry = connection_specification()["properties"]["mappings"]["items"]["properties"]
    table = section(README, "Set it up in Airbyte").partition("### An entry of `mappings`")[2]
    assert [code(cells[0]) for cells in rows(table)] == list(entry)
    example = re.search(r"```json\n(.*?)```", table, re.DOTALL)
    assert example is not None
    settings = {"api_url": "https://a.api-us1.com", "api_key": "k", "mappings": [json.loads(example[1])]}
    assert Config.from_mapping(settings).mappings[0].stream == "orders_*"


def test_inputs_of_identify_are_in_the_readme() -> None:
    """Each input has a place in the table; reserved traits are all named."""
    told = section(README, "Mappings").partition("### track")[0]
    assert all(f"`{name}`" in told for name in INPUTS)
    named = re.search(r"reserved traits \((.*?)\)", told, re.DOTALL)
    assert named is not None
    assert {name.strip().lower() for name in named[1].split(",")} == RESERVED


def test_messages_of_the_troubleshooting_table_exist() -> None:
    """Each message that the table explains is part of a text in the source."""
    texts = [
        text for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.expr) if (text := text_of(node))
    ]
    messages = [code(cells[0]) for cells in rows(section(README, "Troubleshooting"))]
    assert messages
    assert [message for message in messages if not any(message in text for text in texts)] == []


def anchors(text: str) -> set[str]:
    """Return how links call the headings of a document."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_headings_that_documents_link_to_exist(document: Path) -> None:
    """Within a document, and in another."""
    links = re.findall(r"\]\(([^)#:]*)#([^)]+)\)", document.read_text("utf-8"))
    missing = [
        (name, heading)
        for name, heading in links
        if heading not in anchors((document.parent / name if name else document).read_text("utf-8"))
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_documents_name_exist(document: Path) -> None:
    """Links lead to files, and scripts are there."""
    text = document.read_text("utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)]
    assert [link for link in links if link and "://" not in link and not (document.parent / link).exists()] == []
    assert [name for name in re.findall(r"\./(scripts/\w+)", text) if not (ROOT / name).exists()] == []


def test_modules_that_the_architecture_names_exist() -> None:
    """A module in docs/architecture.md is a file of the package."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`(?:\w+/)*(\w+\.py)`", text))
    present = {
        path.name for folder in (PACKAGE, ROOT / "scripts", ROOT / "unit_tests") for path in folder.rglob("*.py")
    }
    assert named - present == set()


def test_every_module_has_its_place_in_the_architecture() -> None:
    """A module of the package is named in docs/architecture.md; how a package begins is not."""
    named = set(re.findall(r"`(?:\w+/)*(\w+\.py)`", (ROOT / "docs" / "architecture.md").read_text("utf-8")))
    modules = {path.name for path in PACKAGE.rglob("*.py") if not path.name.startswith("__")}
    assert sorted(modules - named) == []


def test_sample_is_what_makes_it() -> None:
    """The committed files are those that make_sample.py writes."""
    made = make_sample.files()
    assert set(made) == {path.name for path in EXAMPLES.iterdir() if path.suffix in {".json", ".jsonl"}}
    different = [name for name, text in made.items() if (EXAMPLES / name).read_text("utf-8") != text]
    assert different == [], "run python -m examples.make_sample"


def test_sample_settings_are_valid_with_what_the_demo_adds() -> None:
    """URL and keys are the emulator's; nothing of the sample's own is a secret."""
    settings = json.loads((EXAMPLES / "config.json").read_text("utf-8"))
    assert not {"api_url", "api_key", "event_key", "tracking_url"} & settings.keys()
    assert Config.from_mapping({**settings, "api_url": "http://127.0.0.1:1", "api_key": "k"}).unknown == ()


def test_sample_names_nobody() -> None:
    """Every address of the sample is at a domain that is kept for examples."""
    for name in ("messages.jsonl", "account.json"):
        text = (EXAMPLES / name).read_text("utf-8")
        assert set(re.findall(r"@([\w.-]+)", text.lower())) <= {"example.com", "example.org", "example.net"}


# the page for Airbyte's documentation


def test_page_has_the_sections_of_airbytes_destinations() -> None:
    """Airbyte's readers look for these, in this order."""
    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE) == [
        "Prerequisites",
        "Setup guide",
        "Supported sync modes",
        "Supported objects",
        "Rejected records",
        "Limits and speed",
        "Troubleshooting",
        "Namespace support",
        "Changelog",
    ]


def test_page_is_of_the_connector_that_metadata_describes() -> None:
    """Airbyte's site finds its data by this."""
    metadata = yaml.safe_load((ROOT / "metadata.yaml").read_text("utf-8"))["data"]
    assert PAGE.startswith(f"---\ndockerRepository: {metadata['dockerRepository']}\n---\n\n# {metadata['name']}\n")


def test_page_has_the_versions_of_the_changelog() -> None:
    """The newest first, which is this one."""
    told = [cells[0] for cells in rows(section(PAGE, "Changelog"))]
    released = re.findall(r"^## \[(\d[^]]*)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert told == released
    assert told[0] == __version__


def test_sync_modes_of_the_page_are_those_of_the_spec() -> None:
    """The registry asks for a row for each of the five; a mode's last part is what the destination does."""
    declared = json.loads((ROOT / "spec.json").read_text("utf-8"))["supported_destination_sync_modes"]
    names = {"Append": "append", "Append + Deduped": "append_dedup", "Overwrite": "overwrite"}
    names |= {"Overwrite + Deduped": "overwrite_dedup"}
    told = {
        cells[0].partition("]")[0].strip("["): cells[1].strip("| ")
        for cells in rows(section(PAGE, "Supported sync modes"))
    }
    assert told == {
        mode: "Yes" if names[mode.partition(" - ")[2]] in declared else "No"
        for mode in (
            "Full Refresh - Overwrite",
            "Full Refresh - Append",
            "Full Refresh - Overwrite + Deduped",
            "Incremental Sync - Append",
            "Incremental Sync - Append + Deduped",
        )
    }


def test_objects_of_the_page_are_those_that_discover_publishes() -> None:
    """With a field for the external id, so that all matching keys are there."""
    words = {"append": "Insert", "append_dedup": "Upsert", "update": "Update", "soft_delete": "Soft delete"}
    account = Directory(fields=(Field(7, "External id", "text", "EXTERNAL_ID"),), lists=(), tags={}, tag_ids={})
    published = [
        [
            f"`{each['object_name']}`",
            f"`{each['sync_mode']}`",
            words[each["sync_mode"]],
            ", ".join(f"`{key}`" for (key,) in each.get("matching_keys", ())),
        ]
        for each in schemas.operations(account, 7)
    ]
    assert [[cell.strip("| ") for cell in cells] for cells in rows(section(PAGE, "Supported objects"))] == published


def test_names_on_the_page_mean_something() -> None:
    """Each word in backticks with a line below is a setting, one of its values, a reason, or of the protocol."""
    known = {"append_dedup", "soft_delete", "page_view", "rejected_reason", "rejected_field", "rejected_message"}
    known |= set.union(*reasons_in_source().values())
    for name, schema in connection_specification()["properties"].items():
        known |= {name, *(value for value in schema.get("enum", ()) if isinstance(value, str))}
    assert {name for name in re.findall(r"`(\w+)`", PAGE) if "_" in name} - known == set()


def test_settings_that_the_page_tells_where_to_find_exist() -> None:
    """By their title in the form, and their name."""
    properties = connection_specification()["properties"]
    told = re.findall(r"^\| (.+) \(`(\w+)`\) \|", section(PAGE, "Setup guide"), re.MULTILINE)
    assert [name for _, name in told] == ["api_url", "api_key", "event_key", "actid"]
    assert [title for title, _ in told] == [properties[name]["title"] for _, name in told]


def test_troubleshooting_of_the_page_is_a_part_of_the_readme_s() -> None:
    """Word for word, so that only one has to be kept true."""
    told = rows(section(PAGE, "Troubleshooting"))
    assert told
    assert [row for row in told if row not in rows(section(README, "Troubleshooting"))] == []
