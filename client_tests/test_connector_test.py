"""`airbyte-cdk connector test`, the command of Airbyte's maintainers, as far as it needs no Docker."""

from __future__ import annotations

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import ExitStack
from pathlib import Path

from acceptance_tests import configs

ROOT = Path(__file__).parent.parent
SCENARIOS = 6


def test_connector_test_passes(tmp_path: Path) -> None:
    """`check` runs in every scenario and `spec` in all but the one that the spec refuses; nothing fails."""
    # The command takes the connector's name from its folder's, and a clone may be named otherwise.
    folder = tmp_path / "destination-activecampaign"
    folder.mkdir()
    for name in ("metadata.yaml", "acceptance-test-config.yml"):
        shutil.copy(ROOT / name, folder)
    with ExitStack() as stack:
        configs.lend_accounts(stack)
        shutil.copytree(configs.FOLDER, folder / "acceptance_tests" / "configs")
        command = [str(Path(sys.executable).with_name("airbyte-cdk")), "connector", "test", str(folder)]
        # The image's tests build it.
        only = ["--pytest-arg=-m", "--pytest-arg=not image_tests"]
        done = subprocess.run([*command, *only], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (suite,) = ET.parse(folder / "build" / "test-results" / "standard-tests-junit.xml").getroot()  # noqa: S314 - our own
    assert {key: int(suite.attrib[key]) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": 2 * SCENARIOS,
        "failures": 0,
        "errors": 0,
        "skipped": 1,
    }
