"""mCODE Cancer Disease Status: controlled, progressing, or nothing said."""

from __future__ import annotations

import pytest

from cds_service.findings.disease_course import disease_status
from cds_service.terminology.dates import Span
from tests.findings.scenes import scene

AGE = Span(days=90)


@pytest.mark.parametrize(
    ("answer", "controlled", "progressing"),
    [
        ("status-stable", True, False),
        ("status-improved", True, False),
        ("remission-full", True, False),
        ("remission-partial", True, False),
        ("status-worsened", False, True),
        ("Partial response", True, False),
        ("Stable disease", True, False),
        ("Progressive disease", False, True),
    ],
)
def test_what_a_status_says(answer: str, controlled: bool, progressing: bool) -> None:
    found = disease_status(scene({"observation": "disease-status", "answer": answer, "when": "5 d"}), AGE)
    assert found.controlled is controlled
    assert found.progressing is progressing


def test_undetermined_leaves_the_one_before_in_force() -> None:
    case = scene(
        {"observation": "disease-status", "answer": "status-undetermined", "when": "5 d"},
        {"observation": "disease-status", "answer": "status-stable", "when": "30 d"},
    )
    assert disease_status(case, AGE).controlled


def test_the_newest_status_within_the_window_counts() -> None:
    worse = {"observation": "disease-status", "answer": "status-worsened", "when": "5 d"}
    stable = {"observation": "disease-status", "answer": "status-stable", "when": "30 d"}
    assert disease_status(scene(worse, stable), AGE).progressing
    edge = {**stable, "when": "90 d"}
    past = {**stable, "when": "91 d"}
    assert disease_status(scene(edge), AGE).controlled
    assert not disease_status(scene(past), AGE)


def test_no_status_is_neither() -> None:
    found = disease_status(scene(), AGE)
    assert not found.controlled
    assert not found.progressing
