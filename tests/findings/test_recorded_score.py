"""Scores that somebody recorded: the newest that the scale has."""

from __future__ import annotations

import pytest

from cds_service.findings.score import Points
from cds_service.findings.sins import sins
from cds_service.terminology.dates import Span
from tests.findings.scenes import scene
from tests.findings.shared_tables import shared_table

AGE = Span(days=90)


def points(*facts: dict[str, object]) -> int | None:
    found = sins(scene(*facts), shared_table("sins_points", Points), AGE, AGE)
    return found.points if found.reported else None


def charted(value: int, when: str = "5 d") -> dict[str, object]:
    return {"observation": "sins-score", "integer": value, "when": when}


def reported(value: int, when: str = "5 d") -> dict[str, object]:
    return {"report": "mri-whole-spine", "when": when, "conclusion": f"SINS {value}."}


@pytest.mark.parametrize(("value", "read"), [(-1, None), (0, 0), (18, 18), (19, None)])
def test_a_charted_score_lies_on_the_scale(value: int, read: int | None) -> None:
    assert points(charted(value)) == read


@pytest.mark.parametrize(("value", "read"), [(0, 0), (18, 18), (19, None)])
def test_a_reported_score_lies_on_the_scale(value: int, read: int | None) -> None:
    assert points(reported(value)) == read


def test_the_newest_score_counts_whoever_gave_it() -> None:
    assert points(charted(14, "20 d"), reported(6, "5 d")) == 6
    assert points(reported(14, "20 d"), charted(6, "5 d")) == 6


def test_of_one_day_the_worst_counts() -> None:
    assert points(charted(6), reported(14)) == 14
