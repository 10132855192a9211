"""Whether it is known what the cancer is made of."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.tissue import (
    histology_denied,
    lymphoma,
    malignant_histology,
    solid_primary,
    tissue_unknown,
)
from tests.findings.scenes import coded, condition, scene, words


def pathology(conclusion: str, **more: Any) -> dict[str, Any]:
    return {"report": "pathology-report", "when": "5 d", "conclusion": conclusion, **more}


def test_histology_is_a_final_report_that_states_a_malignancy() -> None:
    assert malignant_histology(scene(pathology("Metastatic adenocarcinoma.")))
    assert not malignant_histology(scene(pathology("Metastatic adenocarcinoma.", status="preliminary")))
    assert not malignant_histology(scene(pathology("No malignant cells seen.")))
    assert not malignant_histology(scene({"report": "ct-chest", "conclusion": "Adenocarcinoma of lung."}))


@pytest.mark.parametrize(
    "fact",
    [
        condition("breast-cancer"),
        condition("breast-cancer", clinical="remission"),
        coded("icd-10-cm|C67.9"),
        coded("icd-10|C53"),
        coded("icd-10-cm|Z85.3"),
        coded("snomed|429087003"),
    ],
)
def test_a_coded_solid_primary_is_known_tissue(fact: dict[str, Any]) -> None:
    assert solid_primary(scene(fact)).coded
    assert not tissue_unknown(scene(fact))


@pytest.mark.parametrize(
    "fact",
    [
        words("breast cancer"),
        condition("breast-cancer", verification="provisional"),
        condition("bone-metastasis"),
        condition("unknown-primary"),
        condition("lymphoma"),
        condition("myeloma"),
        coded("icd-10-cm|Z85.72"),
        coded("icd-10-cm|C80.1"),
    ],
)
def test_words_suspicion_spread_and_blood_cancers_are_no_solid_primary(fact: dict[str, Any]) -> None:
    assert not solid_primary(scene(fact)).coded
    assert tissue_unknown(scene(fact))


def test_lymphoma_is_known_from_problems_of_any_state_and_from_pathology() -> None:
    assert lymphoma(scene(condition("lymphoma", clinical="resolved")))
    assert lymphoma(scene(pathology("Suspicious for lymphoma.")))
    assert not lymphoma(scene(pathology("Adenocarcinoma. No evidence of lymphoma.")))
    assert not lymphoma(scene(condition("breast-cancer")))


def test_pathology_may_arrive_as_an_observation() -> None:
    def result(text: str, **more: Any) -> dict[str, Any]:
        return {"observation": "pathology-report", "string": text, "when": "5 d", **more}

    assert malignant_histology(scene(result("Invasive ductal carcinoma, grade 2")))
    assert not malignant_histology(scene(result("Invasive ductal carcinoma", status="preliminary")))
    assert not malignant_histology(scene(result("No evidence of carcinoma")))
    assert not malignant_histology(scene(result("Carcinoma in situ")))
    assert lymphoma(scene(result("Diffuse large B-cell lymphoma")))
    assert not lymphoma(scene(result("Adenocarcinoma, no lymphoma")))


def test_words_name_a_solid_primary_unless_they_doubt_it() -> None:
    assert solid_primary(scene(words("Breast cancer")))
    assert not solid_primary(scene(words("?Breast cancer")))
    assert not solid_primary(scene(words("Lymphoma")))


@pytest.mark.parametrize(
    ("report", "denied"),
    [
        (pathology("Benign granuloma. No malignancy."), True),
        (pathology("Benign granuloma. No malignancy.", status="preliminary"), False),
        (pathology("Metastatic adenocarcinoma. No lymphoma."), False),
        (pathology("See addendum."), False),
    ],
)
def test_histology_is_denied_by_a_final_report_that_finds_no_malignancy(report: dict[str, Any], denied: bool) -> None:
    assert bool(histology_denied(scene(report))) is denied
