"""New disease is judged organ by organ; the earliest mention decides."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.disease_course import new_disease
from cds_service.terminology.dates import Span
from tests.findings.scenes import condition, scene, words

WINDOW = Span(days=30)
M1 = {"observation": "m-category", "answer": "m1"}


@pytest.mark.parametrize(
    ("facts", "new"),
    [
        ([condition("bone-metastasis", "30 d")], True),
        ([condition("bone-metastasis", "31 d")], False),
        ([condition("bone-metastasis", "")], False),
        ([condition("bone-metastasis", "700 d"), condition("lung-metastasis", "3 d")], True),
        ([condition("bone-metastasis", "700 d"), condition("bone-metastasis", "", recorded="3 d")], False),
        ([condition("bone-metastasis", "700 d"), condition("metastasis-site-unspecified", "3 d")], False),
        ([condition("metastasis-site-unspecified", "3 d")], True),
        ([condition("brain-metastasis", "3 d"), condition("liver-metastasis", "300 d")], True),
        ([condition("bone-metastasis", "3 d", clinical="resolved")], False),
        ([condition("breast-cancer", "3 d")], False),
        ([condition("breast-cancer", "3 d"), {**M1, "when": "3 d"}], True),
        ([condition("bone-metastasis", "700 d"), {**M1, "when": "3 d"}], False),
        ([words("Cannonball metastases of the lungs", "3 d")], True),
        ([words("Cannonball metastases of the lungs", "")], True),
        ([words("Cannonball metastases of the lungs", "300 d")], False),
        ([condition("pulmonary-nodules", "3 d")], False),
        ([condition("breast-cancer", "900 d"), condition("pulmonary-nodules", "3 d")], True),
    ],
)
def test_new_disease(facts: list[dict[str, Any]], new: bool) -> None:
    assert bool(new_disease(scene(*facts), WINDOW)) is new


def test_only_the_organ_that_is_new_is_named() -> None:
    found = new_disease(scene(condition("bone-metastasis", "700 d"), condition("lung-metastasis", "3 d")), WINDOW)
    assert [sorted(fact.coded & {"bone-metastasis", "lung-metastasis"}) for fact in found.facts] == [
        ["lung-metastasis"]
    ]
    assert found.coded
    assert not found.suspected


def test_a_provisional_metastasis_is_suspected() -> None:
    assert new_disease(scene(condition("lung-metastasis", "3 d", verification="provisional")), WINDOW).suspected
