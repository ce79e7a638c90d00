"""An emulated account as the tests drive it: a clock that they move, and JSON in and out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from activecampaign_emulator import Emulator, Options

if TYPE_CHECKING:
    from activecampaign_emulator import Reply

NO_QUOTAS = {"requests_per_second": 0, "imports_per_minute": 0, "single_imports_per_minute": 0}
# Longer than any import takes with the default options.
LONG = 60.0


class FakeClock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Read the clock."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Driver:
    """One emulator without quotas (unless the options say otherwise), and short ways to ask it."""

    def __init__(self, **options: Any) -> None:
        self.clock = FakeClock()
        self.emulator = Emulator(Options(**{**NO_QUOTAS, **options}), clock=self.clock)
        self.key = "emulated-api-key"

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> Reply:
        """Send a request to the API; *path* is below `/api/3`."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"Api-Token": self.key, "Content-Type": "application/json"}
        return self.emulator.handle(method, "/api/3" + path, urlencode(query), headers, raw)

    def get(self, path: str, **query: Any) -> Any:
        """Read JSON that must be there."""
        reply = self.send("GET", path, **query)
        assert reply.status == 200, reply
        return reply.json()

    def control(self, method: str, name: str, body: Any = None, **query: Any) -> Any:
        """Use the control beside the API."""
        raw = b"" if body is None else json.dumps(body).encode()
        reply = self.emulator.handle(method, f"/_emulator/{name}", urlencode(query), {}, raw)
        assert reply.status == 200, reply
        return reply.json()

    def seed(self, **content: Any) -> Any:
        """Fill the account."""
        return self.control("POST", "seed", content)

    def fault(self, kind: str, **settings: Any) -> None:
        """Script a fault."""
        self.control("POST", "faults", [{"kind": kind, **settings}])

    def contact(self, email: str) -> Any:
        """Give a contact as the control shows it, or None."""
        return self.control("GET", "contacts", email=email)["contact"]

    def fired(self) -> dict[str, int]:
        """Give the automations that would have started, without those that none did."""
        counts = self.control("GET", "summary")["automations"]["fired"]
        return {kind: count for kind, count in counts.items() if count}

    def submit(self, *rows: dict[str, Any], **top: Any) -> Reply:
        """Send an import."""
        return self.send("POST", "/import/bulk_import", {"contacts": list(rows), **top})

    def imported(self, *rows: dict[str, Any], **top: Any) -> Any:
        """Send an import, let it finish and give its info."""
        batch = self.submit(*rows, **top).json()["batchId"]
        self.clock.sleep(LONG)
        return self.get("/import/info", batchId=batch)

    def track(self, path: str, form: dict[str, str]) -> Reply:
        """Post a form to trackcmp."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.emulator.handle("POST", path, "", headers, urlencode(form).encode())

    def event(self, email: str, name: str, data: str = "") -> Reply:
        """Track an event."""
        visit = json.dumps({"email": email})
        form = {"actid": "25000001", "key": "emulated-event-key", "event": name, "eventdata": data, "visit": visit}
        return self.track("/event", form)

    def visit(self, email: str, url: str) -> Reply:
        """Track a visit."""
        query = urlencode({"actid": "25000001", "e": email, "u": url, "r": "https://from.example"})
        return self.emulator.handle("GET", "/visit", query)
