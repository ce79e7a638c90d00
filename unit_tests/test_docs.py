"""The documents and the sample say what the code does."""

from __future__ import annotations

import ast
import json
import re
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from destination_activecampaign.config import Config, connection_specification
from destination_activecampaign.mappings.identify_targets import INPUTS, RESERVED

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "destination_activecampaign"
EXAMPLES = ROOT / "examples"
README = (ROOT / "README.md").read_text("utf-8")
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


def test_sample_is_what_makes_it() -> None:
    """The committed files are those that make_sample.py writes."""
    made: dict[str, str] = runpy.run_path(str(EXAMPLES / "make_sample.py"))["files"]()
    assert set(made) == {path.name for path in EXAMPLES.iterdir() if path.suffix in {".json", ".jsonl"}}
    different = [name for name, text in made.items() if (EXAMPLES / name).read_text("utf-8") != text]
    assert different == [], "run examples/make_sample.py"


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
