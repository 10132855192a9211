"""What brought the patient: a sign that is the reason of the visit under way counts, what the visit is to find out does not."""

from __future__ import annotations

import pytest

from tests.chart.charts import bundle
from tests.clinical.asking import SNOMED, Resource, ask, coded, condition, day

BREAST = condition(coded(SNOMED, "254837009"), 900)


def visit(
    *reasons: str, status: str = "in-progress", ago: float = 0, identifier: str = "e1", **more: object
) -> Resource:
    about = {"subject": {"reference": "Patient/p1"}, "period": {"start": day(ago)}}
    brought = {"reasonCode": [{"text": reason} for reason in reasons]}
    return {"resourceType": "Encounter", "id": identifier, "status": status, **about, **brought, **more}


def cord(encounter: Resource, encounter_id: str = "e1") -> str:
    """What the service says of the cord of a woman with breast cancer at this visit."""
    prefetch = {key: bundle() for key in ("observations", "reports", "procedures")}
    record = {**prefetch, "conditions": bundle(BREAST), "encounters": bundle(encounter)}
    cards = ask("patient-view", {"patientId": "p1", "encounterId": encounter_id}, record)
    return "not known" if "could-not-assess" in cards.topics else cards.indicator("mscc-suspected")


@pytest.mark.parametrize(
    "reason",
    [
        "Leg weakness",
        "Off legs since yesterday",
        "Beinschwäche",
        "Gehstörung",
        "rétention urinaire",
        "Back pain and weak legs",
    ],
)
def test_a_sign_that_brought_the_patient_counts(reason: str) -> None:
    assert cord(visit(reason)) == cord(visit("Fall", reason)) == "critical"


@pytest.mark.parametrize(
    "reason",
    [
        "Chemotherapy",
        "Calcium check",
        "PSA rising",
        "Rule out leg weakness",
        "No leg weakness",
        "Follow-up, history of leg weakness",
        "Barthel index",
        "Routine review",
    ],
)
def test_other_reasons_say_nothing_of_the_cord(reason: str) -> None:
    assert cord(visit(reason)) == "silent"


def test_only_the_visit_of_the_call_counts_once_it_has_begun_and_lately() -> None:
    assert cord(visit("Leg weakness"), "another") == cord(visit("Leg weakness"), "") == "silent"
    assert cord(visit("Leg weakness", status="planned")) == cord(visit("Leg weakness", status="cancelled")) == "silent"
    assert cord(visit("Leg weakness", ago=29)) == "critical"
    assert cord(visit("Leg weakness", ago=31)) == "silent"
    assert cord(visit("Leg weakness", subject={"reference": "Patient/p2"})) == "silent"


def test_the_reason_of_stu3_counts_too() -> None:
    older = visit() | {"reason": [{"text": "Leg weakness"}]}
    del older["reasonCode"]
    assert cord(older) == "critical"
