"""Calls that mean harm, or were made by broken software, against real servers: refused or answered, never 5xx, never late."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import suppress
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
from tests.conformance.running_service import ISSUER, LOG, request_of, running
from tests.service.auth.conftest import KeyHost, part
from tests.service.fhir_client.fhir_stub import StubServer, answering, bundle, dripping_body
from tests.service.wire import Reply, Send, over_http, over_wsgi

PV = "/cds-services/metastatic-disease-patient-view"
SELECT = "/cds-services/metastatic-disease-order-select"
JSON = {"Content-Type": "application/json"}
CORD = "breast-bone-mets-leg-weakness-patient-view"
TIMELY_S = 10.0
"""Generous, as tests run beside each other; what hangs takes far longer."""
SECRET = b"for-tests-only-1234"


@pytest.fixture(scope="module")
def fhir() -> Iterator[StubServer]:
    with StubServer() as stub:
        yield stub


@pytest.fixture(scope="module")
def send(fhir: StubServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    """A server without authentication that may read the FHIR stub."""
    folder: Path = tmp_path_factory.mktemp("open")
    with running(folder, fhir_servers=fhir.base) as base:
        yield over_http(int(base.rpartition(":")[2]))
    log = (folder / LOG).read_text()
    assert request_of(CORD)["context"]["patientId"] not in log
    assert "Traceback" not in log


@pytest.fixture(autouse=True)
def _goes_on(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever was sent, the next caller gets the right advice."""
    yield
    if "send" in request.fixturenames:
        reply = call(request.getfixturevalue("send"), request_of(CORD))
        assert "mscc-suspected" in topics(reply)


def call(send: Send, body: dict[str, Any] | bytes, path: str = PV, **headers: str) -> Reply:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return send("POST", path, sent, JSON | headers)


def topics(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body[:500]
    return [card["source"]["topic"]["code"] for card in reply.json()["cards"]]


def refused(reply: Reply, *statuses: int) -> None:
    assert reply.status in statuses
    assert reply.issue["severity"] == "error"
    assert b"Traceback" not in reply.body


# --- bodies


def test_a_body_of_more_than_16_mib_is_413_before_it_is_read(send: Send) -> None:
    refused(call(send, b"{", **{"Content-Length": str(17 * 1024 * 1024)}), 413)
    with suppress(BrokenPipeError, ConnectionResetError):  # closed on a body that nobody will read
        refused(call(send, b'{"a":"' + b"x" * (17 * 1024 * 1024) + b'"}'), 413)


def test_a_large_body_of_one_text_is_answered_in_time(send: Send) -> None:
    started = time.perf_counter()
    reply = call(send, request_of(CORD) | {"more": "y" * (12 * 1024 * 1024)})
    assert "mscc-suspected" in topics(reply)
    assert time.perf_counter() - started < TIMELY_S


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_json_nested_a_hundred_thousand_deep_is_400(send: Send, opening: bytes) -> None:
    for place in (b"", b'{"hook":"patient-view","prefetch":{"patient":', b'{"hook":"patient-view","context":'):
        refused(call(send, place + opening * 100_000), 400)


@pytest.mark.parametrize("depth", [50, 400, 3000])
def test_a_deeply_nested_resource_costs_itself_and_not_the_call(send: Send, depth: int) -> None:
    body = request_of(CORD)
    body["prefetch"]["observations"] = "HERE"
    deep = '{"resourceType":"Observation","extension":[{"valueReference":' * depth + "1" + "}]}" * depth
    bundle_text = '{"resourceType":"Bundle","entry":[{"resource":' + deep + "}]}"
    reply = call(send, json.dumps(body).replace('"HERE"', bundle_text).encode())
    assert "mscc-suspected" in topics(reply)


@pytest.mark.parametrize("escape", [r"\ud800", r"\udfff", r"\ud800\ud800"])
def test_half_a_surrogate_pair_in_a_resource_does_not_cost_the_call(send: Send, escape: str) -> None:
    text = json.dumps(request_of(CORD))
    assert "mscc-suspected" in topics(call(send, text.replace('"text": "', f'"text": "{escape} ').encode()))


@pytest.mark.parametrize("kind", [[], {}, None, 1, "", "Invented"])
def test_a_resource_of_no_type_costs_itself_and_not_the_call(send: Send, kind: object) -> None:
    body = request_of(CORD)
    body["prefetch"]["conditions"]["entry"].append({"resource": {"resourceType": kind, "id": "odd"}})
    assert "mscc-suspected" in topics(call(send, body))


def test_of_keys_that_occur_twice_the_last_counts(send: Send) -> None:
    text = json.dumps(request_of(CORD))
    assert "mscc-suspected" in topics(call(send, text.replace("{", '{"hook": "order-sign", ', 1).encode()))
    twice = text.replace('"patientId": "', '"patientId": "somebody-else", "patientId": "', 1)
    assert "mscc-suspected" in topics(call(send, twice.encode()))


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000, "1e-999", "0." + "1" * 5000]
)
def test_numbers_that_no_laboratory_reports_do_not_fire_and_do_not_fail(send: Send, value: str) -> None:
    body = request_of("calcium-gt-15-string-patient-view")
    text = json.dumps(body | {"prefetch": {**body["prefetch"], "laboratory": "HERE", "observations": "HERE"}})
    result = {
        "resourceType": "Observation",
        "id": "1",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "17861-6"}]},
        "subject": {"reference": f"Patient/{body['context']['patientId']}"},
        "effectiveDateTime": "2026-03-01",
        "valueQuantity": {"value": "VALUE", "unit": "mg/dL"},
    }
    filled = json.dumps({"resourceType": "Bundle", "entry": [{"resource": result}]}).replace('"VALUE"', value)
    reply = call(send, text.replace('"HERE"', filled).encode())
    if reply.status == 200:
        assert "hypercalcaemia" not in topics(reply)
    else:
        refused(reply, 400)


