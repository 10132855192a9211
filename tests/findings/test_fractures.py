"""Pathological fractures: which count, which lie in the spine, which are fixed."""

from __future__ import annotations

import pytest

from cds_service.findings.finding import earliest
from cds_service.findings.fractures import (
    impending_fractures,
    is_spinal,
    pathological_fractures,
    unfixed_fractures,
    vertebral_fractures,
)
from cds_service.terminology.dates import Span
from tests.findings.scenes import coded, condition, scene

AGE = Span(days=30)
VERTEBRA = coded("snomed|274146004|Pathological fracture of vertebra", onset="3 d")
FEMUR = coded("icd-10-cm|M84.551A", onset="3 d")


def film(conclusion: str, when: str = "2 d") -> dict[str, object]:
    return {"report": "skeletal-x-ray", "when": when, "conclusion": conclusion}


def test_a_coded_fracture_counts_and_says_where_it_is() -> None:
    assert [is_spinal(fact) for fact in pathological_fractures(scene(VERTEBRA), AGE).facts] == [True]
    assert [is_spinal(fact) for fact in pathological_fractures(scene(FEMUR), AGE).facts] == [False]


def test_a_collapsed_vertebra_counts_beside_bone_metastases_only() -> None:
    collapse = coded("icd-10-cm|M48.56XA", onset="3 d")
    assert not pathological_fractures(scene(collapse), AGE)
    assert pathological_fractures(scene(collapse, condition("bone-metastasis")), AGE)
    assert not pathological_fractures(scene(collapse, condition("bone-metastasis"), condition("osteoporosis")), AGE)


@pytest.mark.parametrize(("when", "counts"), [("29 d", True), ("30 d", True), ("31 d", False)])
def test_a_film_ages(when: str, counts: bool) -> None:
    assert bool(pathological_fractures(scene(film("Pathological fracture of the femur.", when)), AGE)) is counts


def test_a_film_that_denies_it_shows_none() -> None:
    assert not pathological_fractures(scene(film("No pathological fracture.")), AGE)


def test_a_follow_up_visit_is_no_fracture() -> None:
    assert not pathological_fractures(scene(coded("icd-10-cm|M84.551D", recorded="2 d")), AGE)


def test_a_fracture_is_fixed_by_an_operation_after_it_and_not_before_it() -> None:
    assert not unfixed_fractures(scene(FEMUR, {"procedure": "orthopaedic-fixation", "when": "1 d"}), AGE)
    assert unfixed_fractures(scene(FEMUR, {"procedure": "orthopaedic-fixation", "when": "90 d"}), AGE)


def test_an_osteoporotic_vertebra_is_a_vertebral_fracture_all_the_same() -> None:
    case = scene(coded("icd-10-cm|M48.56XA", onset="3 d"), condition("osteoporosis"))
    assert vertebral_fractures(case, AGE)
    assert not pathological_fractures(case, AGE)


def test_the_first_day_is_the_earliest() -> None:
    facts = pathological_fractures(scene(FEMUR, coded("icd-10-cm|M84.522A", onset="9 d")), AGE).facts
    first = earliest(facts)
    assert first is not None
    assert first.day == "2026-02-21"


def test_a_healed_collapse_beside_bone_metastases_is_none() -> None:
    healed = coded("icd-10-cm|M48.56XA", onset="90 d", clinical="resolved")
    assert not pathological_fractures(scene(healed, condition("bone-metastasis")), AGE)


def test_a_collapse_that_is_coded_as_pathological_too_counts_once() -> None:
    assert len(pathological_fractures(scene(VERTEBRA, condition("bone-metastasis")), AGE).facts) == 1


def test_a_doubted_fracture_counts_and_one_that_only_impends_does_not() -> None:
    doubted = scene(
        condition("pathological-fracture", text="?pathological fracture of femur", verification="provisional")
    )
    impends = scene(condition("impending-fracture", text="Impending pathological fracture of femur"))
    assert pathological_fractures(doubted, AGE)
    assert not pathological_fractures(impends, AGE)
    assert (bool(impending_fractures(doubted, AGE)), bool(impending_fractures(impends, AGE))) == (False, True)


@pytest.mark.parametrize(("status", "shown"), [("final", True), ("preliminary", True), ("registered", False)])
def test_a_report_that_is_only_announced_shows_no_impending_fracture(status: str, shown: bool) -> None:
    report = scene({**film("Impending fracture of the femoral neck."), "status": status})
    assert bool(impending_fractures(report, AGE)) is shown
