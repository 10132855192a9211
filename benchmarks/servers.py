"""Servers under measurement, each a process of its own, and a client that costs next to nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.in_process import ROOT, SERVICE

HEALTHCHAIN = "healthchain==0.16.1"
OUR_PATH = f"/cds-services/{SERVICE}"
PEER_PATH = "/cds/cds-services/static"
_READY_SECONDS = 120


class Connection:
    """One keep-alive connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def post(self, path: str, body: bytes) -> bytes:
        """Send a body and return the answer's; raises :class:`RuntimeError` when it is not 200."""
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._socket.sendall(head.encode() + body if len(body) < 65536 else head.encode())
        if len(body) >= 65536:
            self._socket.sendall(body)
        return self._answer()

    def close(self) -> None:
        self._socket.close()

    def _answer(self) -> bytes:
        data = self._rest
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, data = data.partition(b"\r\n\r\n")
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise RuntimeError(head.decode("latin-1") + data.decode("latin-1")[:300])
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        while len(data) < length:
            data += self._receive()
        self._rest = data[length:]
        return data[:length]

    def _receive(self) -> bytes:
        received = self._socket.recv(262144)
        if not received:
            raise RuntimeError("the server hung up")
        return received


@contextmanager
def our_service(workers: int = 1, **settings: str) -> Iterator[int]:
    """Our service as ``cds-service serve`` starts it, development settings, warnings only; gives its port."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
        environment |= {"CDS_LOG_LEVEL": "WARNING", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | settings
        port = free_port()
        command = [sys.executable, "-m", "cds_service", "serve", "--port", str(port), "--workers", str(workers)]
        with _running(command, port, folder, environment):
            yield port


@contextmanager
def healthchain(folder: Path) -> Iterator[int]:
    """The peer, installed into ``folder`` when it is not there yet; gives its port."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", HEALTHCHAIN], check=True)
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with _running([str(python), str(ROOT / "benchmarks" / "peer.py"), str(port)], port, str(folder), environment):
        yield port


@contextmanager
def fhir_server(delay: float, size: int) -> Iterator[int]:
    """A FHIR server that answers every search with ``size`` bytes after ``delay`` seconds; gives its port."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.slow_fhir_server", str(port), str(delay), str(size)]
    with _running(command, port, str(ROOT), dict(os.environ)):
        yield port


@contextmanager
def connected(port: int) -> Iterator[Connection]:
    """A connection that is closed at the end."""
    with closing(Connection(port)) as connection:
        yield connection


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, folder: str, environment: dict[str, str]) -> Iterator[None]:
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=complaints, stderr=complaints)
        try:
            _wait(process, port, complaints.fileno())
            yield
        finally:
            process.terminate()
            process.wait(60)


def _wait(process: subprocess.Popen[bytes], port: int, complaints: int) -> None:
    for _ in range(_READY_SECONDS * 10):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    said = os.pread(complaints, 4000, 0).decode(errors="replace")
    raise RuntimeError(f"the server did not start: {said}")
