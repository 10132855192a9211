"""Orders whose meaning stands in several elements, or in resources within them: read together, and never a failure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clinical.asking import (
    ICD10CM,
    LOINC,
    RXNORM,
    SNOMED,
    Cards,
    Resource,
    coded,
    condition,
    observation,
    prescription,
    select,
    service,
    view,
)

BREAST, BONE = condition(coded(ICD10CM, "C50.911"), 900), condition(coded(SNOMED, "94222008"), 300)
WEAKNESS, OMEPRAZOLE = condition(coded(SNOMED, "309774006"), 2), prescription({"text": "omeprazole 20 mg"})
CLEARANCE = observation(coded(LOINC, "2164-2"), 25, "mL/min")
EGFR = observation(coded(LOINC, "62238-1", "eGFR"), 20, "mL/min/{1.73_m2}")


def of_medication(*within: Resource, draft: str = "#m") -> Cards:
    """Select a draft whose medicine is a Medication among these resources, which it contains."""
    dose = [{"text": "4 mg intravenously every 4 weeks"}]
    ordered = prescription({}, 0, status="draft", dosageInstruction=dose, contained=list(within))
    del ordered["medicationCodeableConcept"]
    return select(BREAST, BONE, CLEARANCE, drafts=[ordered | {"medicationReference": {"reference": draft}}])


def medication(**ingredient: Any) -> Resource:
    return {"resourceType": "Medication", "id": "m", "ingredient": [ingredient]}


@pytest.mark.parametrize(
    "within",
    [
        [medication(itemCodeableConcept=coded(RXNORM, "77655"))],
        [medication(itemReference={"reference": "Substance/3", "display": "Zoledronic acid"})],
        [
            medication(itemReference={"reference": "#s"}),
            {"resourceType": "Substance", "id": "s", "code": {"text": "Zoledronsäure"}},
        ],
        [
            {"resourceType": "Medication", "id": "part", "code": coded(RXNORM, "77655")},
            medication(itemReference={"reference": "#part"}),
        ],
        [medication(item={"concept": coded(RXNORM, "77655")})],  # R5
        [
            {"resourceType": "Practitioner", "id": "who", "name": [{"family": "Muster"}]},
            {"resourceType": "Medication", "id": "m", "code": coded(RXNORM, "77655")},
        ],
    ],
)
def test_a_medicine_is_known_by_what_it_is_made_of_and_whatever_else_the_draft_contains(within: list[Resource]) -> None:
    topics = of_medication(*within).topics
    assert "zoledronate-renal-dose" in topics and "could-not-assess" not in topics


@pytest.mark.parametrize(
    "within",
    [
        [medication(itemReference={"reference": "Substance/3"})],
        [medication(itemReference={"reference": "#m"})],  # of itself
        [{"resourceType": "Practitioner", "id": "m"}],
        [],
    ],
)
def test_a_medicine_that_nothing_within_names_is_not_known(within: list[Resource]) -> None:
    assert "could-not-assess" in of_medication(*within).topics


@pytest.mark.parametrize(
    ("code", "parts", "warned"),
    [
        ("CT chest", {"orderDetail": ["with IV contrast"]}, True),
        ("CT Thorax", {"orderDetail": ["Dringend", "mit KM"]}, True),
        ("CT", {"bodySite": ["Chest", "Abdomen", "Pelvis"], "orderDetail": ["with contrast"]}, True),
        ("CT with contrast", {"orderDetail": ["without contrast"]}, True),  # which of them holds?
        ("CT chest", {"orderDetail": ["without contrast"]}, False),
        ("CT", {"bodySite": ["Chest", "Abdomen", "Pelvis"], "orderDetail": ["sans injection"]}, False),
        ("Ultrasound abdomen", {"orderDetail": ["with contrast agent"]}, False),
    ],
)
def test_code_site_and_detail_of_a_study_are_one_sentence(code: str, parts: dict[str, list[str]], warned: bool) -> None:
    said = {element: [{"text": words} for words in several] for element, several in parts.items()}
    assert ("contrast-safety" in select(BREAST, EGFR, drafts=[service({"text": code}, **said)]).topics) is warned


@pytest.mark.parametrize(("site", "one_region"), [("Thoracic spine", True), ("Whole spine", False), ("Knee", False)])
def test_the_region_of_an_mri_may_stand_in_its_body_site(site: str, one_region: bool) -> None:
    mri = service({"text": "MRI"}, bodySite=[{"text": site}])
    assert ("whole-spine-mri" in select(BREAST, WEAKNESS, drafts=[mri]).topics) is one_region


@pytest.mark.parametrize(
    ("code", "site", "warned"),
    [("Extraction", "Tooth 36", True), ("Extraktion", "Zahn 36", True), ("Extraction", "Cataract, right eye", False)],
)
def test_what_is_extracted_may_stand_in_the_body_site(code: str, site: str, warned: bool) -> None:
    zoledronate = prescription({"text": "zoledronic acid 4 mg"}, 30)
    extraction = service({"text": code}, bodySite=[{"text": site}])
    assert ("dental-surgery-on-bma" in select(BREAST, BONE, zoledronate, drafts=[extraction]).topics) is warned


@pytest.mark.parametrize(
    ("reaction", "offered"),
    [
        ({"substance": {"text": "Dexamethason"}, "manifestation": [{"text": "Anaphylaxie"}]}, False),
        ({"substance": coded(RXNORM, "3264")}, False),
        ({"substance": {"text": "Penicillin"}}, True),
    ],
)
@pytest.mark.parametrize("code", [{}, {"code": {"text": "Drug allergy"}}])
def test_an_allergy_may_name_its_substance_in_its_reaction_only(
    reaction: Resource, offered: bool, code: Resource
) -> None:
    allergy = {"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/p1"}, **code}
    cards = view(BREAST, WEAKNESS, allergy | {"reaction": [reaction]})
    assert bool(cards.created("mscc-suspected", "MedicationRequest")) is offered


def dexamethasone(repeat: Resource, dose: float) -> str:
    """The summary of the check of this dose, by the words of a timing; empty when there is none."""
    line = {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": {"value": dose, "unit": "mg"}}]}
    draft = prescription({"text": "dexamethasone"}, 0, status="draft", dosageInstruction=[line])
    cards = select(BREAST, WEAKNESS, OMEPRAZOLE, drafts=[draft])
    assert "could-not-assess" not in cards.topics
    return cards.summary("dexamethasone-safety") if "dexamethasone-safety" in cards.topics else ""


def test_a_dose_of_one_day_a_week_is_called_by_that_day() -> None:
    assert "40 mg a day is above" in dexamethasone({"dayOfWeek": ["mon"]}, 40)
    assert "40 mg a day is above" in dexamethasone({"frequency": 1, "period": 1, "periodUnit": "wk"}, 40)


@pytest.mark.parametrize(
    ("repeat", "daily"),
    [
        ({"frequency": 2, "period": 1, "periodUnits": "d"}, "32 mg"),
        ({"frequency": 1, "period": 12, "periodUnits": "h"}, "32 mg"),
        ({"frequency": 1, "period": 1, "periodUnits": "d", "when": "ACM"}, ""),
    ],
)
def test_a_timing_of_dstu2_is_read(repeat: Resource, daily: str) -> None:
    summary = dexamethasone(repeat, 16)
    assert daily in summary if daily else not summary


@pytest.mark.parametrize(
    ("why", "hypercalcaemia"),
    [
        ({"reason": [{"concept": {"text": "Hypercalcaemia of malignancy"}}]}, True),  # R5
        ({"reason": [{"concept": coded(ICD10CM, "E83.52")}, {"concept": {"text": "Cancer"}}]}, True),
        ({"reasonCode": [coded(ICD10CM, "E83.52")]}, True),
        ({"reasonCodeableConcept": coded(ICD10CM, "E83.52")}, True),  # DSTU2
        ({"reason": [{"concept": {"text": "Bone metastases"}}]}, False),
        ({}, False),
    ],
)
def test_why_a_medicine_is_ordered_is_read_in_every_version(why: Resource, hypercalcaemia: bool) -> None:
    dose = [{"text": "4 mg intravenously once"}]
    draft = prescription({"text": "zoledronic acid 4 mg"}, 0, status="draft", dosageInstruction=dose, **why)
    summary = select(BREAST, BONE, CLEARANCE, drafts=[draft]).summary("zoledronate-renal-dose")
    assert ("for hypercalcaemia" in summary) is hypercalcaemia
