"""Advice that was put off is snoozed until something is new; a candidate overlay is evaluated and never shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.knowledge.errors import KnowledgeError
from cds_service.service.application import Application
from tests.service.whole import Make
from tests.service.wire import ROOT, over_wsgi

PV = "/cds-services/metastatic-disease-patient-view"
JSON = {"Content-Type": "application/json"}
CORD = "breast-bone-mets-leg-weakness"


def fixture(as_of: str = "2026-03-02T09:00:00Z") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / f"fhir_fixtures/requests/{CORD}-patient-view.json").read_text())
    found["extension"]["org.cds-service.as-of"] = as_of
    return found


def answer(made: Application, body: dict[str, Any]) -> dict[str, Any]:
    reply = over_wsgi(made.wsgi)("POST", PV, json.dumps(body).encode(), JSON)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.json()
    return found


def topics(found: dict[str, Any]) -> list[str]:
    return [card["source"]["topic"]["code"] for card in found["cards"]]


def override(made: Application, found: dict[str, Any], topic: str, at: str = "2026-03-02T09:05:00Z") -> None:
    card = next(card for card in found["cards"] if card["source"]["topic"]["code"] == topic)
    item = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": at}
    body = json.dumps({"feedback": [item]}).encode()
    assert over_wsgi(made.wsgi)("POST", f"{PV}/feedback", body, JSON).status == 200


@pytest.mark.parametrize(
    ("namespace", "held_back"), [("", "heldBack"), ("org.example.hospital", "org.example.hospital.heldBack")]
)
def test_an_overridden_critical_card_is_snoozed_for_four_hours_and_named(
    make: Make, namespace: str, held_back: str
) -> None:
    made = make(extension_namespace=namespace)
    override(made, answer(made, fixture()), "mscc-suspected")
    again = answer(made, fixture("2026-03-02T11:00:00Z"))
    assert "mscc-suspected" not in topics(again)
    assert "mscc-suspected" in again["extension"][held_back]
    assert "mscc-suspected" in topics(answer(made, fixture("2026-03-02T13:10:00Z")))


def test_new_evidence_breaks_the_rest(make: Make) -> None:
    made = make()
    override(made, answer(made, fixture()), "mscc-suspected")
    body = fixture("2026-03-02T11:00:00Z")
    conditions = body["prefetch"]["conditions"]["entry"]
    new = json.loads(json.dumps(conditions[-1]))
    signs = [entry for entry in conditions if "weakness" in json.dumps(entry["resource"]["code"]).lower()]
    new = json.loads(json.dumps(signs[0]))
    new["resource"] |= {"id": "new-sign", "onsetDateTime": "2026-03-02"}
    new["resource"]["code"] = {"coding": [{"system": "http://snomed.info/sct", "code": "267064002"}]}
    new["fullUrl"] = new["fullUrl"] + "-new"
    conditions.append(new)
    assert "mscc-suspected" in topics(answer(made, body))


def test_the_same_sign_under_another_id_and_date_does_not_break_the_rest(make: Make) -> None:
    made = make()
    override(made, answer(made, fixture()), "mscc-suspected")
    body = fixture("2026-03-02T11:00:00Z")
    signs = [
        each for each in body["prefetch"]["conditions"]["entry"] if "weakness" in json.dumps(each["resource"]).lower()
    ]
    signs[0]["resource"] |= {"id": "charted-again", "onsetDateTime": "2026-03-01"}
    assert "mscc-suspected" not in topics(answer(made, body))


def test_what_rested_is_recorded_as_snoozed(make: Make) -> None:
    made = make()
    override(made, answer(made, fixture()), "mscc-suspected")
    body = fixture("2026-03-02T11:00:00Z") | {"hookInstance": "0d7c4d5e-4b25-4a4e-9b5e-5b1f0c7a3d11"}
    answer(made, body)
    assert made.store.flush()
    tally = {found.group[0]: found for found in made.store.tallies(["topic"])}["mscc-suspected"]
    assert (tally.shown, tally.overridden, tally.snoozed) == (1, 1, 1)


def test_a_colleague_sees_the_critical_card_that_one_user_put_off_and_when(make: Make) -> None:
    made = make(time_zone="Europe/London")
    first = answer(made, fixture())
    assert "Put off" not in json.dumps(first)
    override(made, first, "mscc-suspected")
    body = fixture("2026-03-02T09:05:30Z")  # the minute in which it was put off has not ended
    assert "mscc-suspected" not in topics(answer(made, body))
    body["context"]["userId"] = "Practitioner/colleague"
    seen = {card["source"]["topic"]["code"]: card for card in answer(made, body)["cards"]}["mscc-suspected"]
    assert "Put off by a colleague at 09:05; nothing is new since." in seen["detail"]


def test_what_is_ordered_after_the_card_is_accepted_by_the_chart(make: Make) -> None:
    made = make()
    body = json.loads((ROOT / "fhir_fixtures/requests/lung-mets-spo2-91-patient-view.json").read_text())
    assert "oxygen" in topics(answer(made, body))
    again = body | {"hookInstance": "0d7c4d5e-4b25-4a4e-9b5e-5b1f0c7a3d11"}
    again["extension"] = {"org.cds-service.as-of": "2026-03-02T10:00:00Z"}
    order = {
        "resourceType": "ServiceRequest",
        "id": "o2",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{body['context']['patientId']}"},
        "authoredOn": "2026-03-02T09:00:20Z",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "57485005", "display": "Oxygen therapy"}]},
    }
    again["prefetch"] = body["prefetch"] | {"ordered": order}
    assert "oxygen" not in topics(answer(made, again))
    assert made.store.flush()
    tally = {found.group[0]: found for found in made.store.tallies(["topic"])}["oxygen"]
    assert (tally.shown, tally.accepted, tally.done) == (1, 1, 1)


def test_a_candidate_is_recorded_silently_with_its_name_and_never_shown(make: Make) -> None:
    plain, made = answer(make(), fixture()), make(candidate_site="uk-nice")
    assert answer(made, fixture()) == plain
    assert made.candidate is not None
    made.candidate.close()
    assert made.store.flush()
    rows = [row for row in made.store.card_rows() if row.variant]
    assert {row.standing for row in rows} == {"silent", "capped"}
    assert {row.variant.partition("@")[0] for row in rows} == {"uk-nice"}
    assert "mscc-suspected" in {row.topic for row in rows}


def test_a_candidate_is_snoozed_and_capped_as_the_live_knowledge_is(make: Make) -> None:
    made = make(candidate_site="us-conventional-units")
    override(made, answer(made, fixture()), "mscc-suspected")
    answer(made, fixture("2026-03-02T11:00:00Z") | {"hookInstance": "0d7c4d5e-4b25-4a4e-9b5e-5b1f0c7a3d11"})
    assert made.candidate is not None
    made.candidate.close()
    assert made.store.flush()
    standings = {(row.topic, row.standing) for row in made.store.card_rows() if row.variant}
    assert ("mscc-suspected", "snoozed") in standings and "dropped" not in {standing for _, standing in standings}


def test_a_card_that_is_not_for_a_role_is_held_back_counted_and_explained(make: Make, tmp_path: Path) -> None:
    why = "not_for: {roles: [Ward pharmacist]}, why: The ward round tells them."
    site = tmp_path / "here.yaml"
    site.write_text(f"site: here\ntitle: Here\nfor_whom:\n  mscc-suspected: {{{why}}}\n")
    made = make(site=str(site))
    body = fixture()
    body["context"]["userId"] = "PractitionerRole/7"
    body["prefetch"]["user"] = {"resourceType": "PractitionerRole", "id": "7", "code": [{"text": "Ward Pharmacist"}]}
    found = answer(made, body)
    assert "mscc-suspected" not in topics(found) and "mscc-suspected" in found["extension"]["heldBack"]
    other = body | {"hookInstance": "0d7c4d5e-4b25-4a4e-9b5e-5b1f0c7a3d11"}
    other["prefetch"] = body["prefetch"] | {"user": {"resourceType": "PractitionerRole", "id": "7"}}
    assert "mscc-suspected" in topics(answer(made, other))
    assert made.store.flush()
    tally = {one.group[0]: one for one in made.store.tallies(["topic"])}["mscc-suspected"]
    assert (tally.shown, tally.withheld, tally.silent) == (1, 1, 0)
    reply = over_wsgi(made.wsgi)("POST", f"/admin/explain/{PV.rpartition('/')[2]}", json.dumps(body).encode(), JSON)
    explained = {one["topic"]: one for one in reply.json()["cards"]}["mscc-suspected"]
    assert explained["result"] == "withheld"
    assert explained["because"].endswith("(not for this role (ward pharmacist): The ward round tells them.)")


def test_a_wrong_candidate_keeps_the_service_from_starting(make: Make) -> None:
    with pytest.raises(KnowledgeError, match="no-such-site"):
        make(candidate_site="no-such-site")
