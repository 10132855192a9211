"""What is ordered, under way and done: orders, procedures, reports and imaging studies."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.studies import after, done, done_or_ordered, ordered, planned
from cds_service.terminology.dates import Span, parse_moment
from tests.findings.scenes import scene

MRI = "mri-whole-spine"
MONTH = Span(days=30)


@pytest.mark.parametrize(
    ("fact", "is_done"),
    [
        ({"report": MRI, "when": "29 d", "conclusion": "Normal."}, True),
        ({"report": MRI, "when": "30 d", "conclusion": "Normal."}, True),
        ({"report": MRI, "when": "31 d", "conclusion": "Normal."}, False),
        ({"report": MRI, "when": "1 d", "status": "preliminary", "conclusion": "Normal."}, True),
        ({"report": MRI, "when": "1 d", "status": "registered"}, False),
        ({"report": MRI, "when": "1 d", "status": "cancelled"}, False),
        ({"imaging": MRI, "when": "1 d"}, True),
        ({"imaging": MRI, "when": "1 d", "status": "entered-in-error"}, False),
        ({"procedure": MRI, "when": "1 d"}, True),
        ({"procedure": MRI, "when": "1 d", "status": "not-done"}, False),
        ({"order": MRI, "when": "1 d", "status": "completed"}, True),
        ({"order": MRI, "when": "1 d", "status": "active"}, False),
        ({"report": "mri-spine-region", "when": "1 d", "conclusion": "Normal."}, False),
    ],
)
def test_done_looks_at_four_kinds_of_record(fact: dict[str, Any], is_done: bool) -> None:
    assert bool(done(scene(fact), MONTH, MRI)) is is_done


@pytest.mark.parametrize(
    ("fact", "is_ordered"),
    [
        ({"order": MRI, "when": "1 d"}, True),
        ({"order": MRI, "when": "30 d"}, True),
        ({"order": MRI, "when": "31 d"}, False),
        ({"order": MRI, "when": ""}, True),
        ({"order": MRI, "when": "1 d", "status": "on-hold"}, True),
        ({"order": MRI, "when": "1 d", "status": "draft"}, True),
        ({"order": MRI, "when": "1 d", "status": "revoked"}, False),
        ({"order": MRI, "when": "1 d", "status": "completed"}, False),
        ({"order": MRI, "when": "1 d", "do_not_perform": True}, False),
    ],
)
def test_orders_that_stand(fact: dict[str, Any], is_ordered: bool) -> None:
    assert bool(ordered(scene(fact), MONTH, MRI)) is is_ordered


def test_a_draft_of_the_session_is_ordered() -> None:
    assert ordered(scene({"draft": MRI}, hook="order-select"), MONTH, MRI)


def test_planned_is_what_is_under_way() -> None:
    assert planned(scene({"procedure": MRI, "status": "in-progress", "when": "1 h"}), MRI)
    assert not planned(scene({"procedure": MRI, "status": "completed", "when": "1 h"}), MRI)


def test_done_or_ordered_is_all_of_it() -> None:
    facts = [{"order": MRI, "when": "1 d"}, {"imaging": MRI, "when": "2 d"}]
    assert len(done_or_ordered(scene(*facts), MONTH, MRI)) == 2


def test_after_keeps_what_does_not_lie_before_the_start() -> None:
    facts = done(scene({"imaging": MRI, "when": "2026-02-20"}), MONTH, MRI)
    assert after(facts, parse_moment("2026-02-20")) == facts
    assert after(facts, parse_moment("2026-02-19")) == facts
    assert after(facts, parse_moment("2026-02-21")) == ()
    assert after(facts, None) == facts


@pytest.mark.parametrize(("start", "counts"), [("2026-03-01T09:00:00Z", True), ("2026-03-01T09:01:00Z", False)])
def test_a_study_of_the_very_moment_is_not_before_it(start: str, counts: bool) -> None:
    case = scene({"report": MRI, "when": "2026-03-01T09:00:00Z", "conclusion": "Normal."})
    assert bool(after(case.reports.of(MRI), parse_moment(start))) is counts
