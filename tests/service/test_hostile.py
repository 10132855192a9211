"""Calls that mean harm, or were made by broken software, against real servers: refused or answered, never 5xx, never late."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.running_service import LOG, request_of, running
from tests.service.fhir_client.fhir_stub import StubServer, answering, bundle, dripping_body
from tests.service.wire import Reply, Send, over_http

PV = "/cds-services/metastatic-disease-patient-view"
SELECT = "/cds-services/metastatic-disease-order-select"
JSON = {"Content-Type": "application/json"}
CORD = "breast-bone-mets-leg-weakness-patient-view"
TIMELY_S = 10.0
"""Generous, as tests run beside each other; what hangs takes far longer."""


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
