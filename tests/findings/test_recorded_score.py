"""Scores that somebody recorded: the newest that the scale has."""

from __future__ import annotations

import pytest

from cds_service.findings.stability_scores import Mirels, Sins, in_words, sins
from tests.findings.scenes import scene
from tests.findings.shared_tables import shared_values

SINS, MIRELS = in_words(shared_values(Sins).sins_names), in_words(shared_values(Mirels).mirels_names)


def points(*facts: dict[str, object]) -> int | None:
    found = sins(scene(*facts), shared_values(Sins))
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


@pytest.mark.parametrize(
    ("words", "score"),
    [
        ("SINS 14, unstable", "14"),
        ("Sins score: 9.", "9"),
        ("spinal instability neoplastic score of 7", "7"),
        ("Spine instability neoplastic score (SINS) 12", "12"),
        ("SINS not worked out. 12 lesions", None),
        ("SINS 140", None),
        ("cousins 14", None),
    ],
)
def test_the_points_stand_right_behind_a_name_of_the_score(words: str, score: str | None) -> None:
    assert (found[1] if (found := SINS.search(words)) else None) == score


@pytest.mark.parametrize("name", ["Mirels", "Mirels'", "Mirel's", "mirels score", "Mirels' score", "Mirel's score is"])
def test_mirels_is_written_with_and_without_its_apostrophe(name: str) -> None:
    found = MIRELS.search(f"{name} 9")
    assert found is not None
    assert found[1] == "9"