@pytest.mark.parametrize("broken", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\xaf"])
def test_invalid_utf8_anywhere_is_400(send: Send, broken: bytes) -> None:
    text = json.dumps(request_of(CORD)).encode()
    for mark in (b'"hookInstance": "', b'"patientId": "', b'"display": "'):
        refused(call(send, text.replace(mark, mark + broken, 1)), 400)


@pytest.mark.parametrize("odd", [r"\ud800", r"\u0000", r"\udc00\ud800", r"\u202e", "\N{ZERO WIDTH SPACE}"])
def test_characters_that_no_store_or_terminal_likes_are_taken_or_refused(send: Send, odd: str) -> None:
    body = json.dumps(request_of(CORD), ensure_ascii=False)
    for mark in ('"hookInstance": "', '"display": "', '"userId": "'):
        reply = call(send, body.replace(mark, mark + odd, 1).encode())
        assert reply.status in {200, 400}
        json.loads(reply.body)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a_zip_bomb_is_415_and_never_unpacked(send: Send, encoding: str) -> None:
    bomb = gzip.compress(b" " * (200 * 1024 * 1024))
    started = time.perf_counter()
    refused(call(send, bomb, **{"Content-Encoding": encoding}), 415)
    assert time.perf_counter() - started < TIMELY_S


def test_ten_thousand_entries_are_read_in_time(send: Send) -> None:
    body = request_of(CORD)
    entries = body["prefetch"]["observations"].get("entry", []) or body["prefetch"]["conditions"]["entry"]
    many = [{"resource": {**entries[0]["resource"], "id": f"copy-{number}"}} for number in range(10_000)]
    body["prefetch"]["observations"] = {"resourceType": "Bundle", "type": "searchset", "entry": many}
    started = time.perf_counter()
    assert "mscc-suspected" in topics(call(send, body))
    assert time.perf_counter() - started < TIMELY_S


def test_a_bundle_of_another_patient_gives_no_advice_for_this_one(send: Send) -> None:
    body = request_of(CORD)
    body["context"]["patientId"] = "somebody-else"
    body["prefetch"]["patient"] = {"resourceType": "Patient", "id": "somebody-else"}
    found = topics(call(send, body))
    assert "mscc-suspected" not in found
    assert "could-not-assess" in found


@pytest.mark.parametrize(
    "drafts",
    [
        None,
        [],
        "Bundle",
        7,
        {},
        {"resourceType": "Patient"},
        {"resourceType": 7},
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "entry": None},
        {"resourceType": "Bundle", "entry": {}},
        {"resourceType": "Bundle", "entry": [None, 1, "x", [], {}]},
        {"resourceType": "Bundle", "entry": [{"resource": None}, {"resource": []}, {"resource": {"resourceType": 1}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "MedicationRequest"}}]},
        {
            "resourceType": "Bundle",
            "entry": [{"resource": {"resourceType": "MedicationRequest", "id": 7, "status": []}}],
        },
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Bundle", "entry": [{"resource": {}}]}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "NoSuchThing", "id": "1"}}]},
    ],
)
def test_odd_draft_orders_are_answered_or_refused_with_their_path(send: Send, drafts: object) -> None:
    body = request_of("zoledronate-crcl-29-order-select")
    body["context"]["draftOrders"] = drafts
    reply = call(send, body, SELECT)
    assert reply.status in {200, 400}
    if reply.status == 400:
        assert reply.issue["expression"] == ["context.draftOrders"]


