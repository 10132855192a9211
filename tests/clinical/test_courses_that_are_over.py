"""Orders that are active though the days or the single dose that they state lie behind, or ahead: nobody takes them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clinical.asking import (
    ICD10CM,
    LOINC,
    SNOMED,
    Resource,
    coded,
    condition,
    day,
    observation,
    prescription,
    select,
    view,
)

BREAST, WEAKNESS = condition(coded(ICD10CM, "C50.911"), 900), condition(coded(SNOMED, "309774006"), 2)
OMEPRAZOLE = prescription({"text": "omeprazole 20 mg"})


def steroid(days: float, line: dict[str, Any], **repeat: Any) -> Resource:
    """Dexamethasone 16 mg a day that was ordered so many days ago and is active still."""
    daily = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", **repeat}}} if repeat else {}
    dose = {"doseAndRate": [{"doseQuantity": {"value": 16, "unit": "mg"}}]} if repeat else {}
    return prescription({"text": "dexamethasone"}, days, dosageInstruction=[{**daily, **dose, **line}])


def bounds(start: float, end: float) -> dict[str, str]:
    return {"start": day(start), "end": day(end)}


@pytest.mark.parametrize(
    ("order", "taken"),
    [
        (steroid(90, {"text": "16 mg daily"}), True),
        (steroid(90, {}, boundsPeriod=bounds(90, 85)), False),
        (steroid(90, {}, boundsPeriod=bounds(90, -5)), True),
        (steroid(2, {}, boundsPeriod=bounds(0, -5)), True),
        (steroid(2, {}, boundsPeriod=bounds(-3, -5)), False),
        (steroid(90, {}, boundsDuration={"value": 5, "unit": "d"}), False),
        (steroid(2, {}, boundsDuration={"value": 5, "unit": "d"}), True),
        (steroid(6, {}, boundsDuration={"value": 5, "unit": "d"}), True),  # the last dose works for two days
        (steroid(8, {}, boundsDuration={"value": 5, "unit": "d"}), False),
        (steroid(90, {"text": "16 mg daily for 5 days"}), False),
        (steroid(90, {"text": "16 mg daily for 5 days, then 8 mg daily for 5 days"}), False),
        (steroid(90, {"text": "16 mg daily for 5 days, then 8 mg daily"}), True),
        (steroid(90, {"text": "8 mg once"}), False),
        (steroid(1, {"text": "8 mg once"}), True),
        (steroid(90, {"text": "as directed"}), True),  # nobody knows
    ],
)
def test_a_course_of_steroid_that_is_over_takes_the_place_of_no_treatment(order: Resource, taken: bool) -> None:
    cards = view(BREAST, WEAKNESS, OMEPRAZOLE, order)
    assert bool(cards.created("mscc-suspected", "MedicationRequest")) is not taken


@pytest.mark.parametrize(("end", "enough"), [(-5, True), (60, False)])
def test_a_course_that_is_over_adds_nothing_to_a_dose_that_is_too_low(end: float, enough: bool) -> None:
    dose = [{"text": "4 mg daily"}]
    draft = prescription({"text": "dexamethasone"}, 0, status="draft", dosageInstruction=dose)
    topics = select(BREAST, WEAKNESS, OMEPRAZOLE, steroid(90, {}, boundsPeriod=bounds(90, end)), drafts=[draft]).topics
    assert ("dexamethasone-safety" not in topics) is enough


@pytest.mark.parametrize(
    ("record", "draft", "enough"),
    [
        ("other", {}, True),  # 8 mg beside 8 mg
        ("same", {}, False),  # one order, opened again
        ("other", {"priorPrescription": {"reference": "MedicationRequest/other"}}, False),
        (
            "other",
            {"priorPrescription": {"reference": "https://ehr.example/fhir/MedicationRequest/other/_history/1"}},
            False,
        ),
        ("other", {"priorPrescription": {"reference": "MedicationRequest/third"}}, True),
    ],
)
def test_an_order_that_a_draft_changes_or_replaces_is_not_counted_twice(
    record: str, draft: Resource, enough: bool
) -> None:
    line = {"dosageInstruction": [{"text": "8 mg daily"}]}
    known = prescription({"text": "dexamethasone"}, 1, id=record, **line)
    drafted = prescription({"text": "dexamethasone"}, 0, status="draft", id="same", **line, **draft)
    topics = select(BREAST, WEAKNESS, OMEPRAZOLE, known, drafts=[drafted]).topics
    assert ("dexamethasone-safety" not in topics) is enough


@pytest.mark.parametrize(("end", "reviewed"), [(-5, True), (60, False)])
def test_a_medicine_whose_bounds_have_ended_is_no_more_in_use(end: float, reviewed: bool) -> None:
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d", "boundsPeriod": bounds(90, end)}
    thiazide = prescription({"text": "chlortalidone 25 mg"}, 90, dosageInstruction=[{"timing": {"repeat": repeat}}])
    calcium = observation(coded(LOINC, "29265-6", "Calcium corrected"), 2.8, "mmol/L")
    assert ("hypercalcaemia-medicines" in view(BREAST, calcium, thiazide).topics) is reviewed
