"""Calcium before a bone-modifying agent: which result counts, and whether it is low or high."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cds_service.chart.case import Case, Facts
from cds_service.chart.facts import Observation
from cds_service.chart.gaps import Supply
from cds_service.findings.bone_agent_safety import (
    CalciumLevels,
    CalciumState,
    DenosumabChoice,
    calcium_state,
    denosumab_goes_first,
    dental_examination,
    dental_examination_planned,
)
from cds_service.findings.bone_agents import AgentReading, Product
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity
from tests.findings import results
from tests.findings.results import NOW, READING, quantity
from tests.findings.scenes import condition, scene
from tests.findings.shared_tables import shared_table


def q(value: str, unit: str = "mmol/L", substance: str = "calcium") -> Quantity:
    return quantity(value, unit, substance)


LEVELS = CalciumLevels(
    calcium_age=Span(days=30),
    reading=READING,
    calcium_lower_limit=Limit((q("2.10"), q("8.4", "mg/dL"))),
    calcium_upper_limit=Limit((q("2.60"), q("10.4", "mg/dL"))),
    ionised_lower_limit=Limit((q("1.15"),)),
    ionised_upper_limit=Limit((q("1.30"),)),
)


def result(kind: str, value: Quantity | None, day: str = "2026-03-01", **changes: Any) -> Observation:
    return results.result(kind, when=day, value=value, **changes)


def state(*results: Observation) -> CalciumState:
    case = Case(as_of=NOW, hook="order-select", observations=Facts(results))
    return calcium_state(case, LEVELS)


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (q("2.09"), "low"),
        (q("2.10"), "normal"),
        (q("2.60"), "normal"),
        (q("2.61"), "high"),
        (q("8.3", "mg/dL"), "low"),
        (q("8.4", "mg/dL"), "normal"),
        (q("10.4", "mg/dL"), "normal"),
        (q("10.5", "mg/dL"), "high"),
    ],
)
def test_a_corrected_calcium_is_low_below_and_high_above_its_limits(value: Quantity, level: str) -> None:
    assert state(result("calcium-corrected", value)).level == level


@pytest.mark.parametrize(
    ("value", "level"), [("1.14", "low"), ("1.15", "normal"), ("1.30", "normal"), ("1.31", "high")]
)
def test_ionised_calcium_has_limits_of_its_own(value: str, level: str) -> None:
    assert state(result("calcium-ionised", q(value))).level == level


def test_the_laboratory_range_goes_first() -> None:
    assert state(result("calcium-corrected", q("2.15"), low=q("2.20"))).level == "low"
    assert state(result("calcium-corrected", q("2.58"), high=q("2.55"))).level == "high"


def test_an_ionised_value_goes_before_an_uncorrected_total_of_the_same_day() -> None:
    found = state(result("calcium-total", q("1.90")), result("calcium-ionised", q("1.20")))
    assert (found.level, found.uncorrected) == ("normal", False)


def test_a_total_without_albumin_is_uncorrected() -> None:
    found = state(result("calcium-total", q("1.90")))
    assert (found.level, found.uncorrected) == ("low", True)


def test_a_comparator_may_leave_the_level_open() -> None:
    assert state(result("calcium-corrected", q("2.5"), comparator="<")).level == "unknown"
    assert state(result("calcium-corrected", q("2.0"), comparator="<")).level == "low"


def test_preliminary_results_and_assumed_units_are_not_firm() -> None:
    assert state(result("calcium-corrected", q("2.3"))).firm
    assert not state(result("calcium-corrected", q("2.3"), status="preliminary")).firm
    assert not state(result("calcium-corrected", q("2.3"), unit_assumed=True)).firm
    assert not state().firm


def test_an_old_result_is_unknown() -> None:
    assert state(result("calcium-corrected", q("2.3"), day="2026-01-30")).level == "unknown"
    assert state(result("calcium-corrected", q("2.3"), day="2026-01-31")).level == "normal"


def test_an_ionised_calcium_of_the_day_goes_before_an_uncorrected_total() -> None:
    low_total = result("calcium-total", q("2.00"), "2026-03-01T12:00:00Z")
    ionised = result("calcium-ionised", q("1.20"), "2026-03-01T08:00:00Z")
    found = state(low_total, ionised)
    assert found.level == "normal"
    assert found.result is not None
    assert found.result.kind == "ionised"


AGENTS = AgentReading(shared_table("bone_agent_products", Product), Span(days=30))
CHOICE = DenosumabChoice("denosumab", False, q("120", "mg"), Span(months=6), LEVELS, AGENTS)
SPREAD = (condition("bone-metastasis"), {"observation": "calcium-corrected", "value": "2.35 mmol/L", "when": "2 d"})


@pytest.mark.parametrize(
    ("choice", "more", "first"),
    [
        (CHOICE, (condition("breast-cancer"),), True),
        (replace(CHOICE, preferred_agent="zoledronic-acid"), (condition("breast-cancer"),), False),
        (CHOICE, (condition("prostate-cancer"),), False),
        (replace(CHOICE, denosumab_in_prostate_cancer=True), (condition("prostate-cancer"),), True),
        (
            CHOICE,
            (condition("breast-cancer"), {"administration": "zoledronic-acid", "dose": "4 mg", "when": "90 d"}),
            False,
        ),
    ],
)
def test_denosumab_goes_first_where_it_is_preferred_and_no_agent_was_given(
    choice: DenosumabChoice, more: tuple[dict[str, Any], ...], first: bool
) -> None:
    assert denosumab_goes_first(scene(*SPREAD, *more), choice) is first


def test_without_the_medicines_nobody_knows_that_it_is_the_first_agent() -> None:
    here = scene(*SPREAD, condition("breast-cancer"))
    assert not denosumab_goes_first(replace(here, supply={**here.supply, "medications": Supply("absent")}), CHOICE)


HALF_YEAR = Span(months=6)


@pytest.mark.parametrize(
    ("visit", "examined", "booked"),
    [
        ({"status": "finished", "when": "10 d", "until": "10 d"}, True, False),
        ({"status": "finished", "when": "7 mo", "until": "7 mo"}, False, False),
        ({"status": "finished", "when": "7 mo", "until": "2 mo"}, True, False),
        ({"status": "finished", "when": "7 mo"}, False, False),
        ({"status": "finished", "when": "10 d"}, True, False),
        ({"status": "planned", "when": "10 d"}, False, True),
        ({"status": "in-progress", "when": "1 h"}, False, True),
    ],
)
def test_a_visit_to_the_dentist_counts_when_it_is_over(visit: dict[str, Any], examined: bool, booked: bool) -> None:
    at_the_dentist = scene({"encounter": "other", "text": "Dental examination", **visit})
    assert bool(dental_examination(at_the_dentist, HALF_YEAR)) is examined
    assert bool(dental_examination_planned(at_the_dentist, HALF_YEAR)) is booked
