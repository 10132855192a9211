"""The shipped production topology on one machine: nginx with our configuration and https, two nodes, PostgreSQL over a network.

What compose starts, started from the same files where there is no container engine: the settings of ``compose.yaml``, the
configuration of ``deploy/nginx``, an allowlist of clients, certificates of an authority of our own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError

import jwt
import psutil
import yaml
from jwt.algorithms import ECAlgorithm

from tests.conformance.running_service import ISSUER, key_pair
from tests.faults.callers import PATIENT_VIEW, Seen, call, cord_request
from tests.service.fhir_client.fhir_stub import StubServer, answering
from tests.service.store.temporary_postgresql import TemporaryPostgresql
from tests.service.test_tls import Authority
from tests.service.wire import ENVIRONMENT, ROOT, free_port, wait_until_live

TOKEN = "operators-only-1234"


class Wire:
    """The network between the nodes and PostgreSQL: TCP on one side, its socket on the other, slow when told to be."""

    def __init__(self, target: Path) -> None:
        self.delay = 0.0
        self._target = str(target)
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(5)
        for one in (self._listener, *self._open):
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                self._open += (near, far)
                try:
                    far.connect(self._target)
                except OSError:
                    near.close()
                    continue
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                time.sleep(self.delay)
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@dataclass
class Node:
    """One node: its settings, and its process while it runs."""

    folder: Path
    settings: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        return int(self.settings["CDS_PORT"])

    def launch(self) -> None:
        with (self.folder / "node.log").open("ab") as log:
            command = [sys.executable, "-m", "cds_service.service"]
            self.process = subprocess.Popen(command, cwd=self.folder, env=ENVIRONMENT | self.settings, stderr=log)

    def wait(self) -> None:
        """Wait until it answers."""
        assert self.process is not None
        wait_until_live(self.port, self.process, self.folder / "node.log")

    def start(self) -> None:
        self.launch()
        self.wait()

    def workers(self) -> list[psutil.Process]:
        """The processes that answer; not multiprocessing's own."""
        assert self.process is not None
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # a zombie, which is one too
                found += [child] if "resource_tracker" not in " ".join(child.cmdline()) else []
        return found

    def processes(self) -> list[psutil.Process]:
        """All that belongs to it, the main one first."""
        assert self.process is not None
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def memory(self) -> int:
        """Bytes that the workers hold for themselves."""
        return sum(worker.memory_info().rss for worker in self.workers())

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(40)

    def ask(self, path: str, method: str = "GET", token: str = "") -> tuple[int, dict[str, Any]]:
        """Ask the node itself, as operators and probes do."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    def metric(self, name: str) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


CLIENTS = (ISSUER, "https://published.example.org", "https://late.example.org")
"""The EHR whose key is listed, one whose key host runs, and one whose key host is down from the start."""
FHIR_SERVERS = ("well", "slow", "dripping", "failing", "no-fhir", "another-patient")
"""Names of servers, at one address: one that fails is left alone for a while, the others are not."""
NOWHERE = "https://127.0.0.1:9"
"""Where nothing listens."""


@dataclass
class Production:
    """Everything that runs, and the EHRs that call it."""

    url: str
    trusted: ssl.SSLContext
    key: Any
    nodes: list[Node]
    wire: Wire
    store: str
    folder: Path
    fhir: StubServer
    key_host: StubServer

    def token(self, path: str, client: str = ISSUER, behind: int = 0, lasts: int = 300) -> str:
        """A new token of a client whose clock is ``behind`` by so many seconds."""
        start = int(datetime.now(UTC).timestamp()) - behind
        claims = {"iss": client, "aud": self.url + path, "iat": start, "exp": start + lasts}
        return jwt.encode(claims | {"jti": str(time.perf_counter_ns())}, self.key, "ES384", {"kid": "k1"})

    def headers(self, path: str, token: str = "") -> dict[str, str]:
        return {"Content-Type": "application/json", "Authorization": f"Bearer {token or self.token(path)}"}

    def post(
        self,
        path: str,
        body: bytes,
        token: str = "",
        more: Mapping[str, str] = MappingProxyType({}),
        timeout: float = 40,
    ) -> Seen:
        """Call through the proxy, over https, with a token of its own, and ``more`` headers."""
        request = urllib.request.Request(self.url + path, body, {**self.headers(path, token), **more}, method="POST")
        began = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=timeout, context=self.trusted) as answer:
                return Seen(answer.status, time.perf_counter() - began, None, answer.read())
        except HTTPError as error:
            return Seen(error.code, time.perf_counter() - began, error.headers.get("Retry-After"), error.read())
        except (OSError, HTTPException):
            return Seen(0, time.perf_counter() - began, None, b"")

    def advice(self, patient: object = "", **changes: Any) -> Seen:
        return self.post(PATIENT_VIEW, cord_request(patient, **changes))

    def at(
        self, node: Node, patient: object = "", token: str = "", more: Mapping[str, str] = MappingProxyType({})
    ) -> Seen:
        """Ask one node for advice, past the proxy."""
        headers = {**self.headers(PATIENT_VIEW, token), **more}
        return call(node.port, PATIENT_VIEW, cord_request(patient), headers, timeout=40)

    def feedback(self, seen: Seen, reason: str = "will-act-later") -> Seen:
        """Override the first card."""
        item = {
            "card": seen.cards()[0]["uuid"],
            "outcome": "overridden",
            "overrideReason": {"reason": {"code": reason}},
            "outcomeTimestamp": datetime.now(UTC).isoformat(),
        }
        return self.post(f"{PATIENT_VIEW}/feedback", json.dumps({"feedback": [item]}).encode())

    def states(self) -> list[str]:
        return [str(node.ask("/health/ready")[1]["status"]) for node in self.nodes]


@contextmanager
def production(folder: Path, postgresql: TemporaryPostgresql) -> Iterator[Production]:
    """Start it all, and end it all."""
    with ExitStack() as stack:
        certificates = Authority(folder)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificates.sign("hospital"))
        fhir, key_host = (stack.enter_context(StubServer(tls=tls)) for _ in range(2))
        key = _clients(folder, key_host)
        wire, database = Wire(postgresql.folder / ".s.PGSQL.5432"), postgresql.new_database()
        stack.callback(wire.close)
        public = free_port()
        settings = compose_settings() | {
            "CDS_CLIENTS": str(folder / "clients.yaml"),
            "CDS_PUBLIC_BASE_URL": f"https://localhost:{public}",
            "CDS_STORE_URL": f"postgresql://tester@127.0.0.1:{wire.port}/{database.partition('?')[0].rpartition('/')[2]}",
            "CDS_STORE_SECRET": "for-tests-only-1234",
            "CDS_OPERATOR_TOKEN": TOKEN,
            "CDS_KNOWLEDGE_FOLDER": str(folder / "knowledge"),
            "CDS_CARDS": str(shutil.copytree(ROOT / "cards", folder / "cards")),
            "CDS_FHIR_SERVERS": ",".join((f"{NOWHERE}/fhir", *(f"{fhir.base}/{name}" for name in FHIR_SERVERS))),
            "CDS_FHIR_NETWORKS": "127.0.0.0/8",
            "CDS_CA_BUNDLE": str(certificates.file),
        }
        nodes = [_node(folder / f"node-{number}", settings) for number in (1, 2)]
        for node in nodes:  # both at once
            stack.callback(_end, node)
            node.launch()
        for node in nodes:
            node.wait()
        stack.enter_context(nginx(folder, public, [node.port for node in nodes], certificates))
        trusted = ssl.create_default_context(cafile=str(certificates.file))
        url = f"https://localhost:{public}"
        yield Production(url, trusted, key, nodes, wire, database, folder, fhir, key_host)


def _clients(folder: Path, key_host: StubServer) -> Any:
    """Write the allowlist of three clients with one key, and publish it at the key host."""
    private, allowlist = key_pair(folder)
    listed = json.loads(allowlist.read_text())["clients"]
    key_host.otherwise = answering({"keys": listed[0]["keys"]}, content_type="application/json")
    published = {"name": "Published", "iss": CLIENTS[1], "jku": f"https://localhost:{key_host.port}/jwks.json"}
    late = {"name": "Late", "iss": CLIENTS[2], "jku": f"{NOWHERE}/jwks.json"}
    allowlist.write_text(json.dumps({"clients": [*listed, published, late]}))
    return ECAlgorithm.from_jwk(private.read_text())


def _node(folder: Path, settings: dict[str, str]) -> Node:
    folder.mkdir()
    return Node(folder, settings | {"CDS_PORT": str(free_port()), "TMPDIR": str(folder)})


def compose_settings() -> dict[str, str]:
    """The environment that compose gives a node, but for what the installation writes itself."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return {name: value for name, value in services["node-1"]["environment"].items() if "${" not in value}


def _end(node: Node) -> None:
    if node.process is not None and node.process.poll() is None:
        node.process.terminate()
        node.process.wait(40)


@contextmanager
def nginx(folder: Path, port: int, nodes: list[int], certificates: Authority) -> Iterator[None]:
    """Run nginx with our configuration: addresses and certificates are the installation's, the rest as it stands."""
    ours = (ROOT / "deploy/nginx/cds.conf").read_text(encoding="utf-8")
    for number, node in enumerate(nodes, 1):
        ours = ours.replace(f"node-{number}:8000", f"127.0.0.1:{node}")
    ours = re.sub(r"listen 8080;", "", ours)
    ours = re.sub(r"# (listen 443 ssl;|ssl_\w+ )", r"\1", ours)
    ours = ours.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    certificate, key = certificates.sign("proxy")
    ours = ours.replace("/etc/nginx/tls/cds.crt", str(certificate)).replace("/etc/nginx/tls/cds.key", str(key))
    (folder / "cds.conf").write_text(ours)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root; ' if not os.geteuid() else ''}daemon off; pid {folder}/nginx.pid;\n"
        f"error_log {folder}/nginx.log; worker_processes 1;\n"
        f"events {{}}\nhttp {{ {temporary} include {folder}/cds.conf; }}\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            assert process.poll() is None, (folder / "nginx.log").read_text()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)
