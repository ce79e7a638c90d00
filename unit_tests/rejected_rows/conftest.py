"""A real S3 server (moto's) behind a socket, whose answers can be replaced one by one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from unit_tests.conftest import HEARD

BUCKET = "rejected"
ACCESS_KEY = "AKIAPLANTEDCANARY0001"
SECRET_KEY = "planted/canary/secret/access/key"


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - its base's name
        """Drop it."""


@dataclass
class S3Server:
    """`faults`: answers (status, headers, body) for the next requests, None to let one through. `seen`: method and path.

    `told`: what every proxy on the way may log of a request, its path and who it says it is from.
    """

    url: str = ""
    faults: list[tuple[int, dict[str, str], bytes] | None] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._clients: dict[str, Any] = {}
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request: WSGI."""
        self.seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        self.told |= {environ[name] for name in ("PATH_INFO", "QUERY_STRING", "HTTP_USER_AGENT") if name in environ}
        fault = self.faults.pop(0) if self.faults else None
        if fault is None:
            answer: Iterable[bytes] = self._moto(environ, start_response)
            return answer
        status, headers, body = fault
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(f"{status} Said", list(headers.items()))
        return [body]

    def client(self, service: str = "s3") -> Any:
        """Return a client of this server."""
        if service not in self._clients:
            self._clients[service] = self._connect(service)
        return self._clients[service]

    def _connect(self, service: str) -> Any:
        return boto3.session.Session().client(
            service,  # type: ignore[call-overload] # a name that is not literal
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="admin",
            aws_secret_access_key="admin",
            config=Config(s3={"addressing_style": "path"}),
        )

    def ask_for_rights(self, after: float = 0) -> None:
        """Let keys and policies count, after so many requests."""
        requests.post(f"{self.url}/moto-api/reset-auth", data=str(after), timeout=5)

    def objects(self) -> dict[str, str]:
        """Return what the bucket holds."""
        client = self.client()
        listed = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {
            each["Key"]: client.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read().decode() for each in listed
        }


@pytest.fixture(scope="session")
def running_s3() -> Iterator[S3Server]:
    """Start the server on a port of its own."""
    application = S3Server()
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    application.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield application
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def s3(running_s3: S3Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> S3Server:
    """Lend the server, with one empty bucket; nothing of this machine's own AWS settings is seen."""
    running_s3.told = request.node.stash[HEARD].told
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    running_s3.faults.clear()
    running_s3.ask_for_rights(after=float("inf"))
    requests.post(f"{running_s3.url}/moto-api/reset", timeout=5)
    running_s3.client().create_bucket(Bucket=BUCKET)
    running_s3.seen.clear()
    return running_s3
