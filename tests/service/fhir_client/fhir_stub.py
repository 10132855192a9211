"""A FHIR server that behaves as a test tells it to: a real one, threaded, on a real socket."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from cds_service.service.fhir_client.fetch import FhirFetcher

Answer = Callable[["Exchange"], object]


class Exchange(BaseHTTPRequestHandler):
    """One request; an answer writes with :meth:`reply` or straight to ``wfile``."""

    protocol_version = "HTTP/1.1"
    stub: StubServer

    def do_GET(self) -> None:
        stub = self.stub
        path = urlsplit(self.path).path.removeprefix("/fhir/")
        with stub.lock:
            stub.requests.append(self.path)
            stub.headers.append(dict(self.headers))
            stub.clients.add(self.client_address)
            stub.under_way += 1
            stub.most_at_once = max(stub.most_at_once, stub.under_way)
        try:
            (stub.answers.get(self.path) or stub.answers.get(path) or stub.otherwise)(self)
        except OSError:
            self.close_connection = True  # the client has gone
        finally:
            with stub.lock:
                stub.under_way -= 1

    def reply(
        self,
        body: bytes | dict[str, Any],
        status: int = 200,
        content_type: str | None = "application/fhir+json; charset=utf-8",
        **headers: str,
    ) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if content_type is not None:
            self.send_header("Content-Type", content_type)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that closes its connection is what these tests are about."""


@dataclass
class StubServer:
    """``answers`` by path below the base, or by whole request target; ``otherwise`` answers all else.

    ``tls`` makes it speak https, to the name ``localhost``.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    otherwise: Answer = field(default=lambda exchange: exchange.reply(bundle()))
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    clients: set[Any] = field(default_factory=set)
    tls: ssl.SSLContext | None = None
    under_way: int = 0
    most_at_once: int = 0
    lock: Lock = field(default_factory=Lock)

    def __enter__(self) -> StubServer:
        handler = type("BoundExchange", (Exchange,), {"stub": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def is_idle_within(self, seconds: float) -> bool:
        """Whether every request comes to its end in time, by an answer or because the client has gone."""
        ends = time.monotonic() + seconds
        while self.under_way and time.monotonic() < ends:
            time.sleep(0.01)
        return not self.under_way

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base(self) -> str:
        return f"https://localhost:{self.port}/fhir" if self.tls else f"http://127.0.0.1:{self.port}/fhir"


def bundle(*ids: str, following: str | None = None, kind: str = "Observation") -> dict[str, Any]:
    """A searchset of resources with these ids."""
    page: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if following is not None:
        page["link"] = [{"relation": "self", "url": "x"}, {"relation": "next", "url": following}]
    page["entry"] = [{"resource": {"resourceType": kind, "id": identifier}} for identifier in ids]
    return page


def answering(body: bytes | dict[str, Any], status: int = 200, **how: Any) -> Answer:
    return lambda exchange: exchange.reply(body, status, **how)


def after(seconds: float, answer: Answer | None = None) -> Answer:
    """Answer late."""

    def late(exchange: Exchange) -> None:
        time.sleep(seconds)
        (answer or answering(bundle()))(exchange)

    return late


def dripping_body(exchange: Exchange) -> None:
    """A body that never stops and never pauses for long."""
    exchange.send_response(200)
    exchange.send_header("Content-Type", "application/fhir+json")
    exchange.send_header("Content-Length", "100000")
    exchange.end_headers()
    exchange.wfile.write(b'{"resourceType":"Bundle","entry":[')
    for _ in range(200):
        exchange.wfile.write(b" ")
        exchange.wfile.flush()
        time.sleep(0.02)


def dripping_body_of_a_closing_connection(exchange: Exchange) -> None:
    """As :func:`dripping_body`, without a length: the body ends when the connection does."""
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nConnection: close\r\n\r\n")
    exchange.close_connection = True
    for _ in range(200):
        exchange.wfile.write(b" ")
        exchange.wfile.flush()
        time.sleep(0.02)


def dripping_head(exchange: Exchange) -> None:
    """Headers that never end."""
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(200):
        exchange.wfile.write(b"X")
        exchange.wfile.flush()
        time.sleep(0.02)


MakeFetcher = Callable[..., FhirFetcher]
LABS = "Observation?patient=p-1&category=laboratory"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds
