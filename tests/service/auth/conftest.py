"""A CDS client with real keys, and a real host for its key set."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from cds_service.service.auth.caller import Caller
from cds_service.service.auth.clients import Client, Clients
from cds_service.service.auth.key_sets import KeySets, Patience
from cds_service.service.auth.public_keys import read_key_set
from cds_service.service.auth.replay import LocalReplay
from cds_service.service.auth.verify import Endpoint, Refused, verify

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ISSUER = "https://ehr.example.org"
BASE = "https://cds.example.org/oncology"


def part(value: object) -> str:
    """Encode a JSON value, text or bytes as one part of a token."""
    raw = (
        value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()
    )
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Ehr:
    """Signs tokens as an EHR does, or as an attacker would like to."""

    now = NOW
    issuer = ISSUER
    kid = "ehr+key/2026=="

    def __init__(self) -> None:
        self.elliptic = ec.generate_private_key(ec.SECP384R1())
        self.stranger = ec.generate_private_key(ec.SECP384R1())
        self.rsa = rsa.generate_private_key(65537, 2048)
        self._made = 0

    def claims(self, **changes: Any) -> dict[str, Any]:
        self._made += 1
        start = int(NOW.timestamp())
        stated = {
            "iss": ISSUER,
            "aud": f"{BASE}/cds-services/metastases",
            "iat": start,
            "exp": start + 300,
            "jti": f"call-{self._made}",
        }
        return {name: value for name, value in (stated | changes).items() if value is not ...}

    def token(
        self, *, header: dict[str, Any] | None = None, key: Any = None, algorithm: str = "ES384", **claims: Any
    ) -> str:
        """Sign a token; a claim given as ``...`` is left out."""
        stated = {"kid": self.kid} | (header or {})
        headers = {name: value for name, value in stated.items() if value is not ...}
        return jwt.encode(self.claims(**claims), key or self.elliptic, algorithm=algorithm, headers=headers)

    def signed(self, head: object, body: object) -> str:
        """Sign any header and payload, however odd, with the right key."""
        parts = f"{part(head)}.{part(body)}"
        signature = ECAlgorithm(ECAlgorithm.SHA384).sign(parts.encode(), self.elliptic)
        return f"{parts}.{part(signature)}"

    def jwk(self, key: Any = None, kid: str | None = None, **members: Any) -> dict[str, Any]:
        key = key or self.elliptic
        kind = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
        return {**kind.to_jwk(key.public_key(), as_dict=True), "kid": kid or self.kid, "use": "sig", **members}


class KeyHost:
    """A host that publishes a key set, and can misbehave."""

    def __init__(self) -> None:
        self.document: object = {"keys": []}
        self.status = 200
        self.headers: dict[str, str] = {}
        self.pause = 0.0
        self.drip = 0.0
        self.calls = 0
        self.seen: list[dict[str, str]] = []
        host = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.calls += 1
                host.seen.append(dict(self.headers))
                time.sleep(host.pause)
                document = host.document
                body = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(host.status)
                for name, value in host.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.send_slowly(body)
                except OSError:
                    return

            def send_slowly(self, body: bytes) -> None:
                if not host.drip:
                    self.wfile.write(body)
                    return
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(host.drip)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.jku = f"http://127.0.0.1:{self.port}/jwks.json"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def publish(self, *keys: dict[str, Any]) -> None:
        self.document = {"keys": list(keys)}

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture(scope="session")
def ehr() -> Ehr:
    return Ehr()


@pytest.fixture
def key_host() -> Iterator[KeyHost]:
    host = KeyHost()
    yield host
    host.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def listed(ehr: Ehr) -> Callable[..., Client]:
    """Make the EHR's entry on the allowlist, with changes."""

    def entry(**changes: Any) -> Client:
        keys = read_key_set([ehr.jwk(), ehr.jwk(ehr.rsa, "rsa")])
        return Client(**({"name": "General Hospital", "issuer": ISSUER, "jku": None, "keys": keys} | changes))

    return entry


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint(BASE, "/cds-services/metastases")


@pytest.fixture
def ask(listed: Callable[..., Client], endpoint: Endpoint) -> Callable[..., Caller | Refused]:
    """Verify a token as a fresh process would."""

    def asked(token: str, *clients: Client, **changes: Any) -> Caller | Refused:
        arguments: dict[str, Any] = {
            "called": endpoint,
            "now": NOW,
            "clients": Clients.of(clients or (listed(),)),
            "keys": KeySets(),
            "replay": LocalReplay(),
        }
        return verify(token, **(arguments | changes))

    return asked


@pytest.fixture
def impatient() -> Patience:
    return Patience(wait=5.0, fetch=5.0)


def refused(outcome: Caller | Refused) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.check
