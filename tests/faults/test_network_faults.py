"""FHIR servers and key hosts that fail, and clocks that differ: seen from the client's side of a running service."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conformance.running_service import Server, request_of, running_server
from tests.faults.callers import CORD, PATIENT_VIEW, Seen, call, cord_request, is_red_flag
from tests.faults.matrix import record
from tests.service.auth.conftest import KeyHost
from tests.service.fhir_client.fhir_stub import StubServer, after, answering, bundle, dripping_body
from tests.service.test_hostile import jwk

BOUND = 2.5
"""Seconds within which an answer must come here; fetching itself has 0.4, and other tests use the machine, too."""


@pytest.fixture(scope="module")
def fhir() -> Iterator[StubServer]:
    with StubServer() as stub:
        yield stub


@pytest.fixture(scope="module")
def reader(fhir: StubServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    nowhere = "http://127.0.0.1:9/fhir"
    with running_server(tmp_path_factory.mktemp("reader"), fhir_servers=f"{fhir.base},{nowhere}") as server:
        yield server


def ask_without_prefetch(server: Server, fhir_server: str) -> Seen:
    """Ask with all conditions, and let the rest be fetched."""
    body = request_of(CORD)
    body["prefetch"] = {key: body["prefetch"][key] for key in ("patient", "conditions")}
    body["fhirServer"] = fhir_server
    return call(server.port, PATIENT_VIEW, json.dumps(body).encode())


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
        ("lying, no FHIR", "every read was answered 200 with half a JSON text", answering(b'{"resourceType": "Bund')),
        ("lying, another patient", "every read gave another patient's critical calcium", answering(OTHER_PATIENT)),
        ("dead", "nothing listened where the FHIR server should be", None),
    ],
)
def test_a_fhir_server(reader: Server, fhir: StubServer, kind: str, done: str, answers: object) -> None:
    fhir.otherwise = answers or answering(bundle())  # type: ignore[assignment]
    seen = ask_without_prefetch(reader, fhir.base if answers else "http://127.0.0.1:9/fhir")
    topics = [card["source"]["topic"]["code"] for card in seen.cards()]
    assert seen.status == 200
    assert seen.seconds < BOUND
    assert "could-not-assess" in topics
    assert "hypercalcaemia" not in topics
    assert is_red_flag(call(reader.port, PATIENT_VIEW, cord_request()))  # who sends all data notices nothing
    record(
        f"FHIR server {kind}",
        done=done,
        seen="the red flags that could be told, and `could-not-assess` for those that could not; callers that send "
        "their data notice nothing",
        measured=f"{seen.seconds * 1000:.0f} ms",
    )


@dataclass(frozen=True)
class Guarded:
    server: Server
    keys: dict[str, ec.EllipticCurvePrivateKey]
    host: KeyHost

    def ask(self, signed_by: str, behind: int = 0) -> Seen:
        """Call with a token from a client whose clock is so many seconds behind ours."""
        start = int(datetime.now(UTC).timestamp()) - behind
        claims = {
            "iss": f"https://{signed_by}.example.org",
            "aud": self.server.base + PATIENT_VIEW,
            "iat": start,
            "exp": start + 60,
            "jti": f"{signed_by}-{time.perf_counter_ns()}",
        }
        token = jwt.encode(claims, self.keys[signed_by], "ES384", {"kid": signed_by})
        return call(self.server.port, PATIENT_VIEW, cord_request(), {"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder: Path = tmp_path_factory.mktemp("guarded")
    keys = {name: ec.generate_private_key(ec.SECP384R1()) for name in ("listed", "published", "late")}
    host, gone = KeyHost(), KeyHost()
    host.publish(jwk(keys, "published"))
    gone.stop()
    clients = [
        {"name": "Listed", "iss": "https://listed.example.org", "keys": [jwk(keys, "listed")]},
        {"name": "Published", "iss": "https://published.example.org", "jku": host.jku},
        {"name": "Late", "iss": "https://late.example.org", "jku": gone.jku},
    ]
    allowlist = folder / "clients.yaml"
    allowlist.write_text(json.dumps({"clients": clients}))
    with running_server(folder, authentication="required", clients=allowlist) as server:
        yield Guarded(server, keys, host)


def test_a_clock_that_differs(guarded: Guarded) -> None:
    skews = {0: 200, 80: 200, -20: 200, 200: 401, -200: 401}
    answers = {behind: guarded.ask("listed", behind) for behind in skews}
    assert {behind: seen.status for behind, seen in answers.items()} == skews
    for behind, word in ((200, b"expired"), (-200, b"not-yet-valid")):
        assert word in answers[behind].body
        assert b"by this service's clock it is" in answers[behind].body
    record(
        "clock skew",
        done="clients' clocks were 20 s fast, 80 s slow (tokens live 60 s), 200 s fast and 200 s slow",
        seen="answers within the tolerance of 30 s; beyond it 401 that names the check and how far the clocks differ",
    )


def test_a_key_host_that_is_down(guarded: Guarded) -> None:
    assert guarded.ask("published").status == 200
    guarded.host.stop()
    assert all(guarded.ask("published").status == 200 for _ in range(3))
    late = guarded.ask("late")
    assert (late.status, b"key set could not be had" in late.body) == (503, True)
    assert int(late.retry_after or 0) >= 1
    assert late.seconds < BOUND
    assert guarded.ask("listed").status == 200
    record(
        "key host down",
        done="one client's key host stopped after its first call, another's was down from the start",
        seen="keys known already went on serving; a client whose keys were never seen heard 503 with Retry-After within "
        "the time limit, and that it is not at fault; clients with listed keys noticed nothing",
    )
