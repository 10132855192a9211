"""The label's table, what an order is meant for, and a rise of creatinine, on plain values at each edge."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import pytest

from cds_service.chart.case import Case, Facts
from cds_service.chart.facts import Medication, Observation
from cds_service.findings.bone_agents import AgentReading, Product
from cds_service.findings.zoledronate import (
    ClearanceDose,
    DoseByKidney,
    RiseLimits,
    label_dose,
    says_hypercalcaemia,
    zoledronate_rise,
)
from cds_service.terminology.dates import Moment, Span, parse_moment
from cds_service.terminology.quantities import Comparator, Limit, Measurement, Quantity
from cds_service.terminology.tables import Table
from tests.findings.results import CLEARANCE, NOW, medicine, quantity
from tests.findings.scenes import scene
from tests.findings.shared_tables import shared_table


def q(value: str, unit: str = "mL/min", substance: str = "") -> Quantity:
    return quantity(value, unit, substance)


def row(reach: Literal["above", "at least"], clearance: str, dose: str) -> ClearanceDose:
    return ClearanceDose(reach, Limit((q(clearance),)), q(dose, "mg"))


TABLE = Table(
    ("full", "second", "third", "lowest"),
    (
        row("above", "60", "4.0"),
        row("at least", "50", "3.5"),
        row("at least", "40", "3.3"),
        row("at least", "30", "3.0"),
    ),
)


@pytest.mark.parametrize(
    ("clearance", "dose"),
    [
        ("60.1", "4.0"),
        ("60", "3.5"),
        ("59.9", "3.5"),
        ("50", "3.5"),
        ("49.9", "3.3"),
        ("40", "3.3"),
        ("39.9", "3.0"),
        ("30", "3.0"),
    ],
)
def test_the_table_gives_the_dose_of_the_row(clearance: str, dose: str) -> None:
    assert label_dose(Measurement(q(clearance)), TABLE) == ("dose", q(dose, "mg"))


def test_below_the_minimum_it_is_not_recommended() -> None:
    assert label_dose(Measurement(q("29.9")), TABLE) == ("not-recommended", None)


@pytest.mark.parametrize(
    ("comparator", "clearance", "kind"),
    [(">", "60", "dose"), (">", "59", "unknown"), ("<", "30", "not-recommended"), ("<", "45", "unknown")],
)
def test_a_comparator_may_leave_the_row_open(comparator: Comparator, clearance: str, kind: str) -> None:
    assert label_dose(Measurement(q(clearance), comparator), TABLE)[0] == kind


def test_without_a_clearance_nothing_is_known() -> None:
    assert label_dose(None, TABLE) == ("unknown", None)


def draft(text: str = "", reasons: frozenset[str] = frozenset(), also: tuple[str, ...] = ()) -> Medication:
    concepts = frozenset({"zoledronic-acid", *also})
    order: dict[str, Any] = {"kind": "request", "status": "draft", "intent": "order", "draft": True, "selected": True}
    return medicine("zoledronic-acid", "", concepts=concepts, reasons=reasons, text=text, **order)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("4 mg IV once for hypercalcaemia", True),
        ("Hypercalcemia of malignancy", True),
        ("for raised calcium", True),
        ("bone metastases; no hypercalcaemia", False),
        ("4 mg every 4 weeks", False),
        ("watch for hypocalcaemia", False),
    ],
)
def test_the_words_of_an_order_may_say_hypercalcaemia(text: str, meant: bool) -> None:
    case = scene({"draft": "zoledronic-acid", "dosage": text}, hook="order-sign")
    (order,) = case.selected_medications("zoledronic-acid")
    assert says_hypercalcaemia(order) is meant


def test_a_reason_says_hypercalcaemia() -> None:
    assert says_hypercalcaemia(draft(reasons=frozenset({"hypercalcaemia"})))
    assert not says_hypercalcaemia(draft(reasons=frozenset({"bone-metastasis"})))


def moment(days: int) -> Moment:
    found = parse_moment((NOW - timedelta(days=days)).date().isoformat())
    assert found is not None
    return found


def creatinine(value: str, days: int, unit: str = "mg/dL", **changes: Any) -> Observation:
    values: dict[str, Any] = {
        "reference": f"Observation/cr-{days}",
        "label": "Creatinine",
        "concepts": frozenset({"creatinine"}),
        "coded": frozenset({"creatinine"}),
        "status": "final",
        "effective": moment(days),
        "issued": None,
        "value": q(value, unit, "creatinine"),
        "comparator": "",
        "unit_assumed": False,
        "answers": frozenset(),
        "present": None,
        "text": "",
        "low": None,
        "high": None,
        "sites": frozenset(),
        "focus": (),
    }
    return Observation(**{**values, **changes})


AGENTS = AgentReading(shared_table("bone_agent_products", Product), Span(days=30))
RISES = RiseLimits(
    Span(months=24),
    Limit((q("1.4", "mg/dL", "creatinine"),)),
    Limit((q("0.5", "mg/dL", "creatinine"), q("44.2", "umol/L", "creatinine"))),
    Limit((q("1.0", "mg/dL", "creatinine"), q("88.4", "umol/L", "creatinine"))),
)


def rise(*results: Observation, first: int | None = 100) -> Quantity | None:
    dose = () if first is None else (medicine("zoledronic-acid", moment(first).text),)
    case = Case(as_of=NOW, hook="order-select", observations=Facts(results), medications=Facts(dose))
    found = zoledronate_rise(case, DoseByKidney(TABLE, CLEARANCE, AGENTS), RISES)
    return found.by if found else None


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [
        ("0.7", "1.19", False),
        ("0.7", "1.2", True),
        ("0.7", "1.21", True),
        ("1.4", "1.9", True),
        ("1.5", "2.49", False),
        ("1.5", "2.5", True),
    ],
)
def test_a_rise_is_measured_from_the_creatinine_before_treatment(before: str, now: str, held: bool) -> None:
    assert (rise(creatinine(before, 101), creatinine(now, 1)) is not None) is held


def test_the_result_of_the_day_of_the_first_dose_is_before_treatment() -> None:
    assert rise(creatinine("0.7", 100), creatinine("1.1", 50), creatinine("1.3", 1)) == q("0.6", "mg/dL", "creatinine")


def test_without_a_result_before_treatment_the_oldest_one_counts() -> None:
    assert rise(creatinine("0.8", 90), creatinine("1.2", 50), creatinine("1.4", 1)) == q("0.6", "mg/dL", "creatinine")


def test_without_treatment_there_is_no_rise() -> None:
    assert rise(creatinine("0.7", 101), creatinine("1.9", 1), first=None) is None


def test_units_may_differ() -> None:
    assert rise(creatinine("62", 101, "umol/L"), creatinine("1.25", 1)) is not None


def test_preliminary_results_and_assumed_units_are_no_baseline() -> None:
    assert rise(creatinine("0.7", 101, status="preliminary"), creatinine("1.9", 1)) is None
    assert rise(creatinine("0.7", 101, unit_assumed=True), creatinine("1.9", 1)) is None


def test_the_laboratory_says_what_was_normal() -> None:
    assert rise(creatinine("1.2", 101, high=q("1.1", "mg/dL", "creatinine")), creatinine("1.9", 1)) is None


def test_of_results_before_treatment_the_newest_counts_that_of_the_first_day_included() -> None:
    found = rise(creatinine("0.9", 130), creatinine("0.7", 100), creatinine("1.3", 1))
    assert found == q("0.6", "mg/dL", "creatinine")


def test_a_second_result_of_the_same_day_may_be_the_one_before() -> None:
    before = creatinine("0.7", 1, reference="Observation/z")
    assert rise(creatinine("1.3", 1), before, first=1) == q("0.6", "mg/dL", "creatinine")
