"""Runs the steps of the Dockerfile in a folder that stands for the image's root. No Docker, and no base image but this Python."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUILD_SECONDS = 600


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Return each instruction's name and what follows it, without comments and line breaks."""
    lines = "\n".join(line for line in dockerfile.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", lines)
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())]


@dataclass
class Image:
    """What the steps made below `root`; `environment`, `entrypoint` and `folder` are what a container starts with."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    folder: Path = Path("/")

    def place(self, path: str) -> Path:
        """Return where a path of the image is on this machine; a relative one is below the present folder."""
        return self.root / path.lstrip("/") if path.startswith("/") else self.folder / path

    def build(self) -> None:
        """Carry out every step. Stages share one root: a virtual environment works only where it was made."""
        self.folder = self.root
        for name, rest in instructions((ROOT / "Dockerfile").read_text("utf-8")):
            match name:
                case "FROM":
                    self.environment = {}
                    self.folder = self.root
                case "WORKDIR":
                    self.folder = self.place(rest)
                    self.folder.mkdir(parents=True, exist_ok=True)
                case "COPY":
                    self._copy(rest.split())
                case "RUN":
                    self._run(rest)
                case "ENV":
                    self.environment |= dict(part.split("=", 1) for part in shlex.split(rest))
                case "ENTRYPOINT":
                    self.entrypoint = json.loads(rest)
                case "USER":
                    pass  # the files' modes are looked at instead
                case _:
                    raise NotImplementedError(name)

    def start(self, *arguments: str, python: bool = False) -> subprocess.CompletedProcess[str]:
        """Start the image's command, or its Python, with nothing of this process's environment."""
        command = str(self.place(self.entrypoint[0]))
        first = [str(Path(command).parent / "python"), "-I"] if python else [command]
        return subprocess.run(  # noqa: S603 - what was just made
            [*first, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def _copy(self, parts: list[str]) -> None:
        if parts[0] == "--from=builder":
            _, source, target = parts
            assert source == target, "a virtual environment cannot be moved"
            assert self.place(source).exists()
            return
        *names, target = parts
        for name in names:
            goal = self.place(target) / name if target.endswith("/") else self.place(target)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, goal, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
            else:
                shutil.copy(ROOT / name, goal)

    def _run(self, command: str) -> None:
        """Run a step in a shell whose `python` is this one and whose image folders are below `root`."""
        programs = self.root / "usr" / "bin"
        if not programs.exists():
            programs.mkdir(parents=True)
            python = programs / "python"
            python.write_text(f'#!/bin/sh\nexec "{Path(sys.base_prefix) / "bin" / "python3"}" "$@"\n')
            python.chmod(0o755)
        here = re.sub(r"(?<![\w.])/(?=(opt|build|airbyte)/?)", f"{self.root}/", command)
        # An image should not keep downloads; on this machine they are those that scripts/setup has made already.
        here = here.replace("--no-cache-dir ", "")
        # How pip reaches its registry is this machine's affair; nothing else of its environment counts.
        ways = ("HOME", "PIP_", "HTTP", "NO_PROXY", "SSL_")
        kept = {name: value for name, value in os.environ.items() if name.upper().startswith(ways)}
        ran = subprocess.run(  # noqa: S603 - the project's own Dockerfile
            ["/bin/sh", "-c", f"umask 022; {here}"],
            cwd=self.folder,
            env={"PATH": f"{programs}:/usr/bin:/bin", **kept},
            capture_output=True,
            text=True,
            check=False,
            timeout=BUILD_SECONDS,
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
