"""What the package, the image and the registry's entry say, and that they say the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from importlib.metadata import requires
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

import destination_activecampaign
from destination_activecampaign.destination import DestinationActiveCampaign
from destination_activecampaign.version import __version__

ROOT = Path(__file__).parent.parent
METADATA: dict[str, Any] = yaml.safe_load((ROOT / "metadata.yaml").read_text("utf-8"))["data"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SPEC: dict[str, Any] = json.loads((ROOT / "spec.json").read_text("utf-8"))


def setup_says(what: str) -> str:
    """Return what setup.py answers to *what*."""
    command = [sys.executable, "setup.py", "--quiet", what]
    return subprocess.run(  # noqa: S603 - our own interpreter and file
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()


def test_version_is_the_same_everywhere() -> None:
    """Package, registry and changelog speak of one version, a semantic one."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert setup_says("--version") == __version__
    assert METADATA["dockerImageTag"] == __version__
    newest = re.search(r"^## \[(\d[^]]*)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__


def test_image_s_tag_in_the_readme_is_this_version() -> None:
    """Whoever follows it builds and adds what is here."""
    told = re.findall(r"destination-activecampaign:(\S+)", (ROOT / "README.md").read_text("utf-8"))
    assert len(told) == 3
    assert set(told) == {__version__}


def test_spec_at_the_top_is_the_package_s() -> None:
    """There is one spec.json, and a link to it."""
    link = ROOT / "spec.json"
    assert link.is_symlink()
    assert link.resolve() == ROOT / "destination_activecampaign" / "spec.json"
    assert not Path(link.readlink()).is_absolute()


def test_spec_offers_what_the_connector_does() -> None:
    """`overwrite` would delete an account's contacts: it is not offered."""
    assert SPEC["supported_destination_sync_modes"] == ["append", "append_dedup"]
    assert SPEC["supportsIncremental"] is True


@pytest.mark.parametrize(
    "key",
    [
        "ab_internal",
        "allowedHosts",
        "connectorBuildOptions",
        "connectorTestSuitesOptions",
        "externalDocumentationUrls",
        "githubIssueLabel",
        "name",
        "registryOverrides",
        "releaseDate",
        "releaseStage",
        "remoteRegistries",
        "resourceRequirements",
        "supportLevel",
        "supportsRefreshes",
    ],
)
def test_metadata_has_what_the_registry_asks_for(key: str) -> None:
    """A key that the registry's checks look for is there."""
    assert key in METADATA


def test_metadata_describes_a_python_destination() -> None:
    """The platform chooses forms and runners by these."""
    assert METADATA["connectorType"] == "destination"
    assert METADATA["connectorSubtype"] == "api"
    assert METADATA["supportsDataActivation"] is True
    assert METADATA["tags"] == ["language:python", "cdk:python"]
    assert uuid.UUID(METADATA["definitionId"]).version == 4
    assert METADATA["dockerRepository"].endswith(f"/{METADATA['githubIssueLabel']}")


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="airbyte-connector-models takes no Python 3.13 yet")
def test_metadata_is_what_airbytes_registry_takes() -> None:
    """Airbyte's own model of the file, which its checks load, takes all of it and knows every key."""
    from airbyte_connector_models.metadata.v0 import (  # noqa: PLC0415 - not there for Python 3.13
        connector_metadata_definition_v0 as registry,
    )

    read = registry.ConnectorMetadataDefinitionV0.model_validate(
        yaml.safe_load((ROOT / "metadata.yaml").read_text("utf-8"))
    )
    assert read.data.docker_image_tag == __version__


def test_every_host_that_settings_name_is_allowed() -> None:
    """Where the platform lets a connector reach only its `allowedHosts`, each must be in them: `${setting}`, or its default."""
    hosts = METADATA["allowedHosts"]["hosts"]
    properties = SPEC["connectionSpecification"]["properties"]
    s3 = next(kind for kind in properties["object_storage_config"]["oneOf"] if kind["title"] == "S3")
    addresses = [name for name in properties if name.endswith("_url")]
    addresses += [f"object_storage_config.{name}" for name in s3["properties"] if name.endswith("_endpoint")]
    assert len(addresses) == 3
    assert {f"${{{name}}}" for name in addresses} | {"trackcmp.net", "*.amazonaws.com"} == set(hosts)
    assert properties["tracking_url"]["default"] == "https://trackcmp.net"


