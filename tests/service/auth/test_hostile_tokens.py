"""What hostile clients send as tokens, to several workers on one store, and how keys are rotated under load."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from cds_service.service.application import application, prepare
from cds_service.service.auth.key_sets import KeySets, Patience
from cds_service.service.settings import Settings
from cds_service.service.store import Store
from tests.conformance.running_service import ISSUER, request_of, running
from tests.service.auth.conftest import KeyHost, part
from tests.service.wire import Reply, Send, over_http, over_wsgi

PV = "/cds-services/metastatic-disease-patient-view"
JSON = {"Content-Type": "application/json"}
CORD = "breast-bone-mets-leg-weakness-patient-view"
SECRET = b"for-tests-only-1234"


@dataclass(frozen=True)
class Guarded:
    """A server of two workers, and its clients: two tenants with listed keys, one whose host publishes the key."""

    send: Send
    base: str
    store: str
    allowlist: Path
    keys: dict[str, ec.EllipticCurvePrivateKey]
    host: KeyHost

    def token(self, path: str = "/cds-services", *, signed_by: str = "north", **changes: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text(path, signed_by=signed_by, **changes)}"}

    def text(self, path: str, *, signed_by: str = "north", header: dict[str, Any] | None = None, **changes: Any) -> str:
        start = int(datetime.now(UTC).timestamp())
        stated = {
            "iss": "https://host.example.org" if signed_by in {"host", "rotated"} else ISSUER,
            "tenant": signed_by if signed_by in {"north", "south"} else None,
            "aud": self.base + path,
            "iat": start,
            "exp": start + 300,
            "jti": f"{signed_by}-{time.perf_counter_ns()}",
        } | changes
        claims = {name: value for name, value in stated.items() if value is not None}
        return jwt.encode(claims, self.keys[signed_by], "ES384", {"kid": signed_by} | (header or {}))

    def discover(self, headers: dict[str, str]) -> Reply:
        return self.send("GET", "/cds-services", None, headers)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder: Path = tmp_path_factory.mktemp("guarded")
    keys = {name: ec.generate_private_key(ec.SECP384R1()) for name in ("north", "south", "host", "rotated", "forger")}
    host = KeyHost()
    host.publish(jwk(keys, "host"))
    tenants = [{"name": one, "iss": ISSUER, "tenant": one, "keys": [jwk(keys, one)]} for one in ("north", "south")]
    published = {"name": "Host", "iss": "https://host.example.org", "jku": host.jku}
    allowlist = folder / "clients.yaml"
    allowlist.write_text(json.dumps({"clients": [*tenants, published]}))
    with running(folder, authentication="required", clients=allowlist, workers=2) as base:
        yield Guarded(
            over_http(int(base.rpartition(":")[2])), base, f"sqlite:///{folder}/store.sqlite3", allowlist, keys, host
        )
    host.stop()


def jwk(keys: dict[str, ec.EllipticCurvePrivateKey], name: str) -> dict[str, Any]:
    found: dict[str, Any] = ECAlgorithm.to_jwk(keys[name].public_key(), as_dict=True)
    return found | {"kid": name, "alg": "ES384", "use": "sig"}


def says(reply: Reply, check: str) -> None:
    assert reply.status == 401
    assert f"({check})" in reply.issue["details"]["text"], reply.issue


def test_a_good_token_is_believed_once_and_never_again_on_any_worker(guarded: Guarded) -> None:
    token = guarded.token()
    assert guarded.discover(token).status == 200
    for _ in range(20):
        says(guarded.discover(token), "replayed")


def test_a_forged_algorithm_is_refused(guarded: Guarded) -> None:
    public = guarded.keys["north"].public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = public.public_bytes(serialization.Encoding.PEM, form)
    payload = guarded.text("/cds-services").split(".")[1]
    unsigned = f"{part({'alg': 'none', 'kid': 'north', 'typ': 'JWT'})}.{payload}."
    head = part({"alg": "HS384", "kid": "north", "typ": "JWT"})
    shared = f"{head}.{payload}.{part(_hmac(pem, f'{head}.{payload}'.encode()))}"
    for text in (unsigned, shared):
        reply = guarded.discover({"Authorization": f"Bearer {text}"})
        assert reply.status == 401
    forged = guarded.text("/cds-services", signed_by="forger", iss=ISSUER, tenant="north", header={"kid": "north"})
    says(guarded.discover({"Authorization": f"Bearer {forged}"}), "signature")


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha384).digest()


def test_a_token_for_another_address_is_refused(guarded: Guarded) -> None:
    for path in (PV, "/cds-services/", "/CDS-services"):
        says(guarded.discover(guarded.token(path)), "audience")
    says(guarded.discover(guarded.token(aud="https://cds.example.org/cds-services")), "audience")


def test_a_jku_off_the_list_is_refused_and_not_called(guarded: Guarded) -> None:
    thief = KeyHost()
    thief.publish(jwk(guarded.keys, "forger") | {"kid": "host"})
    try:
        token = guarded.token(
            signed_by="forger", iss="https://host.example.org", header={"jku": thief.jku, "kid": "host"}
        )
        says(guarded.discover(token), "jku")
        assert thief.calls == 0
    finally:
        thief.stop()


def test_a_key_rotated_in_is_believed_at_its_first_use_and_an_unknown_one_is_not(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cds_service.service.application.KeySets", partial(KeySets, patience=Patience(rotation=0.0)))
    store = {"store_url": f"sqlite:///{tmp_path}/store.sqlite3", "store_secret": SECRET.decode()}
    guard = {"authentication": "required", "clients": guarded.allowlist, "public_base_url": guarded.base}
    made = application(prepare(Settings.model_validate(store | guard)))
    try:
        discover = replace(guarded, send=over_wsgi(made.wsgi)).discover
        assert discover(guarded.token(signed_by="host")).status == 200
        says(discover(guarded.token(signed_by="rotated")), "key")
        guarded.host.publish(jwk(guarded.keys, "rotated"))
        assert discover(guarded.token(signed_by="rotated")).status == 200
        says(discover(guarded.token(signed_by="host")), "key")
    finally:
        made.close()


def test_feedback_on_another_tenants_card_is_answered_alike_and_counts_for_nothing(guarded: Guarded) -> None:
    shown = guarded.send("POST", PV, json.dumps(request_of(CORD)).encode(), JSON | guarded.token(PV))
    card = shown.json()["cards"][0]
    item = {
        "card": card["uuid"],
        "outcome": "accepted",
        "outcomeTimestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
    }
    path = f"{PV}/feedback"
    sent = json.dumps({"feedback": [item]}).encode()
    foreign = guarded.send("POST", path, sent, JSON | guarded.token(path, signed_by="south"))
    assert (foreign.status, accepted(guarded, card)) == (200, 0)
    own = guarded.send("POST", path, sent, JSON | guarded.token(path))
    assert (own.status, own.body, accepted(guarded, card)) == (200, foreign.body, 1)


def accepted(guarded: Guarded, card: dict[str, Any]) -> int:
    """How often the card's topic was accepted, as soon as the card itself is in the store."""
    topic = (card["source"]["topic"]["code"],)
    store = Store(guarded.store, SECRET)
    store.open()
    try:
        for _ in range(50):
            found = {tally.group: tally for tally in store.tallies(["topic"])}
            if topic in found and found[topic].shown:
                return found[topic].accepted
            time.sleep(0.1)
        raise AssertionError("the card did not reach the store")
    finally:
        store.close()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer a.b.c",
        "Bearer " + "x" * 20_000,
        "Bearer \xff",
        "Bearer " + "." * 50,
    ],
)
def test_what_is_no_token_is_401_with_a_challenge(guarded: Guarded, header: str) -> None:
    reply = guarded.discover({"Authorization": header})
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
