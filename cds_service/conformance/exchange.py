"""One request and its reply, with any CDS service, and the signing of requests where a service asks for it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import jwt
import requests
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

Json = dict[str, Any]
SERVICES = "/cds-services"
TIMEOUT_S = 15.0
LARGEST = 32 * 1024 * 1024
"""Bytes of a reply; what is longer is cut and then no JSON."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came back; status 0 when nothing did."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes = field(repr=False)
    seconds: float
    trouble: str = ""
    """Why nothing came back, as the type of the error."""

    @property
    def place(self) -> str:
        """For a report."""
        return f"{self.method} {self.url}"

    @property
    def json(self) -> Any:
        """The body as a JSON value; ``None`` when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def outcome(self) -> Json | None:
        """The body, when it is an OperationOutcome."""
        found = self.json
        return found if isinstance(found, dict) and found.get("resourceType") == "OperationOutcome" else None


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs a token for each request, as a CDS client does."""

    key: Any = field(repr=False)
    algorithm: str
    kid: str
    issuer: str
    jku: str | None = None
    tenant: str | None = None

    def claims(self, url: str, **changes: Any) -> Json:
        """The payload for one call; a claim given as ``None`` is left out."""
        start = int(datetime.now(UTC).timestamp())
        stated = {"iss": self.issuer, "aud": url, "iat": start, "exp": start + 300, "jti": str(uuid.uuid4())}
        if self.tenant:
            stated["tenant"] = self.tenant
        return {name: value for name, value in (stated | changes).items() if value is not None}

    def token(self, url: str, **changes: Any) -> str:
        """A token that is good for one call of this address, or spoilt by ``changes``."""
        header = {"kid": self.kid} | ({"jku": self.jku} if self.jku else {})
        return jwt.encode(self.claims(url, **changes), self.key, self.algorithm, headers=header)


_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


def read_signer(text: str, issuer: str, *, jku: str | None = None, tenant: str | None = None) -> Signer:
    """Read a private key from a JWK, or from the first of a key set; raises ``ValueError`` that never shows the key."""
    try:
        document = json.loads(text)
        jwk = document["keys"][0] if "keys" in document else document
        kind, curve = jwk["kty"], jwk.get("crv", "")
        default = {"EC": _CURVES.get(curve, "ES384"), "RSA": "RS384", "OKP": "EdDSA"}[kind]
        reader: Any = {"EC": ECAlgorithm, "RSA": RSAAlgorithm, "OKP": OKPAlgorithm}[kind]
        key, kid = reader.from_jwk(jwk), str(jwk["kid"])
    except (KeyError, IndexError, TypeError, ValueError, jwt.PyJWTError) as error:
        raise ValueError(f"the key file holds no private JWK with kty and kid ({type(error).__name__})") from None
    if "d" not in jwk:
        raise ValueError("the key file holds a public key; a private one is needed to sign")
    return Signer(key, str(jwk.get("alg", default)), kid, issuer, jku, tenant)


class Target:
    """The service under judgement. ``url`` is its base, with or without ``/cds-services``."""

    def __init__(self, url: str, signer: Signer | None = None, *, ca: str | bool = True) -> None:
        self.base = url.rstrip("/").removesuffix(SERVICES)
        if not self.base.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no http or https address")
        self.signer = signer
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ca

    def ask(
        self,
        method: Literal["GET", "POST", "OPTIONS", "HEAD"],
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> Exchange:
        """Send a request, signed unless it is a preflight. ``token`` takes the place of the signature; ``""`` sends none."""
        url = self.base + path
        sent = {"Accept": "application/json", "User-Agent": "cds-service-conformance"}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        if token is None and self.signer is not None and method != "OPTIONS":
            token = self.signer.token(url)
        if token:
            sent["Authorization"] = f"Bearer {token}"
        return self._send(method, url, data, {**sent, **(headers or {})})

    def _send(self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]) -> Exchange:
        started = time.perf_counter()
        try:
            reply = self._session.request(
                method, url, data=data, headers=dict(headers), timeout=TIMEOUT_S, allow_redirects=False, stream=True
            )
            body = reply.raw.read(LARGEST, decode_content=True)
            reply.close()
        except (requests.RequestException, OSError) as error:
            return Exchange(method, url, 0, {}, b"", time.perf_counter() - started, type(error).__name__)
        found = {name.lower(): value for name, value in reply.headers.items()}
        return Exchange(method, url, reply.status_code, found, body, time.perf_counter() - started)
