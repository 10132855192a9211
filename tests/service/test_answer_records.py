"""What the store is told of an answer: a suggestion that is done while its card stands is a action too."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cds_service.chart.wire import Prefetch
from cds_service.hooks.request import Envelope, RequestReader
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.answer_records import remembered
from cds_service.service.store import ChartedAction
from tests.expected import loaded
from tests.service.wire import ROOT

NAME = "breast-bone-mets-leg-weakness"
SERVICE = "metastatic-disease-patient-view"
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ORDER = {"subject": {"reference": f"Patient/{NAME}"}}
GIVEN = {
    "resourceType": "MedicationAdministration",
    "id": "given",
    "status": "completed",
    "medicationCodeableConcept": {
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "3264"}],
        "text": "Dexamethasone",
    },
    "dosage": {"dose": {"value": 16, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}},
}
MRI = {
    "resourceType": "ServiceRequest",
    "id": "mri",
    "status": "active",
    "intent": "order",
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "241645008"}], "text": "MRI whole spine"},
}


def charted(key: str, resource: dict[str, Any] | None) -> set[ChartedAction]:
    """What the record holds as done of the card on the cord, one hour after it was shown."""
    body = json.loads((ROOT / f"fhir_fixtures/requests/{NAME}-patient-view.json").read_text(encoding="utf-8"))
    if resource is not None:
        bundle = body["prefetch"].get(key) or {"resourceType": "Bundle", "type": "searchset", "entry": []}
        bundle["entry"] = [*bundle.get("entry", []), {"resource": {**resource, **ORDER}}]
        bundle["total"] = len(bundle["entry"])
        body["prefetch"][key] = bundle
    request = RequestReader(Envelope[Prefetch]).read(json.dumps(body).encode(), {"patient-view"})
    consultation = KnowledgeAdvisor(loaded()[0]).consult(SERVICE, request, NOW)
    assert "mscc-suspected" in {shown.topic for shown in consultation.answer.shown}
    return {action for action in remembered(consultation).charted if action.topic == "mscc-suspected"}


@pytest.mark.parametrize(
    ("key", "resource", "done"),
    [
        ("medicationAdministrations", GIVEN | {"effectiveDateTime": "2026-03-02T09:20:00Z"}, "dexamethasone"),
        ("serviceRequests", MRI | {"authoredOn": "2026-03-02T09:20:00Z"}, "mri"),
    ],
)
def test_what_was_done_of_a_card_that_still_stands_is_named_beside_what_it_offers_still(
    key: str, resource: dict[str, Any], done: str
) -> None:
    (action,) = charted(key, resource)
    assert action.at == datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
    assert action.still == {"mri", "dexamethasone", "spinal_surgery", "radiation_oncology"} - {done}


def test_without_anything_done_nothing_is_named() -> None:
    assert charted("", None) == set()
