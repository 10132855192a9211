"""What a browser does before it lets a page read an answer (Fetch standard), played through against the whole service."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest
from jwt.algorithms import ECAlgorithm

from tests.conformance.running_service import ISSUER, key_pair, request_of, running
from tests.service.wire import Reply, Send, over_http

PAGE = "https://sandbox.cds-hooks.org"
SAFE_METHODS = {"GET", "HEAD", "POST"}
PV = "/cds-services/metastatic-disease-patient-view"
FEEDBACK = {"feedback": [{"card": "1", "outcome": "overridden", "outcomeTimestamp": "2026-03-02T09:05:00Z"}]}
CALLS = [
    ("GET", "/cds-services", None),
    ("POST", PV, request_of("breast-bone-mets-leg-weakness-patient-view")),
    ("POST", f"{PV}/feedback", FEEDBACK),
]


class Blocked(Exception):
    """The browser does not let the page see the answer; the message is what its console would say."""


def fetch(send: Send, method: str, path: str, sent: bytes | None, headers: Mapping[str, str], origin: str) -> Reply:
    """Call as a page on another origin does: ask first, send, and look whether the page may read."""
    names = {name.lower() for name in headers} - {"accept"}
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if names:
        asked["Access-Control-Request-Headers"] = ",".join(sorted(names))
    preflight = send("OPTIONS", path, None, asked)
    if not 200 <= preflight.status < 300:
        raise Blocked(f"preflight {preflight.status}")
    _readable(preflight, origin)
    if method not in SAFE_METHODS and method not in _listed(preflight, "Access-Control-Allow-Methods"):
        raise Blocked("method")
    allowed = {name.lower() for name in _listed(preflight, "Access-Control-Allow-Headers")}
    # a wildcard stands for every header but Authorization
    if names - allowed and not ("*" in allowed and names - allowed == names - {"authorization"}):
        raise Blocked(f"headers {names - allowed}")
    reply = send(method, path, sent, {**headers, "Origin": origin})
    _readable(reply, origin)
    return reply


def _listed(reply: Reply, name: str) -> set[str]:
    return {part.strip() for part in reply.headers.get(name, "").split(",") if part.strip()}


def _readable(reply: Reply, origin: str) -> None:
    found = reply.headers.getlist("Access-Control-Allow-Origin")
    if len(found) != 1 or found[0] not in {"*", origin}:
        raise Blocked(f"Access-Control-Allow-Origin {found}")
    if reply.headers.get("Access-Control-Allow-Credentials") and found[0] == "*":
        raise Blocked("credentials with a wildcard")


class Page:
    """A page with the client's key, as the public sandbox has it."""

    def __init__(self, base: str, key_file: Path) -> None:
        self.base = base
        self.key = ECAlgorithm.from_jwk(key_file.read_text())
        self.signed = 0

    def headers(self, path: str) -> dict[str, str]:
        self.signed += 1
        start = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": ISSUER,
            "aud": self.base + path,
            "iat": start,
            "exp": start + 300,
            "jti": f"page-{self.signed}",
        }
        token = jwt.encode(claims, self.key, "ES384", {"kid": "k1"})  # type: ignore[arg-type]  # a private key it is
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Send, Page]]:
    folder = tmp_path_factory.mktemp("browser")
    private, allowlist = key_pair(folder)
    with running(folder, authentication="required", clients=allowlist) as base:
        yield over_http(int(base.rpartition(":")[2])), Page(base, private)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    with running(tmp_path_factory.mktemp("named"), cors_origins=f"https://other.example.org,{PAGE}") as base:
        yield over_http(int(base.rpartition(":")[2]))


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=["discovery", "service", "feedback"])
def test_a_page_on_another_origin_calls_everything_with_authorization(
    guarded: tuple[Send, Page], method: str, path: str, body: object
) -> None:
    send, page = guarded
    sent = None if body is None else json.dumps(body).encode()
    assert fetch(send, method, path, sent, page.headers(path), PAGE).status == 200


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=["discovery", "service", "feedback"])
def test_a_page_that_is_refused_can_read_why(guarded: tuple[Send, Page], method: str, path: str, body: object) -> None:
    send, page = guarded
    sent = None if body is None else json.dumps(body).encode()
    wrong = page.headers("/cds-services/another")
    reply = fetch(send, method, path, sent, wrong, PAGE)
    assert (reply.status, "aud" in reply.issue["details"]["text"]) == (401, True)
    assert "WWW-Authenticate" in _listed(reply, "Access-Control-Expose-Headers")


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=["discovery", "service", "feedback"])
def test_where_origins_are_named_another_page_is_blocked(named: Send, method: str, path: str, body: object) -> None:
    sent = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    assert fetch(named, method, path, sent, headers, PAGE).status == 200
    with pytest.raises(Blocked):
        fetch(named, method, path, sent, headers, "https://evil.example.org")


@pytest.mark.parametrize("path", ["/openapi.json", "/schemas/response.json", "/nowhere"])
def test_a_page_reads_descriptions_and_errors(guarded: tuple[Send, Page], path: str) -> None:
    reply = fetch(guarded[0], "GET", path, None, {"Accept": "application/json"}, PAGE)
    assert reply.status == (404 if path == "/nowhere" else 200)


def test_a_page_on_another_origin_does_not_read_health(guarded: tuple[Send, Page]) -> None:
    with pytest.raises(Blocked, match="Access-Control-Allow-Origin"):
        fetch(guarded[0], "GET", "/health/ready", None, {"Accept": "application/json"}, PAGE)
