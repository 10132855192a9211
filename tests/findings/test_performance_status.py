"""ECOG and Karnofsky: the newest usable score counts, of one day the ECOG grade itself."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.patient_state import Grade, PerformanceLimit, performance_status
from cds_service.terminology.dates import Span
from tests.findings.scenes import scene
from tests.findings.shared_tables import shared_table

READING = PerformanceLimit(Span(days=90), shared_table("performance_grades", Grade))


def score(concept: str, integer: int, when: str = "5 d", **more: Any) -> dict[str, Any]:
    return {"observation": concept, "integer": integer, "when": when, **more}


def ecog(*facts: dict[str, Any]) -> int | None:
    found = performance_status(scene(*facts), READING)
    return found.ecog if found else None


@pytest.mark.parametrize(
    ("karnofsky", "grade"),
    [(100, 0), (90, 0), (80, 1), (70, 1), (60, 2), (50, 2), (40, 3), (30, 3), (20, 4), (10, 4), (0, 5)],
)
def test_a_karnofsky_index_is_read_as_an_ecog_grade(karnofsky: int, grade: int) -> None:
    assert ecog(score("karnofsky", karnofsky)) == grade


@pytest.mark.parametrize("grade", [0, 1, 2, 3, 4, 5])
def test_an_ecog_grade_stands_for_itself(grade: int) -> None:
    assert ecog(score("ecog", grade)) == grade


def test_numbers_that_the_scales_do_not_have_are_none() -> None:
    assert ecog(score("ecog", 6)) is None
    assert ecog({"observation": "ecog", "string": "see note"}) is None
    assert ecog({"observation": "ecog", "unitless": "1.5"}) is None


def test_the_newest_score_counts_and_an_old_one_does_not() -> None:
    assert ecog(score("ecog", 3, "20 d"), score("ecog", 1, "10 d")) == 1
    assert ecog(score("karnofsky", 90, "3 d"), score("ecog", 3, "20 d")) == 0
    assert ecog(score("karnofsky", 90, "3 d"), score("ecog", 3, "3 d")) == 3
    assert ecog(score("ecog", 3, "90 d")) == 3
    assert ecog(score("ecog", 3, "91 d")) is None


def test_a_preliminary_score_is_none() -> None:
    assert ecog(score("ecog", 3, status="preliminary")) is None
