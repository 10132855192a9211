"""A client that sends all of its body before it reads anything, as a proxy may, hears why it was refused."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from jwt.algorithms import ECAlgorithm

from tests.conformance.running_service import ISSUER, Server, key_pair, running_server

PATH = "/cds-services/metastatic-disease-patient-view"
PUBLIC = "https://cds.example.org"
PIECE = b"x" * 65536


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Any]]:
    folder: Path = tmp_path_factory.mktemp("guarded")
    private, allowlist = key_pair(folder)
    settings = {"authentication": "required", "clients": allowlist, "public_base_url": PUBLIC}
    with running_server(folder, **settings) as server:
        yield server, ECAlgorithm.from_jwk(private.read_text())


def token(key: Any, path: str) -> str:
    start = int(datetime.now(UTC).timestamp())
    claims = {"iss": ISSUER, "aud": PUBLIC + path, "iat": start, "exp": start + 300, "jti": str(time.perf_counter_ns())}
    return jwt.encode(claims, key, "ES384", {"kid": "k1"})


def test_who_waits_for_an_answer_before_sending_the_rest_hears_it(guarded: tuple[Server, Any]) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {18 << 20}\r\n"
    with socket.create_connection(("127.0.0.1", guarded[0].port), timeout=20) as connection:
        connection.sendall(f"{head}Authorization: Bearer {token(guarded[1], PATH)}\r\n\r\n{{".encode())
        assert connection.recv(65536).split(b" ", 2)[1] == b"413"


def status_after_sending(port: int, head: str, size: int, chunked: bool) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(f"POST {head}\r\nHost: x\r\nContent-Type: application/json\r\n\r\n".encode())
        for _ in range(size // len(PIECE)):
            connection.sendall(b"10000\r\n" + PIECE + b"\r\n" if chunked else PIECE)
        if chunked:
            connection.sendall(b"0\r\n\r\n")
        return connection.recv(65536).split(b" ", 2)[1]


@pytest.mark.parametrize("path", [PATH, f"{PATH}/feedback"])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize(("size", "known", "status"), [(12 << 20, False, b"401"), (18 << 20, True, b"413")])
def test_who_is_refused_while_still_sending_reads_the_answer(
    guarded: tuple[Server, Any], path: str, chunked: bool, size: int, known: bool, status: bytes
) -> None:
    server, key = guarded
    bearer = token(key, path) if known else "wrong"
    body = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    head = f"{path} HTTP/1.1\r\nAuthorization: Bearer {bearer}\r\n{body}"
    assert status_after_sending(server.port, head, size, chunked) == status


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", b"404"), ("/cds-services/unknown", b"404"), ("/health/live", b"405")]
)
def test_who_sends_to_where_nobody_reads_hears_that(guarded: tuple[Server, Any], path: str, status: bytes) -> None:
    server, key = guarded
    head = f"{path} HTTP/1.1\r\nAuthorization: Bearer {token(key, path)}\r\nContent-Length: {12 << 20}"
    assert status_after_sending(server.port, head, 12 << 20, chunked=False) == status
