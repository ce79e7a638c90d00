"""The connector as a process: the only place of these tests that starts one, so that all it says is looked through.

What its output means is decided in `harness` and `expectations`.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, ClassVar, Final, Self

from unit_tests import confidential
from unit_tests.row_texts import RowTexts

ROOT: Final = Path(__file__).parent.parent


class Connector:
    """Runs a command of the connector; its lines are collected as they come, its input stays open until it is closed.

    `stdout`: where its output goes instead, which is then not collected.
    """

    started: ClassVar[list[Connector]] = []
    """Those whose output has not been looked through; `conftest` does so after each test."""

    known: ClassVar[set[str]] = set()
    """Names of the accounts' fields, which may be told; emptied after each test too."""

    def __init__(self, arguments: Sequence[str], stdout: int = subprocess.PIPE) -> None:
        self.arguments = arguments
        self.stdout: list[str] = []
        self.stderr: list[str] = []
        self._sent: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "destination_activecampaign", *arguments],
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="surrogatepass",
            cwd=ROOT,
        )
        self._threads = [
            threading.Thread(target=self._collect, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.stdout), (self.process.stderr, self.stderr))
            if stream is not None
        ]
        for thread in self._threads:
            thread.start()
        Connector.started.append(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """See that the process is gone."""
        self.process.kill()
        self.wait(10)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    @staticmethod
    def _collect(stream: IO[str], lines: list[str]) -> None:
        with contextlib.suppress(ValueError):  # closed by a test that does not read on
            for line in stream:
                lines.append(line)  # noqa: PERF402 - another thread looks at what came so far

    def send(self, text: str) -> None:
        """Write to the connector."""
        assert self.process.stdin is not None
        self._sent.append(text)
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def close_stdin(self) -> None:
        """End its input."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def run_to_end(self, text: str, seconds: float) -> int:
        """Write *text* and nothing more, and wait for the end; return the exit code. It is killed after so long."""
        watchdog = threading.Timer(seconds, self.process.kill)
        watchdog.start()
        try:
            with contextlib.suppress(BrokenPipeError):
                self.send(text)
            self.close_stdin()
            return self.wait(seconds + 10)
        finally:
            watchdog.cancel()

    def states(self) -> list[int]:
        """Return the numbers of the STATEs that came back so far."""
        return [json.loads(line)["state"]["id"] for line in list(self.stdout) if line.startswith('{"type":"STATE"')]

    def wait_for_states(self, count: int, seconds: float) -> None:
        """Wait until so many STATEs came back."""
        deadline = time.monotonic() + seconds
        while len(self.states()) < count and time.monotonic() < deadline and self.process.poll() is None:
            time.sleep(0.05)
        assert len(self.states()) >= count, (self.stdout[-3:], self.stderr[-3:])

    def wait(self, seconds: float) -> int:
        """Wait for the end; return the exit code."""
        code = self.process.wait(seconds)
        for thread in self._threads:
            thread.join(5)
        return code

    def leaks(self) -> list[str]:
        """Return what its output tells that it may not: all of it, but for the STATEs, which are the source's own."""
        config = _read(self.arguments, "--config")
        secrets = confidential.secrets_of(config)
        texts = RowTexts(
            known=Connector.known | {json.dumps([config, _read(self.arguments, "--catalog")], ensure_ascii=False)}
        )
        texts.add_lines("".join(self._sent).splitlines())
        hidden = texts.hidden()
        said = [*(line for line in self.stdout if not line.startswith('{"type":"STATE"')), *self.stderr]
        return [
            *(f"could be told without being seen, sow it with a canary: {text!r}" for text in sorted(hidden.unseen)),
            *(
                f"told {leaks[:5]}: {line[:600]}"
                for line in said
                if (leaks := confidential.leaks(line, secrets, hidden))
            ),
        ]


def _read(arguments: Sequence[str], option: str) -> dict[str, Any]:
    if option not in arguments:
        return {}
    content: dict[str, Any] = json.loads(Path(arguments[arguments.index(option) + 1]).read_text("utf-8"))
    return content