@pytest.mark.parametrize(
    "selections", [[], ["MedicationRequest/none"], ["../.."], ["x" * 100_000], [""], "all", [7], None]
)
def test_odd_selections_are_answered_or_refused(send: Send, selections: object) -> None:
    body = request_of("zoledronate-crcl-29-order-select")
    body["context"]["selections"] = selections
    assert call(send, body, SELECT).status in {200, 400}


def test_five_thousand_drafts_are_answered_in_time(send: Send) -> None:
    body = request_of("zoledronate-crcl-29-order-select")
    drafts = body["context"]["draftOrders"]["entry"]
    body["context"]["draftOrders"]["entry"] = drafts + [
        {"resource": {**drafts[0]["resource"], "id": f"draft-{number}"}} for number in range(5_000)
    ]
    started = time.perf_counter()
    assert call(send, body, SELECT).status == 200
    assert time.perf_counter() - started < TIMELY_S


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "%00", "x" * 5000, "%FF", "a%0d%0aX: y", "*"])
def test_odd_service_ids_are_404(send: Send, name: str) -> None:
    for end in ("", "/feedback"):
        reply = call(send, b"{}", f"/cds-services/{name.replace(' ', '%20')}{end}")
        refused(reply, 404)
        assert "X" not in reply.headers


# --- the FHIR server that the client names


def fetching(send: Send, server: str, *, patient: str | None = None) -> Reply:
    body = request_of(CORD)
    if patient is not None:
        body["context"]["patientId"] = patient
    access = {"access_token": "t", "token_type": "Bearer", "expires_in": 60, "scope": "patient/*.rs", "subject": "c"}
    started = time.perf_counter()
    reply = call(send, body | {"prefetch": {}, "fhirServer": server, "fhirAuthorization": access})
    assert time.perf_counter() - started < TIMELY_S
    return reply


@pytest.fixture
def elsewhere() -> Iterator[StubServer]:
    """A host that nobody may be sent to."""
    with StubServer() as stub:
        yield stub


@pytest.mark.parametrize(
    "server",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:22/",
        "http://[::1]:80/fhir",
        "http://2130706433/fhir",
        "https://fhir.example.org",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://user:pw@127.0.0.1/fhir",
    ],
)
def test_a_server_off_the_list_is_not_called_and_its_name_not_repeated(send: Send, server: str) -> None:
    reply = fetching(send, server)
    refused(reply, 400, 412)
    assert server.encode() not in reply.body


def test_a_next_link_to_another_host_is_not_followed(send: Send, fhir: StubServer, elsewhere: StubServer) -> None:
    fhir.otherwise = answering(bundle("1", following=f"{elsewhere.base}/Condition?page=2", kind="Condition"))
    assert fetching(send, fhir.base).status in {200, 412}
    assert elsewhere.requests == []


@pytest.mark.parametrize("to", ["http://169.254.169.254/latest/meta-data", "ELSEWHERE"])
def test_a_redirect_to_another_place_is_not_followed(
    send: Send, fhir: StubServer, elsewhere: StubServer, to: str
) -> None:
    target = elsewhere.base if to == "ELSEWHERE" else to
    fhir.otherwise = answering(b"", 302, Location=target)
    assert fetching(send, fhir.base).status in {200, 412}
    assert elsewhere.requests == []


def test_a_fhir_server_that_drips_bytes_is_cut_off_at_the_deadline(send: Send, fhir: StubServer) -> None:
    fhir.otherwise = dripping_body
    assert fetching(send, fhir.base).status in {200, 412}
    assert fhir.is_idle_within(5)


def test_a_patient_id_cannot_add_to_the_query(send: Send, fhir: StubServer) -> None:
    fhir.otherwise = answering(bundle())
    fhir.requests.clear()
    fetching(send, fhir.base, patient="1&_include=*&patient=2")
    assert not [target for target in fhir.requests if "_include=" in target or "patient=2" in target.replace("%3D", "")]


# --- tokens


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
