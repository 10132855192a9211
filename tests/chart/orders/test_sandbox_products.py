"""Products that the public sandbox offers, drafted as it drafts them: so many pills, so many times a day."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from msgspec import Raw

from cds_service.chart.facts import Medication
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from tests.chart.orders.reading import NOW
from tests.shipped import meanings

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
TIMES = {"daily": 1, "bid": 2, "tid": 3, "qid": 4}
"""The frequencies that it offers, and what it writes for them."""
PRODUCTS = [  # code, drug, milligrams, form, value set
    ("197577", "Dexamethasone", "0.5", "Oral Tablet", "dexamethasone"),
    ("343033", "Dexamethasone", "0.75", "Oral Tablet", "dexamethasone"),
    ("197579", "Dexamethasone", "1", "Oral Tablet", "dexamethasone"),
    ("197580", "Dexamethasone", "1.5", "Oral Tablet", "dexamethasone"),
    ("197581", "Dexamethasone", "2", "Oral Tablet", "dexamethasone"),
    ("197582", "Dexamethasone", "4", "Oral Tablet", "dexamethasone"),
    ("197583", "Dexamethasone", "6", "Oral Tablet", "dexamethasone"),
    ("343040", "Dexamethasone", "0.75", "Oral Tablet [Decadron]", "dexamethasone"),
    ("904936", "ibandronic acid", "2.5", "Oral Tablet", "ibandronic-acid"),
    ("904932", "ibandronic acid", "150", "Oral Tablet", "ibandronic-acid"),
    ("904431", "Alendronic acid", "70", "Oral Tablet", "alendronic-acid"),
    ("1020064", "risedronate sodium", "35", "Delayed Release Oral Tablet", "risedronic-acid"),
    ("199224", "anastrozole", "1", "Oral Tablet", "aromatase-inhibitor"),
    ("200064", "letrozole", "2.5", "Oral Tablet", "aromatase-inhibitor"),
    ("310261", "exemestane", "25", "Oral Tablet", "aromatase-inhibitor"),
    ("313195", "Tamoxifen", "20", "Oral Tablet", "tamoxifen"),
    ("200328", "capecitabine", "500", "Oral Tablet", "systemic-anticancer"),
    ("284206", "imatinib", "100", "Oral Capsule", "systemic-anticancer"),
    ("1100075", "abiraterone acetate", "250", "Oral Tablet", "abiraterone"),
    ("199123", "bicalutamide", "50", "Oral Tablet", "antiandrogen"),
    ("312615", "Prednisone", "20", "Oral Tablet", "prednisone"),
    ("314200", "pantoprazole", "40", "Delayed Release Oral Tablet", "ppi"),
    ("198051", "Omeprazole", "20", "Delayed Release Oral Capsule", "ppi"),
    ("197805", "Ibuprofen", "400", "Oral Tablet", "nsaid"),
    ("310963", "Ibuprofen", "100", "Chewable Tablet", "nsaid"),
    ("855344", "Warfarin Sodium", "7.5", "Oral Tablet", "anticoagulant"),
    ("1364445", "apixaban", "5", "Oral Tablet", "anticoagulant"),
]


def drafted(code: str, name: str, pills: int, times: int) -> Medication:
    """The draft as the fact that rules see."""
    dosage: dict[str, Any] = {
        "timing": {"repeat": {"frequency": times, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": pills, "system": "http://unitsofmeasure.org", "code": "{pill}"}}],
    }
    draft = {
        "resourceType": "MedicationRequest",
        "id": "request-123",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "authoredOn": "2026-03-02",
        "dosageInstruction": [dosage],
        "medicationCodeableConcept": {"text": name, "coding": [{"display": name, "system": RXNORM, "code": code}]},
    }
    bundle = json.dumps({"resourceType": "Bundle", "entry": [{"resource": draft}]}).encode()
    circumstances = Circumstances(patient_id="p", hook="order-select", as_of=NOW, draft_orders=bundle)
    nothing: dict[str, Raw] = {}
    (found,) = read_case(nothing, circumstances, meanings()).read_all().medications
    return found


@pytest.mark.parametrize(("code", "drug", "milligrams", "form", "concept"), PRODUCTS)
def test_a_product_is_its_drug_and_strength(code: str, drug: str, milligrams: str, form: str, concept: str) -> None:
    found = drafted(code, f"{drug} {milligrams} MG {form}", pills=1, times=1)
    assert concept in found.concepts
    assert found.dose is not None and found.dose.to("mg").value == Decimal(milligrams)
    assert found.way == ("" if "Chewable" in form else "oral")
    assert not found.unclear


@pytest.mark.parametrize(("frequency", "times"), TIMES.items())
@pytest.mark.parametrize("pills", [1, 2, 3, 8])
def test_a_day_is_pills_times_strength_times_frequency(pills: int, frequency: str, times: int) -> None:
    found = drafted("197582", "Dexamethasone 4 MG Oral Tablet", pills, times)
    assert found.daily is not None and found.daily.to("mg").value == pills * 4 * times, frequency


@pytest.mark.parametrize(
    "name",
    [
        "Dexamethasone Pill",
        "Calcium Carbonate 1250 MG / Cholecalciferol 200 UNT Oral Tablet",
        "Ibuprofen 200 MG / Famotidine 26.6 MG Oral Tablet",
    ],
)
def test_pills_of_no_strength_or_of_several_are_not_readable(name: str) -> None:
    found = drafted("0", name, pills=2, times=2)
    assert (found.dose, found.daily) == (None, None)
    assert found.unclear
