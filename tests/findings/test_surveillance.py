"""The schedule of follow-up imaging, at each of its edges."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cds_service.chart.case import Case
from cds_service.findings.disease_course import FollowUp, Schedule, follow_up, stable_on_schedule
from cds_service.terminology.dates import Span, parse_moment
from tests.findings.scenes import scene

SCHEDULE = Schedule(Span(months=3), Span(months=6), Span(months=24), Span(months=60), Span(days=30), Span(days=90))
TODAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def place(onset: str, *facts: dict[str, Any]) -> FollowUp:
    case = scene(*facts)
    assert case.as_of.date() == TODAY.date(), "scenes are set on this day"
    return follow_up(case, parse_moment(onset), SCHEDULE)


def ct(day: str) -> dict[str, Any]:
    return {"report": "ct-chest", "when": day}


@pytest.mark.parametrize(
    ("onset", "last", "state"),
    [
        ("2025-01-10", "2025-11-02", "on_schedule"),
        ("2025-01-10", "2025-11-01", "overdue"),
        ("2024-03-02", "2025-10-01", "overdue"),
        ("2024-03-01", "2025-10-01", "on_schedule"),
        ("2023-01-10", "2025-08-03", "on_schedule"),
        ("2023-01-10", "2025-08-02", "overdue"),
        ("2021-03-02", "2025-01-10", "overdue"),
        ("2021-03-01", "2025-01-10", "ended"),
    ],
)
def test_intervals_and_their_edges(onset: str, last: str, state: str) -> None:
    assert place(onset, ct(last)).state == state


def test_without_imaging_the_onset_starts_the_clock() -> None:
    assert place("2025-11-02").state == "on_schedule"
    assert place("2025-11-01").state == "overdue"


def test_what_is_due_and_when() -> None:
    found = place("2025-01-10", ct("2025-10-01"))
    assert (found.due, found.interval) == (date(2026, 1, 1), Span(months=3))
    assert found.last is not None


def test_the_latest_of_several_images_counts() -> None:
    assert place("2025-01-10", ct("2025-06-01"), {"report": "chest-x-ray", "when": "2026-02-01"}).state == "on_schedule"


def test_an_order_that_stands_makes_it_no_reminder() -> None:
    assert place("2025-01-10", ct("2025-06-01"), {"order": "ct-chest", "when": "3 d"}).state == "ordered"


def test_without_an_onset_there_is_no_schedule() -> None:
    assert follow_up(Case(as_of=TODAY, hook="patient-view"), None, SCHEDULE).state == "no_onset"


@pytest.mark.parametrize(
    ("status", "last", "held"),
    [
        ("status-stable", "2026-02-01", True),
        ("status-stable", "2025-06-01", False),
        ("status-worsened", "2026-02-01", False),
    ],
)
def test_stable_on_schedule(status: str, last: str, held: bool) -> None:
    case = scene({"observation": "disease-status", "answer": status, "when": "5 d"}, ct(last))
    assert bool(stable_on_schedule(case, parse_moment("2025-01-10"), SCHEDULE)) is held


def test_the_newest_imaging_counts_whatever_kind_of_record_it_is() -> None:
    film = {"procedure": "chest-x-ray", "when": "2026-02-01"}
    assert place("2025-01-10", ct("2025-10-01"), film).state == "on_schedule"
