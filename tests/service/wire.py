"""Three ways to reach the stub service: Flask's own route, the direct way before it, a real server on loopback."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from werkzeug.datastructures import Headers
from werkzeug.test import Client

from cds_service.service.fast_path import WsgiApp

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Headers
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def issue(self) -> dict[str, Any]:
        """The one issue of an OperationOutcome."""
        assert self.headers["Content-Type"] == "application/json"
        outcome = self.json()
        assert outcome["resourceType"] == "OperationOutcome"
        (issue,) = outcome["issue"]
        found: dict[str, Any] = issue
        return found


class Send(Protocol):
    def __call__(
        self, method: str, path: str, body: bytes | Iterable[bytes] | None = None, headers: Mapping[str, str] = ...
    ) -> Reply: ...


def over_wsgi(app: WsgiApp) -> Send:
    client = Client(app)

    def send(
        method: str, path: str, body: bytes | Iterable[bytes] | None = None, headers: Mapping[str, str] = {}
    ) -> Reply:
        environ: dict[str, Any] = {}
        if body is not None and not isinstance(body, bytes):  # chunked, as a server hands it on
            body = b"".join(body)
            environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
        response = client.open(path, method=method, data=body, headers=dict(headers), environ_overrides=environ)
        return Reply(response.status_code, response.headers, response.get_data())

    return send


def over_http(port: int) -> Send:
    def send(
        method: str, path: str, body: bytes | Iterable[bytes] | None = None, headers: Mapping[str, str] = {}
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request(method, path, body, dict(headers), encode_chunked=not isinstance(body, bytes | None))
            response = connection.getresponse()
            return Reply(response.status, Headers(response.getheaders()), response.read())
        finally:
            connection.close()

    return send


@contextmanager
def real_server(*command: str) -> Iterator[int]:
    """Start a server that takes its port as last argument; stop it at the end."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *command, str(port)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_live(port, process)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=20)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what must come true, so long that only a hang takes longer: other tests use the machine, too."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def wait_until_live(port: int, process: subprocess.Popen[bytes], log: Path | None = None) -> None:
    """Wait for a server that writes its standard error to ``log``, or else to a pipe."""
    send = over_http(port)
    until = time.monotonic() + 60  # other tests use the machine, too
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text() if log else process.communicate()[1].decode()
        try:
            if send("GET", "/health/live").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")
