"""Pain scores: which count, which is the newest, whether pain persists and which way it goes."""

from __future__ import annotations

import pytest

from cds_service.findings.pain import newest_pain, pain_scores, pain_trend, painful, persistent_pain, points
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Quantity
from tests.findings.results import case, quantity, result
from tests.findings.scenes import scene

AGE = Span(days=14)


def score(value: int | str, when: str = "1 d", **more: object) -> dict[str, object]:
    return {
        "observation": "pain-score",
        "when": when,
        **({"integer": value} if isinstance(value, int) else {"string": value}),
        **more,
    }


@pytest.mark.parametrize(("when", "counts"), [("13 d", True), ("14 d", True), ("15 d", False)])
def test_a_score_counts_for_exactly_fourteen_days(when: str, counts: bool) -> None:
    assert bool(pain_scores(scene(score(6, when)), AGE)) is counts


@pytest.mark.parametrize(("value", "reaches"), [(3, False), (4, True), (5, True)])
def test_moderate_pain_begins_at_its_limit(value: int, reaches: bool) -> None:
    assert (painful(scene(score(value)), AGE, 4) is not None) is reaches


def test_the_newest_score_decides() -> None:
    newest = newest_pain(scene(score(9, "3 d"), score(2, "1 d")), AGE)
    assert newest is not None
    assert points(newest) == 2


def test_the_worst_score_of_one_moment_decides() -> None:
    newest = newest_pain(scene(score(2, "1 d"), score(8, "1 d")), AGE)
    assert newest is not None
    assert points(newest) == 8


def test_one_score_that_was_entered_twice_does_not_persist() -> None:
    assert not persistent_pain(scene(score(6), score(6)), AGE, 4)


def test_two_moderate_scores_persist_and_a_mild_newest_one_ends_it() -> None:
    assert len(persistent_pain(scene(score(4, "1 d"), score(4, "14 d")), AGE, 4)) == 2
    assert not persistent_pain(scene(score(2, "1 h"), score(4, "1 d"), score(4, "14 d")), AGE, 4)


@pytest.mark.parametrize(("old", "new", "trend"), [(3, 7, "rising"), (7, 3, "falling"), (5, 5, "unchanged")])
def test_the_trend_goes_from_the_oldest_score_to_the_newest(old: int, new: int, trend: str) -> None:
    assert pain_trend(scene(score(old, "9 d"), score(new)), AGE) == trend


def test_one_score_has_no_trend() -> None:
    assert pain_trend(scene(score(5)), AGE) == ""


def test_a_score_out_of_ten_in_words_is_read_and_one_of_a_hundred_is_not() -> None:
    assert painful(scene(score("7/10")), AGE, 7) is not None
    assert not pain_scores(scene({"observation": "pain-score", "value": "45 {score}"}), AGE)


@pytest.mark.parametrize(("value", "read"), [(0, True), (10, True), (11, False)])
def test_scores_lie_between_0_and_10(value: int, read: bool) -> None:
    assert (newest_pain(scene(score(value)), AGE) is not None) is read


@pytest.mark.parametrize(
    ("value", "changes", "counts"),
    [
        (quantity("8", "1"), {}, True),
        (quantity("8", "1"), {"comparator": "<"}, False),
        (quantity("8", "mm"), {}, False),
        (quantity("10", "1"), {}, True),
        (quantity("11", "1"), {}, False),
        (quantity("0", "1"), {}, True),
        (None, {}, False),
    ],
)
def test_a_score_is_a_plain_number_from_0_to_10(value: Quantity | None, changes: dict[str, str], counts: bool) -> None:
    assert bool(pain_scores(case(result("pain-score", value, **changes)), AGE)) is counts
