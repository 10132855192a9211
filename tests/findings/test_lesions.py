"""How many metastases: counted, told in words, or by the sites on record."""

from __future__ import annotations

import pytest

from cds_service.findings.lesions import Lesions, bone_lesion_count, lesion_count
from cds_service.terminology.dates import Span
from tests.findings.scenes import coded, condition, scene

AGE = Span(days=90)


def of(*facts: dict[str, object]) -> Lesions:
    return lesion_count(scene(*facts), AGE)


@pytest.mark.parametrize(("when", "number"), [("89 d", 4), ("90 d", 4), ("91 d", 0)])
def test_a_count_ages(when: str, number: int) -> None:
    assert (
        of(condition("bone-metastasis"), {"observation": "lesion-count", "integer": 4, "when": when}).number == number
    )


def test_bone_without_a_site_is_not_counted() -> None:
    assert of(coded("icd-10-cm|C79.51")).number == 0


def test_named_sites_are_counted_once_each() -> None:
    found = of(
        coded("snomed|94300004|Secondary malignant neoplasm of femur"),
        coded("snomed|94300004|Secondary malignant neoplasm of femur"),
        condition("vertebral-metastasis"),
        condition("liver-metastasis"),
    )
    assert (found.number, found.counted) == (3, False)


def test_words_of_many_few_and_one() -> None:
    assert of(condition("bone-metastasis", text="Widespread bone metastases")).many
    assert of(condition("bone-metastasis", text="Oligometastatic bone disease")).few
    assert of(condition("bone-metastasis", text="Solitary bone metastasis")).number == 1


def test_a_count_of_everything_is_none_of_bone_when_other_organs_have_metastases() -> None:
    count = {"observation": "lesion-count", "integer": 2}
    assert bone_lesion_count(scene(condition("bone-metastasis"), count), AGE).number == 2
    assert bone_lesion_count(scene(condition("bone-metastasis"), condition("liver-metastasis"), count), AGE).number == 0
