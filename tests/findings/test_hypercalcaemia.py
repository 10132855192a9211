"""Hypercalcaemia as a picture: what counts as a symptom, as treatment, as falling, and which antiresorptive is left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cds_service.chart.facts import Condition, Medication, Observation
from cds_service.findings.antiresorptive import AgentLimits, Choice, choose, renal_state
from cds_service.findings.calcium import current_calcium, unreadable_calcium
from cds_service.findings.hypercalcaemia import (
    PthLimits,
    SymptomLimits,
    fluids,
    medicine_within,
    names_of,
    parathyroid,
    recent_signs,
    symptoms,
)
from cds_service.terminology.dates import Span
from tests.findings.results import (
    CLEARANCE,
    LIMITS,
    WEEK,
    albumin,
    case,
    condition,
    limit,
    medicine,
    patient,
    quantity,
    result,
    total,
)
from tests.findings.scenes import scene
from tests.findings.shared_tables import shared_groups

MONTH = Span(days=30)
THREE_DAYS = Span(hours=72)
AGENTS = AgentLimits(
    inputs=CLEARANCE,
    creatinine_limit=limit(("400", "umol/L"), ("4.5", "mg/dL"), substance="creatinine"),
    minimum_clearance=limit(("30", "mL/min")),
    first_antiresorptive="zoledronic-acid",
    repeat_interval=WEEK,
    refractory_window=MONTH,
    given_within=MONTH,
)
PTH = PthLimits(limit(("6.9", "pmol/L"), ("65", "pg/mL"), substance="pth"), Span(months=12))
KIDNEY = (result("creatinine", "80", "umol/L"), result("body-weight", "70", "kg"))


def chosen(*facts: Observation | Condition | Medication, first: str = "zoledronic-acid") -> Choice:
    return choose(case(*facts, who=patient()), replace(AGENTS, first_antiresorptive=first))


@pytest.mark.parametrize(
    ("sign", "counts"),
    [
        (condition("thirst", "2026-01-31"), True),
        (condition("thirst", "2026-01-30"), False),
        (condition("thirst", ""), False),
        (condition("thirst", suspected=True), False),
        (condition("thirst", state="past"), False),
        (condition("back-pain"), False),
        (result("thirst", present=True), True),
        (result("thirst", present=False), False),
    ],
)
def test_a_symptom_counts_when_it_is_recent_present_and_sure(sign: Condition | Observation, counts: bool) -> None:
    assert bool(recent_signs(case(sign), MONTH, *shared_groups()["hypercalcaemia-symptoms"])) is counts


def test_one_symptom_recorded_twice_is_one_kind() -> None:
    signs = (condition("fatigue", "2026-03-01"), condition("fatigue", "2026-02-20"), condition("coma"))
    assert [symptoms(case(*signs), SymptomLimits(MONTH, needed)).enough for needed in (2, 3)] == [True, False]


def test_a_clouded_mind_may_be_enough_alone() -> None:
    limits = SymptomLimits(MONTH, 2, 1)
    assert symptoms(case(condition("confusion")), limits).enough
    assert not symptoms(case(condition("thirst")), limits).enough


@pytest.mark.parametrize(
    ("facts", "uncertain"),
    [
        ((total("2.9"),), True),
        ((total("3.0"),), False),
        ((total("2.9"), albumin()), False),
        ((total("13.2", "mg/dL", unit_assumed=True), albumin()), True),
        ((total("15", "mg/dL", unit_assumed=True), albumin()), False),
    ],
)
def test_what_rests_on_an_assumption_is_uncertain(facts: tuple[Observation, ...], uncertain: bool) -> None:
    current = current_calcium(case(*facts), WEEK, LIMITS)
    assert current is not None
    assert current.uncertain is uncertain


def test_an_unreadable_number_matters_when_it_is_not_older() -> None:
    bare = result("calcium-total", when="2026-03-02T08:00:00Z", text="4.8")
    for readable, matters in (
        (total("2.4", when="2026-03-01"), True),
        (total("2.4", when="2026-03-02T08:30:00Z"), False),
    ):
        assert bool(unreadable_calcium(case(bare, readable), WEEK, readable.when)) is matters
    assert unreadable_calcium(case(bare), WEEK, None) == (bare,)


@pytest.mark.parametrize(
    ("newest", "earlier", "falling"),
    [
        (total("3.1"), total("3.3", when="2026-02-28"), True),
        (total("3.3"), total("3.3", when="2026-02-28"), False),
        (total("3.4"), total("3.3", when="2026-02-28"), False),
        (total("12.4", "mg/dL"), total("3.3", when="2026-02-28"), True),
        (total("3.1", status="preliminary"), total("3.3", when="2026-02-28"), False),
        (total("3.1", comparator=">"), total("3.3", when="2026-02-28"), False),
        (total("3.1"), result("calcium-ionised", "1.9", "mmol/L", "2026-02-28"), False),
        (total("3.1"), total("3.3", when="2026-02-20"), False),
    ],
)
def test_falling_means_lower_than_the_result_before_of_the_same_kind(
    newest: Observation, earlier: Observation, falling: bool
) -> None:
    current = current_calcium(case(newest, earlier), WEEK, LIMITS)
    assert current is not None
    assert current.falling is falling


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"when": "2026-02-27T09:00:00Z"}, True),
        ({"when": "2026-02-27T08:59:00Z"}, False),
        ({"status": "stopped"}, False),
        ({"status": "on-hold"}, False),
        ({"kind": "request", "status": "active"}, True),
        ({"kind": "request", "status": "active", "intent": "plan"}, False),
        ({"kind": "request", "status": "draft"}, False),
        ({"kind": "request", "status": "draft", "draft": True}, True),
        ({"when": ""}, False),
    ],
)
def test_treatment_counts_when_it_was_given_or_ordered_within_the_window(more: dict[str, Any], counts: bool) -> None:
    chart = case(medicine("zoledronic-acid", **more), medicine("sodium-chloride-0.9", **more))
    assert bool(medicine_within(chart, THREE_DAYS, "zoledronic-acid")) is counts
    assert bool(fluids(chart, THREE_DAYS)) is counts


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (KIDNEY, "fine"),
        ((), "unknown"),
        ((result("creatinine", "80", "umol/L"),), "unknown"),
        ((result("creatinine", "399", "umol/L"), KIDNEY[1]), "poor"),
        ((result("creatinine", "400", "umol/L"),), "failing"),
        ((result("creatinine", "4.5", "mg/dL"),), "failing"),
        ((result("creatinine", "1000", "umol/L", comparator=">"),), "failing"),
        ((result("creatinine", "300", "umol/L", comparator=">"),), "unknown"),
        ((result("creatinine", "500", "umol/L", unit_assumed=True), KIDNEY[1]), "unknown"),
        ((result("creatinine", "500", "umol/L", status="preliminary"), KIDNEY[1]), "unknown"),
        ((result("creatinine-clearance", "29.9", "mL/min"),), "poor"),
        ((result("creatinine-clearance", "30", "mL/min"),), "fine"),
        ((result("creatinine-clearance", "20", "mL/min", comparator=">"),), "unknown"),
        ((*KIDNEY, condition("dialysis", "2020-01-01")), "failing"),
        ((*KIDNEY, condition("dialysis", "2020-01-01", state="past")), "fine"),
    ],
)
def test_the_kidneys_are_fine_poor_failing_or_unknown(facts: tuple[Observation | Condition, ...], state: str) -> None:
    assert renal_state(case(*facts, who=patient()), AGENTS).state == state


@pytest.mark.parametrize(
    ("facts", "first", "agent", "reasons"),
    [
        (KIDNEY, "zoledronic-acid", "zoledronic-acid", ()),
        (KIDNEY, "denosumab", "denosumab", ()),
        ((), "zoledronic-acid", "", ("renal_unknown",)),
        ((), "denosumab", "", ("renal_unknown",)),
        ((result("creatinine", "400", "umol/L"),), "zoledronic-acid", "denosumab", ("creatinine_high",)),
        ((result("creatinine", "400", "umol/L"),), "denosumab", "denosumab", ()),
        ((result("creatinine-clearance", "20", "mL/min"),), "zoledronic-acid", "denosumab", ("clearance_low",)),
        ((*KIDNEY, condition("pregnancy")), "zoledronic-acid", "", ("pregnancy",)),
        ((*KIDNEY, medicine("denosumab", "2026-02-23")), "zoledronic-acid", "", ("already_given",)),
        ((*KIDNEY, medicine("zoledronic-acid", "2026-02-22")), "zoledronic-acid", "denosumab", ("refractory",)),
        ((*KIDNEY, medicine("pamidronic-acid", "2026-01-31")), "zoledronic-acid", "denosumab", ("refractory",)),
        ((*KIDNEY, medicine("pamidronic-acid", "2026-01-30")), "zoledronic-acid", "zoledronic-acid", ()),
        (
            (*KIDNEY, medicine("denosumab-60", "2026-02-10")),
            "denosumab",
            "zoledronic-acid",
            ("denosumab_60",),
        ),
        (
            (*KIDNEY, medicine("zoledronic-acid", "2025-10-01", kind="request", status="active")),
            "zoledronic-acid",
            "",
            ("last_dose_unknown",),
        ),
        (
            (result("creatinine-clearance", "20", "mL/min"), medicine("denosumab-60", "2026-02-10")),
            "zoledronic-acid",
            "",
            ("clearance_low", "denosumab_60"),
        ),
    ],
)
def test_the_antiresorptive_is_the_first_choice_unless_something_speaks_against_it(
    facts: tuple[Observation | Condition | Medication, ...], first: str, agent: str, reasons: tuple[str, ...]
) -> None:
    found = chosen(*facts, first=first)
    assert (found.agent, found.reasons) == (agent, reasons)


@pytest.mark.parametrize(
    ("pth", "raised"),
    [
        (result("pth", "6.9", "pmol/L"), False),
        (result("pth", "7.0", "pmol/L"), True),
        (result("pth", "65", "pg/mL"), False),
        (result("pth", "66", "pg/mL"), True),
        (result("pth", "6.0", "pmol/L", high=quantity("5.5", "pmol/L", "pth")), True),
        (result("pth", "5", "pmol/L", comparator=">"), None),
        (result("pth", "14", "pmol/L", status="preliminary"), None),
        (result("pth", "14", "pmol/L", "2025-03-02"), True),
        (result("pth", "14", "pmol/L", "2025-03-01"), None),
    ],
)
def test_pth_is_raised_above_the_laboratorys_limit_else_ours(pth: Observation, raised: bool | None) -> None:
    assert parathyroid(case(pth), PTH).raised is raised


@pytest.mark.parametrize(
    ("gland", "known"),
    [
        (condition("primary-hyperparathyroidism", "2020-01-01"), True),
        (condition("primary-hyperparathyroidism", suspected=True), False),
        (condition("primary-hyperparathyroidism", state="past"), False),
    ],
)
def test_hyperparathyroidism_is_known_when_it_is_sure_and_present(gland: Condition, known: bool) -> None:
    assert bool(parathyroid(case(gland), PTH).primary) is known


def test_an_unreadable_number_of_the_same_moment_matters() -> None:
    bare = result("calcium-total", when="2026-03-02T08:00:00Z", text="4.8")
    readable = total("2.4", when="2026-03-02T08:00:00Z")
    assert unreadable_calcium(case(bare, readable), WEEK, readable.when) == (bare,)


@pytest.mark.parametrize(
    ("order", "counts"),
    [
        ({"when": "72 h"}, True),
        ({"when": "73 h"}, False),
        ({"when": "2 h", "status": "revoked"}, False),
        ({"when": "2 h", "status": "completed"}, True),
        ({"when": "73 h", "status": "on-hold"}, False),
        ({"when": "2 h", "status": "on-hold"}, False),
    ],
)
def test_an_order_for_fluids_counts_while_it_stands_or_was_carried_out(order: dict[str, Any], counts: bool) -> None:
    assert bool(fluids(scene({"order": "iv-fluids", **order}), THREE_DAYS)) is counts


def test_a_sign_is_named_with_its_answer_where_the_label_is_only_the_question() -> None:
    question = result("level-of-consciousness", "drowsy")
    measured = result("level-of-consciousness", quantity("13", "1"), text="13 of 15")
    assert names_of((question, question, measured)) == ("level-of-consciousness: drowsy", "level-of-consciousness")
