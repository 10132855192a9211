"""The Spinal Instability Neoplastic Score: its sum, what words give it, and what is missing."""

from __future__ import annotations

import pytest

from cds_service.findings.stability_scores import Score, Sins, questions, sins
from tests.findings.scenes import condition, scene
from tests.findings.shared_tables import shared_values

SINS = shared_values(Sins)
QUESTIONS = questions(SINS.sins_points)


def of(*facts: dict[str, object]) -> Score:
    return sins(scene(*facts), SINS)


def mri(conclusion: str, when: str = "5 d") -> dict[str, object]:
    return {"report": "mri-whole-spine", "when": when, "conclusion": conclusion}


def test_the_published_extremes() -> None:
    assert [max(row.points for row in rows) for rows in QUESTIONS.values()] == [3, 3, 2, 4, 3, 3]
    assert [min(row.points for row in rows) for rows in QUESTIONS.values()] == [0] * 6
    assert SINS.sins_points["unknown"].points == 0


@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("Metastasis of L1", 3),
        ("Metastasis of T11", 3),
        ("Metastasis of C7", 3),
        ("Metastasis of L3", 2),
        ("Metastasis of C4", 2),
        ("Metastasis of T8", 1),
        ("Metastasis of S3", 0),
        ("Metastasis of T8 and L3", 2),
    ],
)
def test_the_level_gives_the_points_of_the_location(words: str, points: int) -> None:
    found = of(mri(words))
    assert (found.points, "location" in found.missing) == (points, False)


def test_sequences_of_mri_are_no_levels_of_the_spine() -> None:
    assert "location" in of(mri("Low signal on T1, high signal on T2.")).missing


@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("Lytic lesion", 2),
        ("Mixed lytic and sclerotic lesion", 1),
        ("Sclerotic lesion", 0),
        ("Lytic lesion, sclerotic rim", 1),
    ],
)
def test_lytic_mixed_and_blastic(words: str, points: int) -> None:
    found = of(mri(words))
    assert (found.points, "lytic or blastic" in found.missing) == (points, False)


@pytest.mark.parametrize(
    ("words", "points", "open_"),
    [
        ("More than 50% vertebral collapse", 3, False),
        ("Vertebral collapse of 60 %, 60% loss of height", 3, False),
        ("Less than 50% height loss", 2, False),
        ("30% vertebral body collapse", 2, False),
        ("Vertebral collapse", 2, True),
        ("No vertebral collapse", 0, True),
    ],
)
def test_collapse_by_degree(words: str, points: int, open_: bool) -> None:
    found = of(mri(words))
    assert (found.points, "vertebral collapse" in found.missing) == (points, open_)


@pytest.mark.parametrize(
    ("words", "points"), [("Subluxation", 4), ("New kyphosis", 2), ("Normal alignment", 0), ("No subluxation", 0)]
)
def test_alignment(words: str, points: int) -> None:
    found = of(mri(words))
    assert (found.points, "alignment" in found.missing) == (points, False)


@pytest.mark.parametrize(
    ("words", "points", "open_"),
    [
        ("Bilateral pedicle involvement", 3, False),
        ("Extension into the left pedicle", 1, True),
        ("No involvement of the pedicles", 0, False),
    ],
)
def test_posterolateral_involvement(words: str, points: int, open_: bool) -> None:
    found = of(mri(words))
    assert (found.points, "posterolateral involvement" in found.missing) == (points, open_)


def test_mechanical_pain_counts_three_no_pain_none_and_plain_pain_stays_open() -> None:
    assert of({"condition": "mechanical-pain", "onset": "5 d"}).points == 3
    assert "mechanical pain" not in of({"observation": "pain-score", "integer": 0}).missing
    assert "mechanical pain" in of({"observation": "pain-score", "integer": 6}).missing


def test_a_reported_score_goes_before_a_sum() -> None:
    found = of({"observation": "sins-score", "integer": 5, "when": "3 d"}, mri("Lytic metastasis of L1, subluxation"))
    assert (found.points, found.reported, found.missing) == (5, True, ())


def test_the_newest_reported_score_counts_and_words_of_a_report_do_too() -> None:
    assert of({"observation": "sins-score", "integer": 5, "when": "30 d"}, mri("SINS score: 14.", "2 d")).points == 14


@pytest.mark.parametrize(("when", "counts"), [("89 d", True), ("90 d", True), ("91 d", False)])
def test_a_reported_score_ages(when: str, counts: bool) -> None:
    assert of({"observation": "sins-score", "integer": 13, "when": when}).reported is counts


def test_a_score_in_the_words_of_an_observation_counts() -> None:
    assert of({"observation": "sins-score", "string": "SINS 14, unstable"}).points == 14


def test_numbers_that_the_scale_does_not_have_and_preliminary_ones_are_no_scores() -> None:
    assert not of({"observation": "sins-score", "integer": 19}).reported
    assert not of({"observation": "sins-score", "integer": 9, "status": "preliminary"}).reported


def test_words_of_other_diseases_say_nothing_of_the_spine() -> None:
    found = of(
        {"condition": "other", "text": "Left axis deviation; sclerotic plaque at C5"}, condition("vertebral-metastasis")
    )
    assert found.missing == tuple(QUESTIONS)


def test_nothing_known_names_all_six_inputs() -> None:
    assert of().missing == tuple(QUESTIONS)


@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("Lytic metastasis of T8.", 3),
        ("Mixed lesion, metastasis of T8.", 2),
        ("Lytic metastasis of T8. Blastic metastasis of T8.", 2),
        ("Blastic metastasis of T8.", 1),
    ],
)
def test_a_lesion_named_lytic_and_blastic_scores_as_mixed(words: str, points: int) -> None:
    assert of(mri(words)).points == points
