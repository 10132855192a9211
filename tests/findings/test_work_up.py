"""Small findings of the work-up: tumour board, unknown primary, advanced primary, lungs, contrast, treatment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds_service.findings.cancer import lung_disease, named_primary, unknown_primary
from cds_service.findings.disease_course import advanced_primary
from cds_service.findings.renal import CkdEpi, contrast_kidney
from cds_service.findings.studies import board_held, under_way
from cds_service.findings.treatment import abiraterone_stopped, cancer_treatment, radium_in_use, systemic_therapy
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity, parse_quantity
from tests.findings.results import case as plain_case
from tests.findings.results import condition as plain_condition
from tests.findings.results import patient, result
from tests.findings.scenes import coded, condition, scene, words
from tests.findings.shared_tables import shared_table

QUARTER = Span(days=90)
MONTH = Span(days=30)
LIMIT = Limit((Quantity(Decimal(30), "mL/min/{1.73_m2}"),))
CKD_EPI = shared_table("ckd_epi_2021", CkdEpi)


@pytest.mark.parametrize(
    ("fact", "held", "asked"),
    [
        ({"procedure": "mdt", "when": "90 d"}, True, False),
        ({"procedure": "mdt", "when": "91 d"}, False, False),
        ({"procedure": "mdt", "when": "2 d", "status": "not-done"}, False, False),
        ({"procedure": "mdt", "when": "2 d", "status": "preparation"}, False, True),
        ({"report": "other", "code": "loinc|85232-7", "when": "2 d"}, True, False),
        ({"encounter": "other", "text": "Tumour board", "when": "2 d", "status": "finished"}, True, False),
        ({"encounter": "other", "text": "Tumour board", "when": "2 d", "status": "cancelled"}, False, False),
        ({"order": "mdt", "when": "2 d"}, False, True),
        ({"order": "mdt", "when": "2 d", "status": "revoked"}, False, False),
        ({"order": "mdt", "when": "2 d", "status": "completed"}, True, False),
    ],
)
def test_the_tumour_board(fact: dict[str, Any], held: bool, asked: bool) -> None:
    case = scene(fact)
    assert bool(board_held(case, QUARTER, "mdt")) is held
    assert bool(under_way(case, QUARTER, "mdt")) is asked


@pytest.mark.parametrize(
    ("facts", "unknown"),
    [
        ([condition("unknown-primary")], True),
        ([condition("unknown-primary"), condition("liver-metastasis")], True),
        ([condition("unknown-primary"), condition("breast-cancer")], False),
        ([condition("unknown-primary", clinical="resolved")], False),
        ([condition("bone-metastasis")], False),
        ([coded("snomed|285618001|Metastasis to bone of unknown primary")], True),
    ],
)
def test_unknown_primary(facts: list[dict[str, Any]], unknown: bool) -> None:
    assert bool(unknown_primary(scene(*facts))) is unknown


def test_a_metastasis_of_an_organ_is_no_primary_of_it() -> None:
    assert not named_primary(scene(condition("liver-metastasis")))
    assert not named_primary(scene(condition("lung-metastasis")))
    assert named_primary(scene(coded("snomed|712849003|Primary malignant neoplasm of prostate metastatic to bone")))


@pytest.mark.parametrize(
    ("facts", "advanced"),
    [
        ([words("Lung cancer stage IIIB", "60 d")], True),
        ([words("Lung cancer stage IIIB", "61 d")], False),
        ([words("Lung cancer stage II", "10 d")], False),
        ([words("Chronic kidney disease stage 3", "10 d"), condition("breast-cancer", "10 d")], False),
        ([condition("breast-cancer", "10 d"), {"observation": "stage-group", "string": "IV", "when": "5 d"}], True),
        ([condition("breast-cancer", "900 d"), {"observation": "stage-group", "string": "IV", "when": "5 d"}], False),
        ([condition("breast-cancer", "10 d"), {"observation": "stage-group", "string": "IIA", "when": "5 d"}], False),
    ],
)
def test_an_advanced_new_primary(facts: list[dict[str, Any]], advanced: bool) -> None:
    assert bool(advanced_primary(scene(*facts), Span(days=60))) is advanced


@pytest.mark.parametrize(
    ("facts", "there"),
    [
        ([condition("lung-metastasis")], True),
        ([condition("pleural-metastasis")], True),
        ([condition("lung-metastasis", clinical="remission")], False),
        ([condition("lung-cancer")], False),
        ([condition("bone-metastasis")], False),
        ([words("cannon-ball opacities")], True),
        ([condition("pulmonary-nodules")], False),
        ([condition("cancer-history"), condition("pulmonary-nodules")], True),
    ],
)
def test_lung_disease(facts: list[dict[str, Any]], there: bool) -> None:
    assert bool(lung_disease(scene(*facts))) is there


@pytest.mark.parametrize(
    ("fact", "low"),
    [
        ({"value": "29 mL/min/{1.73_m2}"}, True),
        ({"value": "30 mL/min/{1.73_m2}"}, False),
        ({"value": "29 mL/min"}, True),
        ({"string": ">60"}, False),
        ({"string": "<15"}, True),
        ({"string": "<60"}, None),
        ({"string": "see note"}, None),
    ],
)
def test_kidneys_and_contrast(fact: dict[str, Any], low: bool | None) -> None:
    assert contrast_kidney(scene({"observation": "egfr", "when": "2 d", **fact}), MONTH, LIMIT, CKD_EPI).low is low


@pytest.mark.parametrize(
    ("creatinine", "age", "egfr"),
    [("0.7 mg/dL", 60, "98.9"), ("0.9 mg/dL", 60, "73.2"), ("1.2 mg/dL", 40, "58.7"), ("61.88 umol/L", 60, "98.9")],
)
def test_creatinine_gives_the_egfr_of_ckd_epi_2021(creatinine: str, age: int, egfr: str) -> None:
    woman = CKD_EPI["female"]
    assert str(woman.egfr(parse_quantity(creatinine, "creatinine"), age).value) == egfr


@pytest.mark.parametrize(
    ("creatinine", "who", "egfr"),
    [
        ({"value": "0 mg/dL"}, {"age": 60}, None),
        ({"string": "haemolysed"}, {"age": 60}, None),
        ({"value": "1.2 mg/dL"}, {"age": 17}, None),
        ({"value": "1.2 mg/dL"}, {"age": 18}, "67.3"),
    ],
)
def test_a_creatinine_gives_an_egfr_only_where_the_equation_holds(
    creatinine: dict[str, Any], who: dict[str, Any], egfr: str | None
) -> None:
    found = contrast_kidney(
        scene({"observation": "creatinine", "when": "2 d", **creatinine}, **who), MONTH, LIMIT, CKD_EPI
    )
    assert (str(found.egfr.value) if found.egfr else None) == egfr


def test_without_a_date_of_birth_a_creatinine_gives_no_egfr() -> None:
    undated = plain_case(result("creatinine", "1.2", "mg/dL"), who=patient(birth=""))
    assert contrast_kidney(undated, MONTH, LIMIT, CKD_EPI).egfr is None


def test_an_old_egfr_says_nothing() -> None:
    found = contrast_kidney(scene({"observation": "egfr", "value": "20 mL/min", "when": "31 d"}), MONTH, LIMIT, CKD_EPI)
    assert (found.egfr, found.low) == (None, None)


@pytest.mark.parametrize(
    ("fact", "now", "ever"),
    [
        ({"medication": "letrozole", "when": "200 d"}, True, True),
        ({"medication": "letrozole", "when": "200 d", "status": "stopped"}, False, True),
        ({"medication": "cisplatin", "when": "200 d", "status": "on-hold"}, True, False),
        ({"medication": "cisplatin", "when": "20 d", "intent": "plan"}, True, False),
        ({"administration": "cisplatin", "when": "30 d"}, True, True),
        ({"administration": "cisplatin", "when": "31 d"}, False, True),
        ({"administration": "cisplatin", "when": "3 d", "status": "not-done"}, False, False),
        ({"procedure": "other", "text": "Chemotherapy cycle 3", "when": "10 d"}, True, True),
        ({"procedure": "radiotherapy", "when": "10 d"}, False, True),
        ({"medication": "denosumab", "when": "10 d"}, False, False),
    ],
)
def test_treatment_of_the_cancer(fact: dict[str, Any], now: bool, ever: bool) -> None:
    case = scene(fact)
    assert bool(systemic_therapy(case, MONTH, MONTH)) is now
    assert bool(cancer_treatment(case)) is ever


def test_a_report_that_only_denies_is_understood() -> None:
    (film,) = scene({"report": "chest-x-ray", "when": "2 d", "conclusion": "No pleural effusion."}).reports
    assert film.denied == {"pleural-effusion"}


@pytest.mark.parametrize(
    ("fact", "in_hand"),
    [
        ({"medication": "cisplatin", "intent": "plan", "status": "active"}, True),
        ({"medication": "cisplatin", "intent": "plan", "status": "stopped"}, False),
        ({"medication": "cisplatin", "intent": "plan", "status": "completed", "when": "10 d"}, False),
        ({"medication": "cisplatin", "status": "completed", "when": "10 d"}, True),
        ({"medication": "cisplatin", "status": "stopped", "when": "90 d"}, True),
        ({"medication": "cisplatin", "status": "stopped", "when": "91 d"}, False),
        ({"medication": "cisplatin", "intent": "proposal", "status": "active", "when": "10 d"}, False),
        ({"procedure": "other", "text": "FEC chemotherapy", "when": "91 d", "status": "in-progress"}, True),
        ({"procedure": "other", "text": "FEC chemotherapy", "when": "91 d"}, False),
        ({"procedure": "other", "text": "FEC chemotherapy", "when": "90 d"}, True),
    ],
)
def test_systemic_therapy_is_in_hand(fact: dict[str, Any], in_hand: bool) -> None:
    assert bool(systemic_therapy(scene(fact), MONTH, QUARTER)) is in_hand


def test_a_meeting_of_long_ago_is_not_held_within_the_look_back() -> None:
    meeting = {"encounter": "other", "text": "Tumour board", "when": "91 d", "until": "91 d", "status": "finished"}
    assert not board_held(scene(meeting), QUARTER, "mdt")


def test_an_unknown_primary_is_no_primary_of_an_organ() -> None:
    unknown = frozenset({"unknown-primary", "solid-cancer"})
    case = plain_case(plain_condition("unknown-primary", concepts=unknown, coded=unknown))
    assert not named_primary(case)
    assert unknown_primary(case)


@pytest.mark.parametrize(
    ("fact", "in_use"),
    [
        ({"medication": "radium-223", "when": "900 d"}, True),
        ({"medication": "radium-223", "when": "900 d", "status": "on-hold"}, False),
        ({"medication": "radium-223", "when": "900 d", "status": "completed"}, False),
        ({"medication": "radium-223", "when": "30 d", "status": "completed"}, True),
        ({"statement": "radium-223", "when": "900 d"}, False),
        ({"administration": "radium-223", "when": "31 d"}, False),
        ({"administration": "radium-223", "when": "30 d"}, True),
    ],
)
def test_radium_is_in_use_for_its_washout(fact: dict[str, Any], in_use: bool) -> None:
    assert bool(radium_in_use(scene(fact), MONTH)) is in_use


@pytest.mark.parametrize(
    ("status", "ended"),
    [("completed", True), ("stopped", True), ("active", True), ("on-hold", False)],
)
def test_abiraterone_on_hold_has_not_ended(status: str, ended: bool) -> None:
    taken = scene({"statement": "abiraterone", "when": "90 d", "until": "2 d", "status": status})
    assert bool(abiraterone_stopped(taken, Span(days=5), MONTH)) is ended
