"""How many metastases: counted, told in words, or by the sites on record."""

from __future__ import annotations

import pytest

from cds_service.findings.bone_disease import long_bone_metastases
from cds_service.findings.lesions import Lesions, bone_lesion_count, lesion_count, lesion_words
from cds_service.terminology.dates import Span
from tests.findings.results import case, quantity, result
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


def test_a_solitary_metastasis_at_its_one_site_is_counted() -> None:
    found = of(coded("snomed|94300004|Secondary malignant neoplasm of femur", text="Solitary metastasis of the femur"))
    assert (found.number, found.counted) == (1, True)


def test_solitary_beside_two_sites_is_not_believed() -> None:
    found = of(
        condition("liver-metastasis"),
        coded("snomed|94300004|Secondary malignant neoplasm of femur", text="Solitary metastasis of the femur"),
    )
    assert (found.number, found.counted) == (2, False)


@pytest.mark.parametrize(
    ("report", "many"),
    [
        ({"when": "90 d"}, True),
        ({"when": "91 d"}, False),
        ({"when": "5 d", "status": "registered"}, False),
        ({"when": "91 d", "status": "registered"}, False),
    ],
)
def test_what_a_report_says_of_lesions_ages(report: dict[str, object], many: bool) -> None:
    said = {"report": "bone-scan", "conclusion": "Widespread bone metastases.", **report}
    assert of(condition("bone-metastasis"), said).many is many


@pytest.mark.parametrize(
    ("sign", "said"),
    [
        ({"present": True, "when": "90 d"}, True),
        ({"present": True, "when": "91 d"}, False),
        ({"present": False, "when": "5 d"}, False),
        ({"present": False, "when": "91 d"}, False),
    ],
)
def test_what_an_observation_says_of_a_lesion_ages(sign: dict[str, object], said: bool) -> None:
    stated = lesion_words(scene({"observation": "mechanical-pain", **sign}), AGE, "mechanical-pain")[0]
    assert bool(stated) is said


@pytest.mark.parametrize(
    ("report", "shown"),
    [
        ({"when": "90 d"}, True),
        ({"when": "91 d"}, False),
        ({"when": "5 d", "status": "registered"}, False),
    ],
)
def test_a_report_shows_a_metastasis_of_a_long_bone(report: dict[str, object], shown: bool) -> None:
    said = {"report": "skeletal-x-ray", "conclusion": "Metastasis of the femoral shaft.", **report}
    assert bool(long_bone_metastases(scene(said), AGE)) is shown


def test_a_count_with_a_comparator_is_no_count() -> None:
    exact = result("lesion-count", quantity("3", "1"))
    assert lesion_count(case(exact), AGE) == Lesions(3, (exact,), counted=True)
    assert lesion_count(case(result("lesion-count", quantity("3", "1"), comparator=">")), AGE).number == 0
    assert lesion_count(case(result("lesion-count", "several")), AGE).number == 0
