"""The whole service as it is put together: fixtures in, cards out, feedback kept, strangers refused, gaps fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from cds_service.hooks.response import check
from cds_service.service.application import Application
from tests.service.fhir_client.fhir_stub import StubServer, answering
from tests.service.whole import Make
from tests.service.wire import ROOT, Reply, over_wsgi

PV = "/cds-services/metastatic-disease-patient-view"
JSON = {"Content-Type": "application/json"}
CORD = "breast-bone-mets-leg-weakness"


def fixture(name: str = CORD, hook: str = "patient-view") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / f"fhir_fixtures/requests/{name}-{hook}.json").read_text())
    return found


def call(made: Application, body: dict[str, Any], **headers: str) -> Reply:
    return over_wsgi(made.wsgi)("POST", PV, json.dumps(body).encode(), JSON | headers)


def topics(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [card["source"]["topic"]["code"] for card in reply.json()["cards"]]


def test_discovery_names_the_knowledge_in_force(make: Make) -> None:
    services = over_wsgi(make().wsgi)("GET", "/cds-services").json()["services"]
    assert {service["hook"] for service in services} == {"patient-view", "order-select", "order-sign"}
    assert all(service["extension"]["knowledgeVersion"] for service in services)


def test_leg_weakness_with_bone_metastases_gets_the_cord_compression_card(make: Make) -> None:
    reply = call(make(), fixture())
    check(reply.body)
    assert topics(reply)[0] == "mscc-suspected"


def test_the_same_request_on_the_same_day_gets_the_same_bytes_from_another_worker(make: Make) -> None:
    assert call(make(), fixture()).body == call(make(), fixture()).body


def test_every_fixture_request_is_answered_by_a_valid_answer(make: Make) -> None:
    made = make()
    for path in sorted((ROOT / "fhir_fixtures/requests").glob("*.json")):
        body = path.read_bytes()
        service = f"metastatic-disease-{json.loads(body)['hook']}"
        answer = made.handler.answer(service, body)
        assert answer.status == 200, path.name
        check(answer.body)


def test_what_was_shown_and_what_became_of_it_is_kept(make: Make) -> None:
    made = make()
    card = call(made, fixture()).json()["cards"][0]
    item = {
        "card": card["uuid"],
        "outcome": "accepted",
        "outcomeTimestamp": "2026-03-02T09:05:00Z",
        "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
    }
    sent = json.dumps({"feedback": [item]}).encode()
    assert over_wsgi(made.wsgi)("POST", f"{PV}/feedback", sent, JSON).status == 200
    assert made.store.flush()
    (tally,) = (found for found in made.store.tallies(["topic"]) if found.group == (card["source"]["topic"]["code"],))
    assert (tally.shown, tally.accepted) == (1, 1)
    assert CORD.encode() not in Path(str(made.store.database.url.database)).read_bytes()


def test_a_refused_call_is_audited_too(make: Make) -> None:
    made = make()
    call(made, fixture() | {"hook": "order-sign"})
    call(made, fixture())
    made.store.flush()
    assert sorted(row.status for row in made.store.audit_rows()) == [200, 400]


def in_production(make: Make, ehr: Ehr, **more: Any) -> Application:
    """A service that one EHR may call, behind a proxy with a path prefix."""
    return make(
        development=False,
        authentication="required",
        clients=ehr.allowlist,
        public_base_url="https://cds.example.org/oncology",
        **more,
    )


def test_every_route_leaves_a_record_and_every_column_is_filled(make: Make, tmp_path: Path) -> None:
    ehr = Ehr(tmp_path)
    made = in_production(make, ehr, operator_token="operators-only-1234", knowledge_folder=tmp_path / "knowledge")
    body = fixture()
    shown = call(made, body, **ehr.token(PV)).json()["cards"]
    send = over_wsgi(made.wsgi)
    send("GET", "/oncology/cds-services", None, ehr.token("/cds-services"))
    send("GET", "/cds-services")
    send("POST", f"{PV}/feedback", b"{}", JSON | ehr.token(f"{PV}/feedback"))
    call(made, body)
    send("POST", "/admin/rollback", b"", {"Authorization": "Bearer somebody"})
    send("POST", "/admin/rollback", b"", {"Authorization": "Bearer operators-only-1234"})
    assert made.store.flush()
    rows = list(made.store.audit_rows())
    assert [(row.door, row.method, row.status, row.because) for row in rows] == [
        ("hook", "POST", 200, ""),
        ("discovery", "GET", 200, ""),
        ("discovery", "GET", 401, "missing"),
        ("feedback", "POST", 400, "required"),
        ("hook", "POST", 401, "missing"),
        ("admin", "POST", 401, "login"),
        ("admin", "POST", 409, ""),
    ]
    first = rows[0]
    assert first.client.startswith("https://")
    assert first.user_reference == body["context"]["userId"]
    assert first.patient
    assert body["context"]["patientId"] not in first.patient
    assert first.topics == tuple(f"{card['source']['topic']['code']} {card['indicator']}" for card in shown)
    assert first.knowledge == made.store.knowledge_history()[0].hash
    assert made.store.verify_audit().problem == ""


class Ehr:
    """A client on the allowlist, with a key of its own."""

    def __init__(self, folder: Path) -> None:
        self.key = ec.generate_private_key(ec.SECP384R1())
        jwk = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True) | {"kid": "k1", "alg": "ES384", "use": "sig"}
        entry = {"name": "EHR", "iss": "https://ehr.example.org", "keys": [jwk]}
        self.allowlist = folder / "clients.yaml"
        self.allowlist.write_text(json.dumps({"clients": [entry]}))
        self.made = 0

    def token(self, path: str) -> dict[str, str]:
        self.made += 1
        start = int(datetime.now(UTC).timestamp())
        audience = f"https://cds.example.org/oncology{path}"
        claims = {
            "iss": "https://ehr.example.org",
            "aud": audience,
            "iat": start,
            "exp": start + 300,
            "jti": str(self.made),
        }
        return {"Authorization": f"Bearer {jwt.encode(claims, self.key, 'ES384', {'kid': 'k1'})}"}


def test_in_production_only_signed_calls_are_answered_each_once_and_none_sets_the_clock(
    make: Make, tmp_path: Path
) -> None:
    ehr = Ehr(tmp_path)
    made = in_production(make, ehr)
    assert call(made, fixture()).status == 401
    token = ehr.token(PV)
    cards = call(made, fixture(), **token).json()["cards"]
    assert b"2026-03-02T09:00:00Z" not in json.dumps(cards).encode()
    assert call(made, fixture(), **token).issue["details"]["text"].count("replayed") == 1
    send = over_wsgi(made.wsgi)
    assert send("GET", "/oncology/cds-services", None, ehr.token("/cds-services")).status == 200
    assert send("POST", f"{PV}/feedback", b"{}", JSON | ehr.token(f"{PV}/feedback")).status == 400
    assert send("POST", f"{PV}/feedback", b"{}", JSON | ehr.token(PV)).status == 401
    assert send("GET", "/health/ready").json() == {
        "status": "ready",
        "authentication": "required",
        "checks": {"store": "ok", "used tokens": "ok", "knowledge": "ok", "calls": "ok"},
    }


@pytest.fixture
def fhir() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


def test_what_the_client_did_not_send_is_fetched_and_gives_the_same_advice(make: Make, fhir: StubServer) -> None:
    whole = fixture()
    prefetch = whole.pop("prefetch")
    for key, path in {"patient": f"Patient/{CORD}", "conditions": "Condition", "encounters": "Encounter"}.items():
        fhir.answers[path] = answering(prefetch[key])
    fhir.otherwise = answering({"resourceType": "Bundle", "type": "searchset"})
    made = make(fhir_servers=fhir.base, fetch_seconds=5)
    access = {
        "access_token": "t0ken",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.rs",
        "subject": "c",
    }
    reply = call(made, whole | {"fhirServer": fhir.base, "fhirAuthorization": access})
    assert topics(reply)[0] == "mscc-suspected"
    assert {headers["Authorization"] for headers in fhir.headers} == {"Bearer t0ken"}
    before = len(fhir.requests)
    call(made, whole | {"fhirServer": fhir.base, "fhirAuthorization": access, "prefetch": prefetch})
    assert len(fhir.requests) - before < before


def test_a_server_that_is_not_on_the_list_is_never_called(make: Make, fhir: StubServer) -> None:
    made = make(fhir_servers="https://other.example.org/fhir")
    reply = call(made, fixture() | {"fhirServer": fhir.base, "prefetch": {}})
    assert (reply.status, fhir.requests) == (412, [])


SOMEBODY = {"resourceType": "PractitionerRole", "id": "7", "code": [{"text": "Ward pharmacist"}]}


@pytest.mark.parametrize(
    ("prefetch", "status"),
    [
        ({}, 412),
        ({"who": SOMEBODY}, 412),
        ({"theirs": None}, 412),
        ({"theirs": {"resourceType": "Bundle", "entry": []}}, 412),
        ({"conditions": None}, 200),
        ({"theirs": {"resourceType": "Bundle", "link": [{"relation": "self", "url": "https://x/Condition?y"}]}}, 200),
    ],
)
def test_data_counts_under_any_key_and_a_key_alone_does_not(make: Make, prefetch: Any, status: int) -> None:
    assert call(make(), fixture() | {"prefetch": prefetch}).status == status


def test_the_problem_list_may_come_under_a_key_of_the_clients_own(make: Make) -> None:
    whole = fixture()
    whole["prefetch"]["problems of the patient"] = whole["prefetch"].pop("conditions")
    assert topics(call(make(), whole))[0] == "mscc-suspected"


def test_what_the_user_is_and_did_is_on_record(make: Make) -> None:
    made = make()
    whole = fixture()
    whole["context"]["userId"] = "PractitionerRole/7"
    whole["prefetch"]["who"] = SOMEBODY
    whole["extension"] = {"com.epic.cdshooks.request.bpa-trigger-action": "23"}
    call(made, whole)
    assert made.store.flush()
    cards = list(made.store.card_rows())
    assert cards and {(card.user_role, card.trigger_action) for card in cards} == {("ward pharmacist", "23")}
