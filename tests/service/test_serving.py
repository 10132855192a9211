"""A real server under the circumstances of real networks: slow, rude and leaving clients, and an end in mid-call."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from cds_service.service.serve import run
from cds_service.service.settings import Settings
from tests.service.stub_service import LIMIT
from tests.service.test_protocol import JSON, body
from tests.service.wire import ENVIRONMENT, ROOT, Reply, free_port, over_http, wait_until_live


@pytest.fixture
def server() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "tests/service/stub_service.py", str(port)], cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE
    )
    try:
        wait_until_live(port, process)
        yield port, process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_an_address_that_is_taken_is_reported_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match=r"in use.*CDS_PORT"):
        run(Settings(host="127.0.0.1", port=taken.getsockname()[1]), dict)


def ask(port: int, patient: str = "p1") -> Reply:
    return over_http(port)("POST", "/cds-services/pv", body(patient), JSON)


def test_a_call_under_way_is_answered_when_the_server_is_told_to_stop(
    server: tuple[int, subprocess.Popen[bytes]],
) -> None:
    port, process = server
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, port, "slow")
        assert process.stderr is not None
        while b"under way" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert slow.result(timeout=10).status == 200
    assert process.wait(timeout=20) == 0


def test_a_body_that_ends_before_its_length_is_incomplete_even_if_it_reads_well(
    server: tuple[int, subprocess.Popen[bytes]],
) -> None:
    sent = body("p1")
    head = f"POST /cds-services/pv HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(sent) + 1}"
    with socket.create_connection(("127.0.0.1", server[0]), timeout=20) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(partial(connection.recv, 65536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"incomplete" in answer


def test_clients_that_stall_hold_up_nobody_else(server: tuple[int, subprocess.Popen[bytes]]) -> None:
    port, _ = server
    head = b"POST /cds-services/pv HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    stalled = []
    try:
        for sent in (
            b"",
            b"POST /cds",
            head,
            head + b"Content-Length: 500\r\n\r\n{",
            head + b"Content-Length: 9\r\n\r\n",
        ):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.sendall(sent)
            stalled.append(connection)
        time.sleep(0.2)
        assert all(ask(port).status == 200 for _ in range(5))
    finally:
        for connection in stalled:
            connection.close()
    assert ask(port).status == 200  # and when they have gone in the middle of a body


def test_a_connection_serves_many_calls_also_after_a_refused_one(
    server: tuple[int, subprocess.Popen[bytes]],
) -> None:
    port, _ = server
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    statuses = []
    for sent in (body(), b"{", body(), b"x" * (LIMIT + 1), body()):
        try:
            connection.request("POST", "/cds-services/pv", sent, JSON)
            response = connection.getresponse()
        except (http.client.HTTPException, OSError):  # the server may close after a body that it did not read
            connection.close()
            connection.request("POST", "/cds-services/pv", sent, JSON)
            response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    assert statuses == [200, 400, 200, 413, 200]


@pytest.mark.parametrize(
    "sent",
    [
        b"NONSENSE\r\n\r\n",
        b"POST /cds-services/pv HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /cds-services/pv HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nabcde",
        b"POST /cds-services/pv HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc",
        b"GET /cds-services HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 600_000 + b"\r\n\r\n",
    ],
    ids=["no-http", "negative-length", "two-lengths", "no-chunk", "long-header"],
)
def test_what_is_no_http_is_refused_and_the_server_goes_on(
    server: tuple[int, subprocess.Popen[bytes]], sent: bytes
) -> None:
    port, _ = server
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            first = connection.recv(100)
        except OSError:
            first = b""
    assert not first or first.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert ask(port).status == 200


def test_thirty_clients_at_once_each_get_their_own_patient(server: tuple[int, subprocess.Popen[bytes]]) -> None:
    port, _ = server
    barrier = threading.Barrier(30)

    def one(number: int) -> bool:
        barrier.wait()
        return f" patient-{number} " in ask(port, f"patient-{number}").json()["cards"][0]["summary"]

    with ThreadPoolExecutor(30) as pool:
        assert all(pool.map(one, range(30)))
