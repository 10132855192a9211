"""Evidence of cancer: what counts, how sure it is, where it has spread, and what is history."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.cancer import (
    active_cancer,
    bone_metastases,
    cancer,
    cannonball,
    in_scope,
    lung_metastases,
    metastases,
    primary,
    spine_metastases,
    visceral_metastases,
)
from cds_service.findings.disease_course import is_new
from cds_service.terminology.dates import Span
from tests.findings.results import case as plain_case
from tests.findings.results import condition as plain_condition
from tests.findings.scenes import coded, condition, scene, words

BREAST = condition("breast-cancer", "900 d")


@pytest.mark.parametrize(
    "fact",
    [
        BREAST,
        condition("breast-cancer", clinical="remission"),
        condition("breast-cancer", clinical="resolved"),
        condition("bone-metastasis"),
        coded("icd-10-cm|C7951"),
        coded("icd-10-cm|Z85.3"),
        words("h/o breast cancer"),
        words("metastatic carcinoma"),
        {"observation": "m-category", "answer": "m1"},
        {"report": "bone-scan", "conclusion": "Widespread bone metastases."},
    ],
)
def test_cancer_is_any_evidence_of_it(fact: dict[str, Any]) -> None:
    assert cancer(scene(fact))


@pytest.mark.parametrize(
    "fact",
    [
        condition("non-melanoma-skin-cancer"),
        condition("breast-cancer", verification="refuted"),
        condition("breast-cancer", verification="entered-in-error"),
        words("Family history of breast cancer"),
        words("bone mets, r/o"),
        words("no evidence of metastatic disease"),
        {"observation": "m-category", "answer": "m0"},
        {"report": "bone-scan", "conclusion": "No bone metastases."},
    ],
)
def test_what_is_denied_refuted_or_another_persons_is_no_cancer(fact: dict[str, Any]) -> None:
    assert not cancer(scene(fact))


@pytest.mark.parametrize(
    "fact",
    [
        coded("icd-10-cm|Z85.3"),
        coded("icd-10-cm|Z85.3|Personal history of malignant neoplasm of breast"),
        coded("icd-10-cm|Z85.3", text="Breast cancer"),
        coded("snomed|429087003"),
        words("h/o breast cancer"),
        words("Previous breast cancer 2012"),
        words("cancer survivor"),
        condition("breast-cancer", clinical="inactive"),
        condition("breast-cancer", clinical="remission"),
    ],
)
def test_past_cancer_is_evidence_but_not_active(fact: dict[str, Any]) -> None:
    case = scene(fact)
    assert cancer(case)
    assert not active_cancer(case)


def test_words_of_history_beside_a_code_of_the_cancer_leave_it_active() -> None:
    assert active_cancer(scene(coded("icd-10-cm|C50.911", text="history of breast cancer")))


def test_words_alone_are_not_coded() -> None:
    assert not cancer(scene(words("breast cancer"))).coded
    assert cancer(scene(words("breast cancer"), BREAST)).coded


def test_a_truth_is_suspected_only_when_every_fact_is() -> None:
    doubtful = condition("lung-cancer", verification="provisional")
    assert cancer(scene(doubtful)).suspected
    assert not cancer(scene(doubtful, BREAST)).suspected


def test_the_label_is_that_of_the_surest_fact() -> None:
    doubtful = condition("lung-cancer", "1 d", verification="provisional")
    assert "breast" in cancer(scene(doubtful, BREAST)).label.lower()


def test_a_metastasis_is_no_primary_of_its_site() -> None:
    case = scene(condition("lung-metastasis"))
    assert lung_metastases(case)
    assert not primary(case, "lung-cancer")


def test_a_generic_secondary_code_with_a_skeletal_site_is_a_bone_metastasis() -> None:
    assert bone_metastases(scene(condition("metastasis-site-unspecified", site="site-spine")))
    assert not bone_metastases(scene(condition("metastasis-site-unspecified", site="site-lung")))
    assert not bone_metastases(scene(condition("metastasis-site-unspecified")))


def test_m1_with_a_skeletal_site_is_a_bone_metastasis() -> None:
    assert bone_metastases(scene(BREAST, {"observation": "m-category", "answer": "m1", "site": "site-spine"}))
    assert not bone_metastases(scene(BREAST, {"observation": "m-category", "answer": "m1"}))


def test_bone_metastases_of_unknown_site_are_not_spinal() -> None:
    assert not spine_metastases(scene(coded("icd-10-cm|C79.51")))
    assert spine_metastases(scene(condition("vertebral-metastasis")))
    assert spine_metastases(scene(condition("bone-metastasis", site="site-spine")))


def test_resolved_metastases_are_not_present_but_remain_evidence_of_cancer() -> None:
    case = scene(condition("bone-metastasis", clinical="resolved"))
    assert not bone_metastases(case)
    assert not metastases(case)
    assert cancer(case)


def test_a_newer_report_that_denies_takes_back_an_older_one() -> None:
    old = {"report": "bone-scan", "when": "60 d", "conclusion": "Suspicious for bone metastases."}
    new = {"report": "bone-scan", "when": "2 d", "conclusion": "No bone metastases."}
    assert bone_metastases(scene(BREAST, old))
    assert not bone_metastases(scene(BREAST, old, new))


def test_cannonball_words_speak_alone_and_coded_nodules_only_beside_a_cancer() -> None:
    words_of_it = {"report": "chest-x-ray", "conclusion": "Multiple cannonball lesions."}
    nodules = coded("snomed|445249002")
    assert cannonball(scene(words_of_it))
    assert not in_scope(scene(nodules))
    assert cannonball(scene(nodules, BREAST))


def test_visceral_metastases_are_lung_liver_and_brain() -> None:
    for site in ("lung-metastasis", "liver-metastasis", "brain-metastasis"):
        assert visceral_metastases(scene(condition(site)))
    assert not visceral_metastases(scene(condition("bone-metastasis")))


@pytest.mark.parametrize(("onset", "new"), [("29 d", True), ("30 d", True), ("31 d", False)])
def test_new_means_within_the_window(onset: str, new: bool) -> None:
    case = scene(condition("bone-metastasis", onset))
    assert is_new(case, bone_metastases(case), Span(days=30)) is new


def test_an_old_mention_makes_a_metastasis_old_and_what_has_no_date_is_not_new() -> None:
    both = scene(condition("bone-metastasis", "400 d"), coded("icd-10-cm|C79.51", onset="2 d"))
    assert not is_new(both, bone_metastases(both), Span(days=30))
    undated = scene(condition("bone-metastasis", ""))
    assert not is_new(undated, bone_metastases(undated), Span(days=30))
    assert bone_metastases(undated).since is None


def test_since_is_the_earliest_date() -> None:
    case = scene(condition("bone-metastasis", "2026-01-05"), condition("vertebral-metastasis", "2025-11-02"))
    earliest = bone_metastases(case).since
    assert earliest is not None
    assert earliest.day == "2025-11-02"


@pytest.mark.parametrize(
    ("concepts", "counts"),
    [
        ({"any-malignancy"}, True),
        ({"any-malignancy", "non-melanoma-skin-cancer"}, False),
        ({"non-melanoma-skin-cancer"}, False),
        ({"any-malignancy", "non-melanoma-skin-cancer", "melanoma"}, True),
    ],
)
def test_skin_cancer_counts_only_when_it_is_more_than_basal_or_squamous(concepts: set[str], counts: bool) -> None:
    named = frozenset(concepts)
    assert bool(cancer(plain_case(plain_condition("skin", concepts=named, coded=named)))) is counts


@pytest.mark.parametrize(("text", "spread"), [("cM1", True), ("cM0", False), ("MX", False), ("cM0 (not M1)", False)])
def test_only_a_stated_m1_is_a_metastasis(text: str, spread: bool) -> None:
    assert bool(metastases(scene({"observation": "m-category", "string": text}))) is spread


def test_active_cancer_is_named_before_past_cancer() -> None:
    past = condition("breast-cancer", "10 d", clinical="remission", text="Breast cancer")
    assert cancer(scene(past, condition("lung-cancer", "900 d", text="Lung cancer"))).label == "lung cancer"


def test_visceral_metastases_are_suspected_when_all_of_them_are() -> None:
    doubted = condition("liver-metastasis", verification="provisional")
    assert visceral_metastases(scene(doubted)).suspected
    assert not visceral_metastases(scene(doubted, condition("lung-metastasis"))).suspected
    assert not visceral_metastases(scene(condition("liver-metastasis"))).suspected
    assert not visceral_metastases(scene()).suspected


def test_visceral_metastases_are_coded_when_one_of_them_is() -> None:
    in_words = words("Lung metastases")
    assert not visceral_metastases(scene(in_words)).coded
    assert visceral_metastases(scene(in_words, condition("liver-metastasis"))).coded


def test_a_metastasis_from_bone_is_cancer_whose_spread_is_not_of_bone() -> None:
    case = scene(coded("snomed|314990009"))
    assert cancer(case) and metastases(case)
    assert not bone_metastases(case)
