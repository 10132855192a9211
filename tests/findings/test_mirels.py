"""Mirels' score: its sum, what words give it, and what is missing."""

from __future__ import annotations

import pytest

from cds_service.findings.stability_scores import Mirels, Score, mirels, questions
from tests.findings.scenes import condition, scene
from tests.findings.shared_tables import shared_values

MIRELS = shared_values(Mirels)
QUESTIONS = questions(MIRELS.mirels_points)


def of(*facts: dict[str, object]) -> Score:
    return mirels(scene(*facts), MIRELS)


def film(conclusion: str) -> dict[str, object]:
    return {"report": "skeletal-x-ray", "when": "5 d", "conclusion": conclusion}


def test_the_published_extremes() -> None:
    assert [max(row.points for row in rows) for rows in QUESTIONS.values()] == [3] * 4
    assert [min(row.points for row in rows) for rows in QUESTIONS.values()] == [1] * 4
    assert MIRELS.mirels_points["unknown"].points == 1


def test_a_missing_input_scores_the_one_point_that_every_input_has() -> None:
    assert (of().points, of().missing) == (4, tuple(QUESTIONS))


@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("Metastasis of the humerus", 4),
        ("Metastasis of the femoral shaft", 5),
        ("Subtrochanteric metastasis of the femur", 6),
    ],
)
def test_the_site(words: str, points: int) -> None:
    assert of(film(words)).points == points


@pytest.mark.parametrize(("words", "points"), [("Sclerotic lesion", 4), ("Mixed lesion", 5), ("Lytic lesion", 6)])
def test_the_kind_of_lesion(words: str, points: int) -> None:
    assert of(film(words)).points == points


@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("Involves less than one third of the cortex", 4),
        ("Involves 30% of the cortex", 4),
        ("Involves 34% of the cortex", 5),
        ("Involves half the diameter", 5),
        ("Involves 66% of the cortex", 5),
        ("Involves 67% of the cortex", 6),
        ("More than two thirds of the diameter", 6),
    ],
)
def test_the_size(words: str, points: int) -> None:
    found = of(film(words))
    assert (found.points, "size of the lesion" in found.missing) == (points, False)


@pytest.mark.parametrize(("score", "points"), [(3, 4), (4, 5), (9, 5)])
def test_a_pain_score_is_mild_or_moderate(score: int, points: int) -> None:
    assert of({"observation": "pain-score", "integer": score}).points == points


def test_pain_on_use_counts_three() -> None:
    assert of({"condition": "functional-pain", "text": "Pain on weight bearing", "onset": "3 d"}).points == 6


def test_a_reported_score_goes_before_a_sum() -> None:
    found = of({"observation": "mirels-score", "integer": 7}, film("Subtrochanteric lytic lesion of 80% of the cortex"))
    assert (found.points, found.reported) == (7, True)


def test_a_score_in_the_words_of_a_report_counts() -> None:
    assert of(film("Lytic lesion, Mirels score 10.")).points == 10


@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("Lytic metastasis of the femoral shaft.", 7),
        ("Mixed lesion, metastasis of the femoral shaft.", 6),
        ("Lytic metastasis of the femoral shaft. Sclerotic metastasis of the femoral shaft.", 6),
        ("Sclerotic metastasis of the femoral shaft.", 5),
        ("Lytic metastases. Sclerotic metastases.", 5),
    ],
)
def test_lytic_and_blastic_together_are_mixed(words: str, points: int) -> None:
    assert of(film(words)).points == points


def test_of_two_statements_with_the_same_points_the_one_that_a_clinician_may_choose_is_counted() -> None:
    shaft = film("Lytic metastasis of the femoral shaft.")
    femur = condition("bone-metastasis", site="site-femur")
    assert of(femur).known["site"][0].name == "site-femur"
    assert of(femur, shaft).known["site"][0].name == "lower-long-bone-metastasis"
