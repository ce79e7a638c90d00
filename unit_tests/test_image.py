"""What the Dockerfile's steps make: run for real, with the Python that runs the tests, in a folder of their own."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit_tests.image_build import ROOT, Image, instructions

NOT_IN_THE_IMAGE = (
    "activecampaign_emulator",
    "acceptance_tests",
    "benchmarks",
    "integration_tests",
    "moto",
    "pip",
    "pytest",
    "unit_tests",
    "werkzeug",
)
IMPORT_ALL = """
import importlib, pkgutil
import boto3
import destination_activecampaign
for module in pkgutil.walk_packages(destination_activecampaign.__path__, "destination_activecampaign."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(boto3.__version__)
"""
FOUND = "import importlib.util, sys; print([name for name in sys.argv[1:] if importlib.util.find_spec(name)])"
INSTALLED = (
    "from importlib.metadata import distributions as d; print(*(f'{x.name}=={x.version}' for x in d()), sep='\\n')"
)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Build it once, and leave nothing of its 300 MB."""
    built = Image(tmp_path_factory.mktemp("image"))
    try:
        built.build()
        yield built
    finally:
        shutil.rmtree(built.root)


def files_of(image: Image) -> Iterator[Path]:
    """Yield what the last stage has: the folder that it copies."""
    yield from image.place("/opt/connector").rglob("*")


def test_instructions_are_read_without_comments_and_line_breaks() -> None:
    """What the other tests of this file stand on."""
    text = "# c\nFROM a AS b\nRUN one \\\n    # c\n    && two\nENV A=1 \\\n    B=2\n"
    assert instructions(text) == [("FROM", "a AS b"), ("RUN", "one && two"), ("ENV", "A=1 B=2")]


def test_command_starts_and_tells_spec(image: Image) -> None:
    """In an empty folder, with the image's environment and no other."""
    ran = image.start("spec")
    assert ran.returncode == 0, ran.stderr
    [spec] = [message["spec"] for message in map(json.loads, ran.stdout.splitlines()) if message["type"] == "SPEC"]
    declared = json.loads((ROOT / "spec.json").read_text("utf-8"))
    assert {key: spec.get(key) for key in declared} == declared


def test_platform_starts_what_docker_starts(image: Image) -> None:
    """The workload runner reads AIRBYTE_ENTRYPOINT; lines must not wait in a buffer."""
    assert image.environment["AIRBYTE_ENTRYPOINT"].split() == image.entrypoint
    assert image.environment["PYTHONUNBUFFERED"] == "1"


def test_every_module_can_be_imported(image: Image) -> None:
    """Those for S3 too: whoever adds the image to Airbyte cannot install an extra."""
    ran = image.start("-c", IMPORT_ALL, python=True)
    assert ran.returncode == 0, ran.stderr
    assert re.fullmatch(r"1\.\d+\.\d+\n", ran.stdout)


def test_nothing_is_in_it_that_only_tests_need(image: Image) -> None:
    """No emulator, no tests, ours or others', and nothing to install more with."""
    assert image.start("-c", FOUND, *NOT_IN_THE_IMAGE, python=True).stdout == "[]\n"
    assert [path for path in files_of(image) if path.is_dir() and path.name in {"tests", "unit_tests"}] == []


def test_every_package_is_the_pinned_one(image: Image) -> None:
    """An image that is built again next year is the same."""
    pinned = {line.lower().replace("_", "-") for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()}
    installed = image.start("-c", INSTALLED, python=True).stdout.lower().replace("_", "-").split()
    assert "boto3" in {line.partition("==")[0] for line in installed}
    assert [
        line for line in installed if line not in pinned and not line.startswith("destination-activecampaign==")
    ] == []


def test_another_user_can_read_it(image: Image) -> None:
    """It is made by root and run by `airbyte`."""
    for path in files_of(image):
        if not path.is_symlink():
            needed = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
            assert path.stat().st_mode & needed == needed, path
    assert image.place(image.entrypoint[0]).stat().st_mode & stat.S_IXOTH
