"""Myeloma as bone disease, skeletal events and disease status, on plain facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cds_service.chart.case import Case, Facts
from cds_service.chart.facts import Condition, Observation, Procedure
from cds_service.findings.bone_disease import bone_disease, skeletal_events
from cds_service.findings.disease_course import disease_status
from cds_service.terminology.dates import Moment, Span, parse_moment
from tests.findings.shared_tables import shared_groups

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
QUARTER = Span(months=3)


def ago(days: int) -> Moment:
    moment = parse_moment((NOW - timedelta(days=days)).date().isoformat())
    assert moment is not None
    return moment


def condition(*concepts: str, days: int = 10, **changes: Any) -> Condition:
    values: dict[str, Any] = {
        "reference": f"Condition/{concepts[0]}",
        "label": concepts[0],
        "concepts": frozenset(concepts),
        "coded": frozenset(concepts),
        "state": "active",
        "suspected": False,
        "onset": ago(days),
        "recorded": None,
        "abated": None,
        "sites": frozenset(),
        "text": "",
    }
    return Condition(**{**values, **changes})


def procedure(
    *concepts: str, days: int = 10, status: Any = "completed", sites: frozenset[str] = frozenset()
) -> Procedure:
    return Procedure(
        reference=f"Procedure/{concepts[0]}",
        label=concepts[0],
        concepts=frozenset(concepts),
        coded=frozenset(concepts),
        status=status,
        performed=ago(days),
        sites=sites,
        reasons=frozenset(),
        text="",
    )


def status(answer: str, days: int = 10) -> Observation:
    return Observation(
        reference=f"Observation/{answer}-{days}",
        label="Disease status",
        concepts=frozenset({"disease-status"}),
        coded=frozenset({"disease-status"}),
        status="final",
        effective=ago(days),
        issued=None,
        value=None,
        comparator="",
        unit_assumed=False,
        answers=frozenset({answer}),
        present=None,
        text=answer,
        low=None,
        high=None,
        sites=frozenset(),
        focus=(),
    )


def case(*facts: Condition | Procedure | Observation) -> Case:
    return Case(
        as_of=NOW,
        hook="patient-view",
        conditions=Facts([fact for fact in facts if isinstance(fact, Condition)]),
        procedures=Facts([fact for fact in facts if isinstance(fact, Procedure)]),
        observations=Facts([fact for fact in facts if isinstance(fact, Observation)]),
        groups=shared_groups(),
    )


def test_active_myeloma_is_bone_disease() -> None:
    assert bone_disease(case(condition("myeloma")))


@pytest.mark.parametrize(
    "myeloma",
    [
        condition("myeloma", state="remission"),
        condition("myeloma", state="past"),
        condition("myeloma", "cancer-in-remission"),
    ],
    ids=["remission", "past", "coded in remission"],
)
def test_myeloma_in_remission_is_not(myeloma: Condition) -> None:
    assert not bone_disease(case(myeloma))


def test_bone_metastases_go_before_myeloma() -> None:
    assert bone_disease(case(condition("myeloma"), condition("bone-metastasis"))).label == "bone-metastasis"


@pytest.mark.parametrize(("days", "counts"), [(89, True), (90, True), (91, False)])
def test_a_fracture_within_the_window_is_a_skeletal_event(days: int, counts: bool) -> None:
    window = Span(days=90)
    assert bool(skeletal_events(case(condition("pathological-fracture", days=days)), window)) is counts


def test_radiotherapy_counts_when_it_went_to_bone() -> None:
    assert skeletal_events(case(procedure("radiotherapy", sites=frozenset({"site-bone"}))), QUARTER)
    assert not skeletal_events(case(procedure("radiotherapy", sites=frozenset({"site-lung"}))), QUARTER)
    assert not skeletal_events(case(procedure("orthopaedic-fixation", status="planned")), QUARTER)


def test_the_newest_status_decides() -> None:
    newest = disease_status(case(status("status-stable", 60), status("status-worsened", 5)), QUARTER)
    assert newest.progressing
    assert not newest.controlled


@pytest.mark.parametrize("answer", ["status-stable", "status-improved", "remission-full", "remission-partial"])
def test_stable_improved_and_remission_are_controlled(answer: str) -> None:
    assert disease_status(case(status(answer)), QUARTER).controlled


def test_an_undetermined_or_old_status_says_nothing() -> None:
    assert not disease_status(case(status("status-undetermined"), status("status-stable", 200)), QUARTER)
