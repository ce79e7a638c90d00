"""`check` through the process: what is right passes, and each thing that is wrong is told with what to do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from integration_tests.harness import API_KEY, EVENT_KEY, check, connection, emulated_account

TRACK_ENTRY = {"stream": "events", "mapping": "track"}
PAGE_ENTRY = {"stream": "hits", "mapping": "page"}


def refused(
    folder: Path,
    *pieces: str,
    options: dict[str, Any] | None = None,
    seed: dict[str, Any] | None = None,
    **settings: Any,
) -> None:
    """Run `check` with settings that are wrong, and look for what its message must say."""
    with emulated_account(options, seed) as server:
        status, message, said = check(folder, connection(server, **settings))
    assert status == "FAILED"
    assert [piece for piece in pieces if piece.lower() not in message.lower()] == [], message
    for secret in {API_KEY, EVENT_KEY, str(settings.get("api_key", API_KEY))}:
        assert secret not in said
    assert "Traceback" not in said


@contextmanager
def answering(status: int, headers: dict[str, str]) -> Iterator[str]:
    """Lend the address of a server that answers every request alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("path", ["", "/", "/api/3", "/api/3/"])
def test_succeeds_with_and_without_the_path(tmp_path: Path, path: str) -> None:
    """The URL may end as ActiveCampaign shows it or as its documentation writes it."""
    with emulated_account({}, {"lists": [{"name": "News"}]}) as server:
        settings = connection(server, event_key=EVENT_KEY, resubscribe=["1"], mappings=[TRACK_ENTRY, PAGE_ENTRY])
        status, message, said = check(tmp_path, {**settings, "api_url": f" {server.url}{path} "})
    assert (status, message) == ("SUCCEEDED", "")
    assert API_KEY not in said


@pytest.mark.parametrize("wrong_key", ["html_200", "403"])
def test_wrong_key(tmp_path: Path, wrong_key: str) -> None:
    """A wrong key is told as one, whether it answers 403 or 200 with a login page."""
    refused(tmp_path, "API key", "Settings > Developer", options={"wrong_key": wrong_key}, api_key="zqx-wrong-key")


def test_unreachable_host(tmp_path: Path) -> None:
    """A port on which nobody listens is told as an address to check."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    refused(tmp_path, "API URL", api_url=url)


def test_unknown_host(tmp_path: Path) -> None:
    """A host that no name server knows is told as an address to check."""
    refused(tmp_path, "API URL", api_url="https://no-such-account.invalid")


def test_not_activecampaign(tmp_path: Path) -> None:
    """A server that has no such path is told as a wrong address."""
    with answering(404, {"Content-Type": "text/html"}) as url:
        refused(tmp_path, "API URL", api_url=url)


@pytest.mark.parametrize(
    "url", ["http://youraccount.api-us1.com", "http://10.1.2.3", "ftp://youraccount.api-us1.com", "youraccount"]
)
def test_not_https(tmp_path: Path, url: str) -> None:
    """Only https is taken beyond this machine, and the message shows what the URL should look like."""
    refused(tmp_path, "https://youraccount.api-us1.com", api_url=url)


@pytest.mark.parametrize(
    ("setting", "url", "told"),
    [
        ("api_url", "file:///etc/passwd", "api_url must look like this: https://"),
        ("api_url", "https://169.254.169.254", "Settings > Developer"),
        ("tracking_url", "https://[fe80::1]", "tracking_url"),
    ],
)
def test_addresses_of_the_machine_itself(tmp_path: Path, setting: str, url: str, told: str) -> None:
    """Files, and addresses at which clouds hand out credentials, are no account's; the message names the setting."""
    settings: dict[str, Any] = {setting: url}
    refused(tmp_path, told, **settings)


@pytest.mark.parametrize("url", ["file:///etc", "http://169.254.169.254"])
def test_buckets_on_the_machine_itself(tmp_path: Path, url: str) -> None:
    """The same for the bucket, to which http is allowed."""
    storage = {
        "storage_type": "S3",
        "s3_bucket_name": "rejected",
        "s3_bucket_region": "",
        "bucket_path": "rows",
        "format": {"format_type": "JSONL"},
        "access_key_id": "zqx-access",
        "secret_access_key": "zqx-secret",
        "s3_endpoint": url,
    }
    refused(tmp_path, "s3_endpoint", object_storage_config=storage)


def test_redirect(tmp_path: Path) -> None:
    """A redirect is never followed: it is told, with the setting to correct."""
    with emulated_account() as server, answering(301, {"Location": f"{server.url}/api/3/users/me"}) as url:
        refused(tmp_path, "redirect", "https", "Settings > Developer", api_url=url)
        assert server.emulator.journal.entries == []


def test_list_that_does_not_exist(tmp_path: Path) -> None:
    """A list of `resubscribe` that the account lacks is named, with where to find its id."""
    refused(tmp_path, "resubscribe", "99", "Lists", seed={"lists": [{"name": "News"}]}, resubscribe=["1", "99"])


def test_external_id_field_that_does_not_exist(tmp_path: Path) -> None:
    """A field that the settings name and the account lacks is told."""
    refused(tmp_path, "external_id_field", external_id_field="%NO_SUCH%")


def test_mapped_field_that_does_not_exist(tmp_path: Path) -> None:
    """A field that an entry of `mappings` names and the account lacks is told."""
    column = {"column": "plan", "field": "%NO_SUCH%"}
    refused(tmp_path, "NO_SUCH", mappings=[{"stream": "users", "mapping": "identify", "columns": [column]}])


def test_event_tracking_off(tmp_path: Path) -> None:
    """Event tracking that is off is told with where to switch it on."""
    refused(tmp_path, "Event tracking", "switch it on", seed={"event_tracking": False}, event_key=EVENT_KEY)


def test_no_event_key(tmp_path: Path) -> None:
    """Streams that are mapped to events need the event key."""
    refused(tmp_path, "event_key", mappings=[TRACK_ENTRY])


def test_site_tracking_off(tmp_path: Path) -> None:
    """Streams that are mapped to pages need site tracking."""
    refused(tmp_path, "Site tracking", "switch it on", seed={"site_tracking": False}, mappings=[PAGE_ENTRY])


def test_missing_right(tmp_path: Path) -> None:
    """A key that may not read the account's fields is told which right it lacks."""
    with emulated_account(
        faults=[{"kind": "status", "status": 403, "method": "GET", "path": "/fields", "times": -1}]
    ) as server:
        status, message, _ = check(tmp_path, connection(server))
    assert status == "FAILED"
    assert "fields" in message
    assert "403" not in message or "right" in message.lower() or "permission" in message.lower()


def test_clearing_values_is_told(tmp_path: Path) -> None:
    """`null_values: clear` costs requests, and check says so."""
    with emulated_account() as server:
        status, message, said = check(tmp_path, connection(server, null_values="clear"))
    assert status == "SUCCEEDED"
    assert "null_values" in message + said
