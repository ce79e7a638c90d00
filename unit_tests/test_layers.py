"""Imports point down only, and only one module writes to standard output."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "destination_activecampaign"
EMULATOR = ROOT / "activecampaign_emulator"

EVERYWHERE = {"addresses", "errors", "nearest", "version", "within"}
MAY_IMPORT = {
    "api": EVERYWHERE,
    "mappings": EVERYWHERE | {"api"},
    "sync": EVERYWHERE | {"mappings", "messages", "rejected_rows"},
    "protocol": EVERYWHERE | {"messages"},
    "rejected_rows": EVERYWHERE,
    "config": EVERYWHERE | {"specification"},
    "console": EVERYWHERE,
    "specification": EVERYWHERE,
    "addresses": set[str](),
    "errors": set[str](),
    "messages": set[str](),
    "nearest": set[str](),
    "version": set[str](),
    "within": set[str](),
}
"""What each layer and each shared module may import; the other modules beside `destination` put the layers together."""

CLOCK = "destination_activecampaign.api.clock."
"""Time is an argument everywhere: what a clock is may be known by every layer."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def layer_of(module: Path) -> str:
    """Return the part of the package that *module* belongs to."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(module: Path) -> set[str]:
    """Return the dotted names that *module* imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: a relative import, which this test does not see"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def parts(names: set[str], package: str) -> set[str]:
    """Return the parts of *package* among dotted *names*."""
    return {name.split(".")[1] for name in names if name.startswith(f"{package}.")}


@pytest.mark.parametrize(
    "module",
    [module for module in MODULES if layer_of(module) in MAY_IMPORT],
    ids=lambda module: str(module.relative_to(PACKAGE)),
)
def test_imports_point_down(module: Path) -> None:
    """A layer knows those below it, and none knows what puts them together."""
    layer = layer_of(module)
    names = {name for name in imported(module) if not name.startswith(CLOCK)}
    assert parts(names, PACKAGE.name) <= MAY_IMPORT[layer] | {layer}


def test_no_layer_escapes_the_rule() -> None:
    """Every folder of the package is a layer with a rule."""
    assert {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()} <= set(MAY_IMPORT)


def test_connector_and_emulator_share_nothing() -> None:
    """A mistake that both made would not be seen."""
    assert not any(parts(imported(module), EMULATOR.name) for module in MODULES)
    assert not any(parts(imported(module), PACKAGE.name) for module in EMULATOR.rglob("*.py"))


def writes_to_stdout(module: Path) -> bool:
    """Return whether *module* prints, or names standard output."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="print")):
                return True
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "__stdout__"):
                return True
            case ast.Attribute(value=ast.Name(id="os"), attr="write"):
                return True
    return False


def test_only_the_emitter_writes_to_standard_output() -> None:
    """A line that is no message would be read as one. `run` writes one before there is an emitter: when told to stop."""
    assert [module.name for module in MODULES if writes_to_stdout(module)] == ["emitter.py", "run.py"]


def test_only_one_package_needs_boto3() -> None:
    """It is an extra: whoever keeps no rows in S3 does without."""
    needs = {
        module for module in MODULES if {name.partition(".")[0] for name in imported(module)} & {"boto3", "botocore"}
    }
    assert {str(module.relative_to(PACKAGE)) for module in needs} == {
        "rejected_rows/s3_client.py",
        "rejected_rows/s3_errors.py",
    }
