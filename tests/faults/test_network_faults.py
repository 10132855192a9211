"""FHIR servers and key hosts that fail, and clocks that differ: seen by an EHR that calls through the proxy."""

from __future__ import annotations

import gzip
import json
import urllib.request

import pytest

from tests.conformance.running_service import request_of
from tests.faults.callers import BOUND, CORD, PATIENT_VIEW, Seen, as_of_today, cord_request, is_red_flag
from tests.faults.matrix import record
from tests.faults.production import CLIENTS, NOWHERE, Production
from tests.service.fhir_client.fhir_stub import after, answering, bundle, dripping_body


def ask_without_prefetch(hospital: Production, fhir_server: str) -> Seen:
    """Ask with all conditions, and let the rest be fetched."""
    body = request_of(CORD)
    body["prefetch"] = {key: body["prefetch"][key] for key in ("patient", "conditions")}
    body["fhirServer"] = fhir_server
    return hospital.post(PATIENT_VIEW, as_of_today(json.dumps(body)).encode())


LIES = {"no-fhir": "lying, no FHIR", "another-patient": "lying, another patient"}
OTHER_PATIENT = {
    "resourceType": "Bundle",
    "type": "searchset",
    "entry": [
        {
            "resource": {
                "resourceType": "Observation",
                "id": "calcium",
                "status": "final",
                "subject": {"reference": "Patient/somebody-else"},
                "effectiveDateTime": "2026-03-02T08:00:00Z",
                "code": {"coding": [{"system": "http://loinc.org", "code": "17861-6"}]},
                "valueQuantity": {"value": 4.1, "unit": "mmol/L", "code": "mmol/L"},
            }
        }
    ],
}


@pytest.mark.parametrize(
    ("kind", "done", "answers"),
    [
        ("slow", "every read was answered after 5 s", after(5.0)),
        ("dripping", "every answer came as a byte every 20 ms, without end", dripping_body),
        ("failing", "every read was answered with 500 and HTML", answering(b"<html>", 500, content_type="text/html")),
        ("no-fhir", "every read was answered 200 with half a JSON text", answering(b'{"resourceType": "Bund')),
        ("another-patient", "every read gave another patient's critical calcium", answering(OTHER_PATIENT)),
        ("dead", "nothing listened where the FHIR server should be", None),
    ],
)
def test_a_fhir_server(hospital: Production, kind: str, done: str, answers: object) -> None:
    hospital.fhir.otherwise = answers or answering(bundle())  # type: ignore[assignment]
    asked = len(hospital.fhir.requests)
    seen = ask_without_prefetch(hospital, f"{hospital.fhir.base}/{kind}" if answers else f"{NOWHERE}/fhir")
    topics = [card["source"]["topic"]["code"] for card in seen.cards()]
    assert seen.status == 200
    assert seen.seconds < BOUND
    assert (len(hospital.fhir.requests) > asked) is (answers is not None)
    assert "could-not-assess" in topics
    assert "hypercalcaemia" not in topics
    assert is_red_flag(hospital.advice("sent-all"))  # who sends all data notices nothing
    record(
        f"FHIR server {LIES.get(kind, kind)}",
        done=done,
        seen="the red flags that could be assessed, and `could-not-assess` for those that could not; callers that send "
        "their data notice nothing",
        measured=f"{seen.seconds * 1000:.0f} ms",
    )


def test_hosts_behind_the_hospitals_own_authority(hospital: Production) -> None:
    read = len(hospital.fhir.requests)
    hospital.fhir.otherwise = answering(bundle())
    assert "could-not-assess" not in [
        card["source"]["topic"]["code"] for card in ask_without_prefetch(hospital, f"{hospital.fhir.base}/well").cards()
    ]
    assert len(hospital.fhir.requests) > read
    assert hospital.post(PATIENT_VIEW, cord_request(), hospital.token(PATIENT_VIEW, CLIENTS[1])).status == 200
    assert hospital.key_host.requests
    record(
        "own authority",
        done="proxy, FHIR server and key host had certificates of the hospital's own authority, named in `CDS_CA_BUNDLE`",
        seen="FHIR reads and key sets over https, cards as ever",
    )


def test_a_clock_that_differs(hospital: Production) -> None:
    skews = {0: 200, 80: 200, -20: 200, 200: 401, -200: 401}
    tokens = {behind: hospital.token(PATIENT_VIEW, behind=behind, lasts=60) for behind in skews}
    answers = {behind: hospital.post(PATIENT_VIEW, cord_request(), token) for behind, token in tokens.items()}
    assert {behind: seen.status for behind, seen in answers.items()} == skews
    for behind, word in ((200, b"expired"), (-200, b"not-yet-valid")):
        assert word in answers[behind].body
        assert b"by this service's clock it is" in answers[behind].body
    record(
        "clock skew",
        done="clients' clocks were 20 s fast, 80 s slow (tokens live 60 s), 200 s fast and 200 s slow",
        seen="answers within the tolerance of 30 s; beyond it 401 that names the check and how far the clocks differ",
    )


@pytest.mark.parametrize(
    ("kind", "done", "answers"),
    [
        ("down", "answered 500 to everything", answering(b"", 500)),
        ("slow", "answered after 20 s", after(20.0)),
    ],
)
def test_a_key_host_in_trouble(hospital: Production, kind: str, done: str, answers: object) -> None:
    published, late = CLIENTS[1:]
    assert is_red_flag(hospital.post(PATIENT_VIEW, cord_request(), hospital.token(PATIENT_VIEW, published)))
    before = hospital.key_host.otherwise
    hospital.key_host.otherwise = answers  # type: ignore[assignment]
    try:
        for _ in range(4):
            assert is_red_flag(hospital.post(PATIENT_VIEW, cord_request(), hospital.token(PATIENT_VIEW, published)))
        never = hospital.post(PATIENT_VIEW, cord_request(), hospital.token(PATIENT_VIEW, late))
    finally:
        hospital.key_host.otherwise = before
    assert (never.status, b"key set could not be had" in never.body) == (503, True)
    assert int(never.retry_after or 0) >= 1
    assert never.seconds < BOUND
    assert is_red_flag(hospital.advice("listed"))
    record(
        f"key host {kind}",
        done=f"one client's key host {done}, once its keys had been read; nothing listened at another's from the start",
        seen="keys known already went on serving; a client whose keys were never seen heard 503 with Retry-After within "
        "the time limit, and that it is not at fault; clients with listed keys noticed nothing",
    )


def test_what_is_inside_is_closed_at_the_proxy(hospital: Production) -> None:
    for path in ("/metrics", "/health/ready", "/health/live", "/admin/reload", "/admin/rollback"):
        assert hospital.post(path, b"").status == 404


def test_a_stranger_with_a_large_body_reads_the_refusal(hospital: Production) -> None:
    stranger = hospital.post(PATIENT_VIEW, cord_request(more=["y" * 1000] * 8000), "not-a-token")
    assert (stranger.status, json.loads(stranger.body)["resourceType"]) == (401, "OperationOutcome")


def test_an_answer_is_small_on_the_wire(hospital: Production) -> None:
    headers = hospital.headers(PATIENT_VIEW) | {"Accept-Encoding": "gzip"}
    request = urllib.request.Request(hospital.url + PATIENT_VIEW, cord_request(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=40, context=hospital.trusted) as answer:
        sent = answer.read()
    assert answer.headers["Content-Encoding"] == "gzip"
    whole = gzip.decompress(sent)
    assert b"mscc-suspected" in whole
    assert len(sent) < len(whole) / 3
