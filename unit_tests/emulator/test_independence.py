"""The emulator shares no code with the connector: a shared mistake would cancel out."""

import ast
from pathlib import Path

import activecampaign_emulator

ALLOWED = {"activecampaign_emulator", "werkzeug"}


def imported(module: Path) -> set[str]:
    """Give the first names of what a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
    return names


def test_it_imports_only_itself_werkzeug_and_the_standard_library() -> None:
    """Held by its source, not by memory."""
    import sys  # noqa: PLC0415 - only the names are wanted

    folder = Path(activecampaign_emulator.__file__).parent
    found = set[str]().union(*(imported(module) for module in folder.rglob("*.py")))
    assert found - set(sys.stdlib_module_names) == ALLOWED
