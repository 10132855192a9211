"""A course of dexamethasone holds from its first to its last moment, and works for a while after it."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.chart.case import Case
from cds_service.findings.steroid import dexamethasone_a_day, on_dexamethasone
from cds_service.terminology.dates import Span
from tests.chart.charts import bundle, read

GIVEN, WORKS = Span(days=30), Span(hours=48)


def course(authored: str, **repeat: Any) -> Case:
    """16 mg a day, ordered at that moment and active still; it is 9:00 on 2 March."""
    line = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", **repeat}}}
    dose = {"doseAndRate": [{"doseQuantity": {"value": 16, "unit": "mg"}}]}
    order = {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "authoredOn": authored,
        "medicationCodeableConcept": {"text": "dexamethasone"},
        "dosageInstruction": [{**line, **dose}],
    }
    return read({"medicationRequests": bundle(order)})


FIVE_DAYS = {"boundsDuration": {"value": 5, "unit": "d", "code": "d", "system": "http://unitsofmeasure.org"}}


@pytest.mark.parametrize(
    ("authored", "works"),
    [
        ("2025-12-01T09:00:00Z", False),
        ("2026-02-23T08:59:00Z", False),
        ("2026-02-23T09:00:00Z", True),
        ("2026-02-23T09:01:00Z", True),
    ],
)
def test_a_course_works_for_a_while_after_its_last_day(authored: str, works: bool) -> None:
    assert bool(on_dexamethasone(course(authored, **FIVE_DAYS), GIVEN, WORKS)) is works


@pytest.mark.parametrize(("start", "begun"), [("2026-03-02T09:00:00Z", True), ("2026-03-02T09:01:00Z", False)])
def test_a_course_that_begins_now_has_begun(start: str, begun: bool) -> None:
    case = course("2026-03-01T09:00:00Z", boundsPeriod={"start": start, "end": "2026-03-09"})
    assert bool(on_dexamethasone(case, GIVEN, WORKS)) is begun


@pytest.mark.parametrize(
    ("authored", "milligrams"),
    [("2026-02-25T08:59:00Z", 0), ("2026-02-25T09:00:00Z", 16), ("2026-02-25T09:01:00Z", 16)],
)
def test_a_course_counts_in_a_day_up_to_its_end(authored: str, milligrams: int) -> None:
    daily = dexamethasone_a_day(course(authored, **FIVE_DAYS), with_orders=True).stated
    assert daily is not None
    assert daily.value == milligrams
