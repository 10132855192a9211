"""Kidney function: Cockcroft-Gault, and which creatinine and weight may feed it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.chart.facts import Observation
from cds_service.findings.renal import BodySize, Clearance, creatinine_clearance, latest, misleading_build, on_dialysis
from cds_service.terminology.dates import Span
from tests.findings.results import CLEARANCE, case, patient, quantity, result
from tests.findings.scenes import scene

WEEK = Span(days=7)
QUARTER = Span(days=90)
CREATININE = result("creatinine", "80", "umol/L", "2026-03-01")
WEIGHT = result("body-weight", "70", "kg", "2026-02-20")
MEN, WOMEN = CLEARANCE.cockcroft_gault["men"], CLEARANCE.cockcroft_gault["women"]


def clearance(*facts: Observation, birth: str = "1964-01-01", sex: str = "female") -> Clearance:
    return creatinine_clearance(case(*facts, who=patient(birth, sex)), CLEARANCE)


def test_the_formula_gives_the_published_values() -> None:
    # 60 years, 72 kg, 1.0 mg/dL: (140 - 60) x 72 / 72 = 80 mL/min in a man, 68 in a woman
    weight, creatinine = quantity("72", "kg"), quantity("1.0", "mg/dL", "creatinine")
    assert MEN.clearance(60, weight, creatinine).value == Decimal(80)
    assert WOMEN.clearance(60, weight, creatinine).value == Decimal(68)
    assert MEN.clearance(60, weight, creatinine).unit == "mL/min"


def test_micromoles_and_pounds_give_the_same() -> None:
    molar = MEN.clearance(60, quantity("72", "kg"), quantity("88.4", "umol/L", "creatinine"))
    pounds = MEN.clearance(60, quantity("158.73", "[lb_av]"), quantity("1.0", "mg/dL", "creatinine"))
    assert abs(molar.value - 80) < Decimal("0.1")
    assert abs(pounds.value - 80) < Decimal("0.1")


@pytest.mark.parametrize(("age", "serum"), [(140, "1.0"), (150, "1.0"), (60, "0"), (60, "-1")])
def test_an_impossible_age_or_creatinine_raises(age: int, serum: str) -> None:
    with pytest.raises(ArithmeticError):
        MEN.clearance(age, quantity("72", "kg"), quantity(serum, "mg/dL", "creatinine"))


def test_a_recent_creatinine_and_weight_give_a_clearance() -> None:
    found = clearance(CREATININE, WEIGHT)
    assert found.value is not None
    assert found.value.value.quantize(Decimal("0.1")) == Decimal("71.2")
    assert found.evidence == (CREATININE, WEIGHT)
    assert found.missing == ()


@pytest.mark.parametrize(("when", "there"), [("2026-02-24", True), ("2026-02-23", True), ("2026-02-22", False)])
def test_a_creatinine_counts_for_seven_days(when: str, there: bool) -> None:
    found = clearance(result("creatinine", "80", "umol/L", when), WEIGHT)
    assert (found.value is not None) is there
    assert found.missing == (() if there else ("creatinine",))


@pytest.mark.parametrize(("when", "there"), [("2025-12-03", True), ("2025-12-02", True), ("2025-12-01", False)])
def test_a_weight_counts_for_ninety_days(when: str, there: bool) -> None:
    found = clearance(CREATININE, result("body-weight", "70", "kg", when))
    assert (found.value is not None) is there
    assert found.missing == (() if there else ("weight",))


@pytest.mark.parametrize(
    "useless",
    [
        result("creatinine", "80", "umol/L", unit_assumed=True),
        result("creatinine", "80", "umol/L", comparator="<"),
        result("creatinine", "80", "umol/L", status="preliminary"),
        result("creatinine", "0", "umol/L"),
        result("creatinine", "-5", "umol/L"),
        result("creatinine", "see note"),
        result("creatinine", "80", "umol/L", when=""),
    ],
)
def test_a_creatinine_that_cannot_be_relied_on_counts_as_missing(useless: Observation) -> None:
    found = clearance(useless, WEIGHT)
    assert (found.value, found.missing) == (None, ("creatinine",))


@pytest.mark.parametrize(
    "useless",
    [
        result("body-weight", "0", "kg"),
        result("body-weight", "0.9", "kg"),
        result("body-weight", "401", "kg"),
        result("body-weight", "70", "g"),
        result("body-weight", "70", "cm"),
        result("body-weight", "70", "kg", comparator=">"),
        result("body-weight", "70", "kg", status="preliminary"),
    ],
)
def test_a_weight_that_cannot_be_one_counts_as_missing(useless: Observation) -> None:
    found = clearance(CREATININE, useless)
    assert (found.value, found.missing) == (None, ("weight",))


@pytest.mark.parametrize("kilograms", ["1", "400"])
def test_a_weight_at_the_edge_of_what_can_be_counts(kilograms: str) -> None:
    assert clearance(CREATININE, result("body-weight", kilograms, "kg")).value is not None


def test_a_newer_unreliable_creatinine_is_not_stepped_over_for_an_older_one() -> None:
    newer = result("creatinine", "1000", "umol/L", "2026-03-02", comparator=">")
    assert clearance(newer, CREATININE, WEIGHT).value is None


def test_the_newest_creatinine_counts() -> None:
    newer = result("creatinine", "160", "umol/L", "2026-03-02")
    found = clearance(CREATININE, newer, WEIGHT)
    assert found.creatinine == newer


@pytest.mark.parametrize(
    ("birth", "sex", "missing"),
    [
        ("", "female", "birth date"),
        ("1964", "unknown", "sex"),
        ("1964", "other", "sex"),
        ("1820", "male", "birth date"),
    ],
)
def test_without_birth_date_or_sex_there_is_no_formula(birth: str, sex: str, missing: str) -> None:
    found = clearance(CREATININE, WEIGHT, birth=birth, sex=sex)
    assert (found.value, found.missing) == (None, (missing,))


def test_without_a_patient_there_is_no_formula() -> None:
    found = creatinine_clearance(case(CREATININE, WEIGHT), CLEARANCE)
    assert found.missing == ("birth date", "sex")


def test_a_reported_clearance_stands_in_when_the_formula_cannot() -> None:
    measured = result("creatinine-clearance", "45", "mL/min", comparator=">")
    found = clearance(CREATININE, measured)
    assert (found.value, found.measured, found.comparator) == (quantity("45", "mL/min"), measured, ">")
    assert clearance(CREATININE, WEIGHT, measured).measured is None


def test_a_clearance_for_a_body_surface_is_not_one_in_millilitres_per_minute() -> None:
    assert clearance(CREATININE, result("creatinine-clearance", "45", "mL/min/{1.73_m2}")).value is None


def test_the_latest_final_value_is_found() -> None:
    preliminary = result("creatinine", "90", "umol/L", "2026-03-02", status="preliminary")
    wordy = result("creatinine", "see note", when="2026-03-02")
    chart = case(preliminary, wordy, CREATININE)
    assert latest(chart, WEEK, "creatinine") == CREATININE
    assert latest(chart, Span(hours=1), "creatinine") is None


@pytest.mark.parametrize(("birth", "known"), [("1906-03-02", True), ("1905-03-03", True), ("1905-03-02", False)])
def test_nobody_is_older_than_120(birth: str, known: bool) -> None:
    assert (clearance(CREATININE, WEIGHT, birth=birth).value is not None) is known


@pytest.mark.parametrize(
    ("session", "on"),
    [
        ({"status": "completed", "when": "10 d"}, True),
        ({"status": "in-progress", "when": "10 d"}, True),
        ({"status": "in-progress", "when": ""}, True),
        ({"status": "completed", "when": ""}, False),
        ({"status": "in-progress", "when": "900 d"}, False),
        ({"status": "not-done", "when": "10 d"}, False),
    ],
)
def test_dialysis_is_a_recent_session_or_one_under_way(session: dict[str, str], on: bool) -> None:
    assert bool(on_dialysis(scene({"procedure": "dialysis", **session}), QUARTER)) is on


@pytest.mark.parametrize(
    ("kilograms", "build"),
    [("119.9", ""), ("120", "obese"), ("74.0", ""), ("73.9", "underweight")],
)
def test_a_build_misleads_from_its_limits_on(kilograms: str, build: str) -> None:
    size = BodySize(Decimal(30), Decimal("18.5"), quantity("110", "kg"), quantity("45", "kg"))
    tall = case(result("body-height", "200", "cm"))
    assert misleading_build(tall, result("body-weight", kilograms, "kg"), size) == build
