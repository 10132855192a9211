"""Which strength an entry means, and what a course of a bone-modifying agent amounts to, on plain facts."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from cds_service.chart.case import Case, Facts
from cds_service.chart.facts import Medication
from cds_service.findings.bone_agents import (
    AgentReading,
    Course,
    Product,
    bone_agent_review,
    courses,
    drafted,
    in_use,
    osteoporosis_product,
    other_antiresorptives,
    planned_agents,
    stated_dose,
    strength,
)
from cds_service.terminology.dates import Moment, Span, parse_moment
from cds_service.terminology.quantities import Quantity
from tests.findings.scenes import scene
from tests.findings.shared_tables import shared_table

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LOOKBACK = Span(days=112)
AGENTS = AgentReading(shared_table("bone_agent_products", Product), Span(days=30))


def ago(days: int) -> Moment:
    moment = parse_moment((NOW - timedelta(days=days)).date().isoformat())
    assert moment is not None
    return moment


def medicine(agent: str = "denosumab", days: int | None = 10, dose: str | None = None, **changes: Any) -> Medication:
    concepts = frozenset({agent, "bone-modifying-agent", *changes.pop("also", ())})
    values: dict[str, Any] = {
        "reference": f"MedicationAdministration/{agent}-{days}",
        "label": agent,
        "concepts": concepts,
        "coded": concepts,
        "kind": "administration",
        "status": "completed",
        "intent": "",
        "authored": None if days is None else ago(days),
        "ended": None,
        "dose": None if dose is None else Quantity(Decimal(dose), "mg"),
        "daily": None,
        "interval_days": None,
        "route": "",
        "draft": False,
        "selected": False,
        "reasons": frozenset(),
        "text": "",
    }
    return Medication(**{**values, **changes})


def order(agent: str = "denosumab", days: int | None = 10, **changes: Any) -> Medication:
    return medicine(agent, days, **{"kind": "request", "status": "active", "intent": "order", **changes})


def case(*medicines: Medication) -> Case:
    return Case(as_of=NOW, hook="patient-view", medications=Facts(medicines))


def running(*medicines: Medication) -> bool:
    here = case(*medicines)
    return any(course.current(here, LOOKBACK) for course in courses(here, AGENTS))


@pytest.mark.parametrize(
    ("agent", "dose", "expected"),
    [
        ("denosumab", "120", "oncology"),
        ("denosumab", "60", "osteoporosis"),
        ("denosumab", "1", "unknown"),
        ("zoledronic-acid", "4", "oncology"),
        ("zoledronic-acid", "3.3", "oncology"),
        ("zoledronic-acid", "3.0", "oncology"),
        ("zoledronic-acid", "5", "osteoporosis"),
        ("zoledronic-acid", "1", "unknown"),
        ("ibandronic-acid", "6", "oncology"),
        ("ibandronic-acid", "50", "oncology"),
        ("ibandronic-acid", "150", "osteoporosis"),
        ("ibandronic-acid", "3", "osteoporosis"),
        ("pamidronic-acid", "90", "oncology"),
        ("clodronic-acid", "800", "oncology"),
    ],
)
def test_the_dose_tells_the_product(agent: str, dose: str, expected: str) -> None:
    assert strength(medicine(agent, dose=dose), AGENTS) == expected


def test_a_dose_in_grams_is_converted_and_one_in_millilitres_says_nothing() -> None:
    assert strength(replace(medicine(), dose=Quantity(Decimal("0.12"), "g")), AGENTS) == "oncology"
    assert strength(replace(medicine(), dose=Quantity(Decimal("1.7"), "mL")), AGENTS) == "unknown"


def test_a_billing_unit_is_no_stated_dose() -> None:
    assert stated_dose(medicine("zoledronic-acid", dose="1"), AGENTS) is None
    assert stated_dose(medicine("zoledronic-acid", dose="3.3"), AGENTS) == Quantity(Decimal("3.3"), "mg")
    assert stated_dose(medicine("zoledronic-acid", dose="5"), AGENTS) == Quantity(Decimal(5), "mg")
    assert stated_dose(medicine("pamidronic-acid", dose="30"), AGENTS) == Quantity(Decimal(30), "mg")


def test_without_a_dose_the_brand_tells() -> None:
    assert strength(medicine(also=("denosumab-120",)), AGENTS) == "oncology"
    assert strength(medicine(also=("denosumab-60",)), AGENTS) == "osteoporosis"
    assert strength(medicine("zoledronic-acid", also=("zoledronic-5",)), AGENTS) == "osteoporosis"
    assert strength(medicine(also=("denosumab-60", "denosumab-120")), AGENTS) == "unknown"


def test_the_dose_goes_before_the_brand() -> None:
    assert strength(medicine(dose="120", also=("denosumab-60",)), AGENTS) == "oncology"


@pytest.mark.parametrize(
    ("agent", "days", "expected"),
    [
        ("denosumab", 28, "oncology"),
        ("denosumab", 100, "oncology"),
        ("denosumab", 101, "unknown"),
        ("denosumab", 149, "unknown"),
        ("denosumab", 150, "osteoporosis"),
        ("zoledronic-acid", 84, "oncology"),
        ("zoledronic-acid", 329, "unknown"),
        ("zoledronic-acid", 330, "osteoporosis"),
    ],
)
def test_without_dose_and_brand_the_interval_tells(agent: str, days: int, expected: str) -> None:
    assert strength(order(agent, interval_days=days), AGENTS) == expected


def test_without_all_of_them_the_reason_tells() -> None:
    assert strength(order(reasons=frozenset({"osteoporosis"})), AGENTS) == "osteoporosis"
    assert strength(order(reasons=frozenset({"bone-metastasis"})), AGENTS) == "oncology"
    assert strength(order(), AGENTS) == "unknown"


def test_a_course_has_its_first_and_last_dose() -> None:
    (course,) = courses(
        case(medicine(days=300, dose="120"), medicine(days=20, dose="120"), order(days=310, dose="120")), AGENTS
    )
    assert (course.agent, course.last, course.first) == ("denosumab", ago(20), ago(310))


def test_osteoporosis_doses_make_no_course() -> None:
    assert courses(case(medicine(dose="60"), order("zoledronic-acid", also=("zoledronic-5",))), AGENTS) == ()


def test_a_dose_of_unknown_strength_makes_a_course() -> None:
    assert [course.agent for course in courses(case(medicine()), AGENTS)] == ["denosumab"]


@pytest.mark.parametrize(("days", "current"), [(111, True), (112, True), (113, False)])
def test_a_dose_within_the_lookback_is_treatment(days: int, current: bool) -> None:
    assert running(medicine(days=days, dose="120")) is current


def test_an_old_active_order_proves_no_dose() -> None:
    assert not running(order(days=400, dose="120"))
    assert not running(order(days=400, dose="120"), medicine(days=200, dose="120"))


def test_a_fresh_order_a_statement_and_an_undated_order_count() -> None:
    assert running(order(days=30, dose="120"))
    assert running(order(days=400, dose="120", kind="statement", intent=""))
    assert running(order(days=None, dose="120"))


def test_what_accompanies_treatment_trusts_an_order_while_no_dose_is_on_record() -> None:
    assert in_use(case(order(days=400, dose="120")), AGENTS, LOOKBACK)
    assert in_use(case(order(days=400, dose="120"), medicine(days=200, dose="120")), AGENTS, LOOKBACK) == ()
    assert in_use(case(order(days=400, dose="120", status="stopped")), AGENTS, LOOKBACK) == ()


def test_stopped_drafted_and_planned_ones_are_no_treatment() -> None:
    plan = order(days=5, dose="120", intent="plan")
    assert not running(plan, order(days=5, status="stopped"), order(days=0, draft=True))
    assert planned_agents(case(plan), AGENTS) == (plan,)


def test_an_order_on_hold_is_planned() -> None:
    held = order(days=5, dose="120", status="on-hold")
    assert planned_agents(case(held), AGENTS) == (held,)
    assert not running(held)


def test_one_dose_on_record_twice_counts_once() -> None:
    doses = (medicine(days=10), medicine(days=11), medicine(days=13))
    assert Course("denosumab", doses, (), ()).days == (ago(10), ago(13))


@pytest.mark.parametrize(
    ("changes", "doses", "orders"),
    [
        ({}, 0, 1),
        ({"ended": ago(5)}, 1, 0),
        ({"ended": ago(-5)}, 0, 1),
        ({"ended": ago(5), "status": "stopped"}, 0, 0),
        ({"ended": ago(5), "intent": "plan"}, 0, 0),
    ],
)
def test_an_order_that_ran_to_its_end_stands_for_doses_whether_or_not_it_was_closed(
    changes: dict[str, Any], doses: int, orders: int
) -> None:
    found = courses(case(order("zoledronic-acid", 60, **changes)), AGENTS)
    assert (sum(len(one.doses) for one in found), sum(len(one.orders) for one in found)) == (doses, orders)


def test_a_dispense_does_not_count_beside_administrations() -> None:
    doses = (medicine(days=10), medicine(days=14, kind="dispense"), medicine(days=38))
    assert Course("denosumab", doses, (), ()).days == (ago(10), ago(38))


def test_the_spacing_is_that_of_the_two_newest_doses_else_of_the_order() -> None:
    (twice,) = courses(case(medicine("zoledronic-acid", 20, "4"), medicine("zoledronic-acid", 104, "4")), AGENTS)
    (once,) = courses(
        case(medicine("zoledronic-acid", 20, "4"), order("zoledronic-acid", 400, interval_days=28)), AGENTS
    )
    assert (twice.spacing, once.spacing) == (84, 28)


def test_an_order_newer_than_the_doses_states_the_spacing() -> None:
    def spacing(authored: str) -> int | None:
        doses = (medicine("zoledronic-acid", 20, "4"), medicine("zoledronic-acid", 104, "4"))
        newer = order("zoledronic-acid", interval_days=28, authored=parse_moment(authored))
        return courses(case(*doses, newer), AGENTS)[0].spacing

    dosed = ago(20)
    assert spacing(dosed.last.isoformat()) == 84
    assert spacing((dosed.last + timedelta(seconds=1)).isoformat()) == 28


def test_an_injection_that_was_done_is_another_antiresorptive() -> None:
    def found(status: str) -> int:
        injected = scene({"procedure": "zoledronic-acid", "when": "5 d", "status": status})
        return len(other_antiresorptives(injected, "denosumab", Span(days=21)))

    assert (found("completed"), found("not-done")) == (1, 0)


@pytest.mark.parametrize(
    ("dosage", "found"),
    [
        ({"interval_days": 1}, True),
        ({"daily": Quantity(Decimal(1600), "mg")}, True),
        ({"interval_days": 21}, True),
        ({"interval_days": 22}, False),
        ({}, False),
        ({"interval_days": 1, "status": "stopped"}, False),
        ({"interval_days": 1, "status": "on-hold"}, False),
    ],
)
def test_an_old_order_that_brings_a_dose_within_the_window_is_another_antiresorptive(
    dosage: dict[str, Any], found: bool
) -> None:
    known = case(order("ibandronic-acid", 400, **dosage))
    assert bool(other_antiresorptives(known, "zoledronic-acid", Span(days=21))) is found


def test_a_review_without_a_date_counts_and_an_old_one_does_not() -> None:
    def found(**when: str) -> int:
        visit = scene({"encounter": "other", "text": "Bone clinic, denosumab review", **when})
        return len(bone_agent_review(visit, Span(months=6)))

    assert (found(when=""), found(when="1 mo"), found(when="8 mo")) == (1, 1, 0)


def test_prolia_counts_while_it_acts() -> None:
    half_a_year = Span(months=6)
    assert osteoporosis_product(case(medicine(days=120, dose="60")), AGENTS, "denosumab", half_a_year)
    assert osteoporosis_product(case(order(days=900, dose="60")), AGENTS, "denosumab", half_a_year)
    assert osteoporosis_product(
        case(order(days=0, dose="60", draft=True, status="draft")), AGENTS, "denosumab", half_a_year
    )
    assert not osteoporosis_product(case(medicine(days=220, dose="60")), AGENTS, "denosumab", half_a_year)
    assert not osteoporosis_product(case(medicine(days=10, dose="120")), AGENTS, "denosumab", half_a_year)


def test_drafts_are_the_selected_ones_of_the_cancer_or_an_unknown_strength() -> None:
    wanted = order(days=0, draft=True, selected=True, status="draft")
    prolia = order(days=0, draft=True, selected=True, status="draft", also=("denosumab-60",))
    other = order("zoledronic-acid", days=0, draft=True, selected=False, status="draft")
    signing = dataclasses.replace(case(wanted, prolia, other), hook="order-sign")
    assert drafted(signing, AGENTS) == (wanted,)


def test_a_plan_that_was_stopped_or_a_proposal_makes_no_course() -> None:
    assert courses(case(order(intent="plan", status="stopped")), AGENTS) == ()
    assert courses(case(order(intent="proposal")), AGENTS) == ()


def test_an_order_in_force_is_not_over() -> None:
    (course,) = courses(case(order(), medicine(dose="120")), AGENTS)
    assert (len(course.orders), course.ended) == (1, ())