def test_all_urls_are_https() -> None:
    """The registry takes no other."""
    urls = [SPEC["documentationUrl"], METADATA["documentationUrl"]]
    urls += [page["url"] for page in METADATA["externalDocumentationUrls"]]
    assert all(url.startswith("https://") for url in urls)
    assert SPEC["documentationUrl"] == METADATA["documentationUrl"]


def test_no_address_but_this_machines_is_unencrypted() -> None:
    """What a connector sends is personal; the registry looks for such addresses too. Two hosts are names, not addresses."""
    files = [path for pattern in ("*.md", "*.yaml", "*.py", "Dockerfile", "docs/*") for path in ROOT.glob(pattern)]
    files += [path for path in (ROOT / "destination_activecampaign").rglob("*") if path.suffix in {".py", ".json"}]
    found = {host for path in files for host in re.findall(r"http://([\w.-]+)", path.read_text("utf-8"))}
    assert found <= {"localhost", "127.0.0.1", "json-schema.org", "www.w3.org"}


def test_licence_is_the_same_everywhere() -> None:
    """Package, registry and file name one licence."""
    assert METADATA["license"] == "MIT"
    assert setup_says("--license") == "MIT"
    assert (ROOT / "LICENSE").read_text("utf-8").startswith("MIT License")


def test_icon_is_square() -> None:
    """The registry shows it in a square."""
    assert METADATA["icon"] == "icon.svg"
    icon = ET.parse(ROOT / METADATA["icon"]).getroot()  # noqa: S314 - our own file
    assert icon.get("width") == icon.get("height")
    assert len(set((icon.get("viewBox") or "").split()[2:])) == 1


def test_image_is_built_on_the_base_that_metadata_names() -> None:
    """The base is pinned by its digest, once for all."""
    base = METADATA["connectorBuildOptions"]["baseImage"]
    assert "@sha256:" in base
    assert f"FROM {base} AS base" in DOCKERFILE


def test_image_does_not_run_as_root() -> None:
    """The last user is Airbyte's."""
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)[-1] == "airbyte"


def test_dockerfile_is_what_hadolint_takes() -> None:
    """Where it is not, the Dockerfile says why."""
    ran = subprocess.run(  # noqa: S603 - a development dependency
        [Path(sys.executable).parent / "hadolint", "--no-color", ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout) == (0, "")


def test_image_installs_first_what_the_package_requires() -> None:
    """Else the layer that is meant to stay the same would not hold all of it."""
    first = re.search(r"--constraint constraints.txt ([\w -]+)$", DOCKERFILE, re.MULTILINE)
    assert first is not None
    needed = requires("destination-activecampaign") or []
    names = {re.split(r"[^\w-]", each)[0] for each in needed if "extra ==" not in each or each.endswith('"s3"')}
    assert set(first[1].split()) == names


def test_image_is_built_of_files_that_are_there() -> None:
    """What the Dockerfile copies exists, and .dockerignore lets it through."""
    copied = [name for line in re.findall(r"^COPY ([^-].*)$", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]]
    let_through = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert copied
    assert all((ROOT / name).exists() and f"!{name}" in let_through for name in copied)


def test_constraints_pin_every_package_and_name_no_host() -> None:
    """Each line is a package and its one version."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+]+|# .*", line) for line in lines)
    assert {"airbyte-cdk", "jsonschema", "orjson", "requests"} <= {line.partition("==")[0] for line in lines}


def test_connector_is_found_by_the_package_s_name() -> None:
    """`airbyte-cdk connector test` looks for the class in the package, by a name made of the folder's, in any case."""
    (name,) = (name for name in dir(destination_activecampaign) if name.lower() == "destinationactivecampaign")
    assert getattr(destination_activecampaign, name) is DestinationActiveCampaign


def test_package_alone_imports_little() -> None:
    """SIGTERM must be heard before the CDK, which takes a second, is imported."""
    code = "import sys, destination_activecampaign; sys.exit('airbyte_cdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60).returncode == 0  # noqa: S603
