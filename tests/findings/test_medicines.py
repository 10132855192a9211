"""What the patient is on, what was given, and dexamethasone in particular."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from cds_service.chart.gaps import Gap
from cds_service.findings.medicines import given, on_medicine, on_or_drafted, unread_medicines
from cds_service.findings.steroid import (
    dexamethasone_a_day,
    dexamethasone_not_readable,
    glucose_at_risk,
    on_dexamethasone,
    steroid_drafts,
    stomach_at_risk,
)
from cds_service.terminology.dates import Span
from tests.findings.results import quantity
from tests.findings.scenes import condition, scene, words

DRUG = "dexamethasone"
GIVEN = Span(days=30)


@pytest.mark.parametrize(
    ("fact", "in_use"),
    [
        ({"medication": DRUG, "when": "900 d"}, True),
        ({"medication": DRUG, "status": "on-hold"}, False),
        ({"medication": DRUG, "status": "stopped"}, False),
        ({"medication": DRUG, "status": "completed"}, False),
        ({"medication": DRUG, "status": "draft"}, False),
        ({"medication": DRUG, "intent": "plan"}, False),
        ({"medication": DRUG, "intent": "proposal"}, False),
        ({"medication": DRUG, "do_not_perform": True}, False),
        ({"statement": DRUG}, True),
        ({"statement": DRUG, "until": "2 d"}, False),
        ({"statement": DRUG, "status": "not-taken"}, False),
        ({"administration": DRUG, "when": "30 d"}, True),
        ({"administration": DRUG, "when": "31 d"}, False),
        ({"administration": DRUG, "when": "1 d", "status": "not-done"}, False),
        ({"administration": DRUG, "when": "1 d", "status": "in-progress"}, True),
        ({"administration": DRUG, "when": "1 d", "status": "on-hold"}, False),
    ],
)
def test_in_use(fact: dict[str, Any], in_use: bool) -> None:
    assert bool(on_medicine(scene(fact), GIVEN, DRUG)) is in_use


def test_drafts_are_not_in_use_but_count_for_interaction() -> None:
    case = scene({"draft": DRUG, "dose": "16 mg"}, hook="order-select")
    assert not on_medicine(case, GIVEN, DRUG)
    assert on_or_drafted(case, GIVEN, DRUG)


def test_orders_prove_no_dose() -> None:
    assert not given(scene({"medication": DRUG}), DRUG)
    assert given(scene({"administration": DRUG, "when": "400 d"}), DRUG)
    assert not given(scene({"administration": DRUG, "status": "stopped"}), DRUG)


@pytest.mark.parametrize(
    ("fact", "milligrams"),
    [
        ({"dose": "16 mg", "every": "1 d"}, "16"),
        ({"dose": "4 mg", "every": "6 h"}, "16"),
        ({"dose": "8 mg", "every": "12 h"}, "16"),
        ({"dose": "16000 ug", "every": "1 d"}, "16"),
        ({"dose": "0.016 g", "every": "1 d"}, "16"),
        ({"dosage": "4 mg four times a day"}, "16"),
        ({"dosage": "4 mg QDS"}, "16"),
        ({"dosage": "8 mg BD"}, "16"),
        ({"dosage": "16 mg daily"}, "16"),
        ({"dosage": "16 mg mane"}, "16"),
        ({"dosage": "8 mg in the morning and at noon"}, "16"),
        ({"dosage": "8 mg with breakfast and 8 mg at lunch"}, "16"),
        ({"dosage": "10 mg IV, then 4 mg every 6 hours"}, "16"),
        ({"dosage": "4 mg every six hours"}, "16"),
        ({"dose": "40 mg", "every": "7 d"}, "5.714"),
        ({"dose": "16 mg"}, None),
        ({"dosage": "as directed"}, None),
    ],
)
def test_what_a_day_of_dexamethasone_amounts_to(fact: dict[str, Any], milligrams: str | None) -> None:
    daily = dexamethasone_a_day(scene({"draft": DRUG, **fact}, hook="order-select"), with_orders=False).stated
    assert (None if daily is None else daily.value) == (None if milligrams is None else Decimal(milligrams))


def test_drafts_and_what_is_in_use_add_up() -> None:
    case = scene(
        {"draft": DRUG, "dose": "8 mg", "every": "1 d"},
        {"medication": DRUG, "dose": "4 mg", "every": "12 h"},
        hook="order-select",
    )
    drafted, together = (dexamethasone_a_day(case, with_orders=orders).stated for orders in (False, True))
    assert drafted is not None and drafted.value == 8
    assert together is not None and together.value == 16


@pytest.mark.parametrize(
    "drops",
    [
        {"text": "Dexamethasone 0.1 % eye drops"},
        {"text": "Dexamethasone", "route": "eye"},
        {"text": "Dexamethasone intravitreal implant"},
    ],
)
def test_what_is_given_locally_is_no_systemic_steroid(drops: dict[str, str]) -> None:
    assert not steroid_drafts(scene({"draft": DRUG, **drops}, hook="order-select"))
    assert not on_dexamethasone(scene({"medication": DRUG, **drops}), GIVEN, Span(hours=48))


@pytest.mark.parametrize(("when", "on"), [("47 h", True), ("48 h", True), ("49 h", False)])
def test_a_dose_given_once_works_for_two_days(when: str, on: bool) -> None:
    assert bool(on_dexamethasone(scene({"administration": DRUG, "when": when}), GIVEN, Span(hours=48))) is on


def test_diabetes_without_glucose_checks_is_at_risk() -> None:
    week, diabetes = Span(days=7), condition("diabetes", "900 d")
    assert glucose_at_risk(scene(diabetes), GIVEN, week)
    assert glucose_at_risk(scene({"medication": "insulin"}), GIVEN, week)
    assert not glucose_at_risk(scene(diabetes, {"order": "glucose", "when": "1 d"}), GIVEN, week)
    assert not glucose_at_risk(scene(condition("diabetes", clinical="resolved")), GIVEN, week)


@pytest.mark.parametrize(
    ("facts", "age", "at_risk"),
    [
        ([], 65, False),
        ([], 66, True),
        ([{"medication": "ibuprofen"}], 40, True),
        ([{"medication": "apixaban"}], 40, True),
        ([condition("peptic-ulcer", "900 d", clinical="resolved")], 40, True),
        ([words("previous GI bleed")], 40, True),
        ([{"medication": "ibuprofen"}, {"medication": "omeprazole"}], 40, False),
    ],
)
def test_the_stomach_is_at_risk_without_a_proton_pump_inhibitor(
    facts: list[dict[str, Any]], age: int, at_risk: bool
) -> None:
    assert bool(stomach_at_risk(scene(*facts, age=age), GIVEN, 65)) is at_risk


@pytest.mark.parametrize(
    ("until", "in_use"),
    [("2026-03-02T08:59:00Z", False), ("2026-03-02T09:00:00Z", False), ("2026-03-02T09:01:00Z", True)],
)
def test_a_medicine_is_over_from_its_end_on(until: str, in_use: bool) -> None:
    assert bool(on_medicine(scene({"statement": DRUG, "when": "9 d", "until": until}), GIVEN, DRUG)) is in_use


@pytest.mark.parametrize(
    ("dose", "because"),
    [
        ("8 mg", ""),
        ("7.9 mg", "frequency not stated"),
        ("2 mL", "dose not readable: 2 mL, strength not stated"),
        ("8.1 mg", ""),
    ],
)
def test_a_dose_without_a_timing_is_a_single_one_from_the_minimum_on(dose: str, because: str) -> None:
    draft = scene({"draft": DRUG, "dose": dose}, hook="order-select")
    assert dexamethasone_not_readable(draft, quantity("8", "mg")) == because


@pytest.mark.parametrize(
    "beside", [{"medication": DRUG, "dose": "4 mg"}, {"draft": DRUG, "text": "Dexamethasone 0.1 % eye drops"}]
)
def test_only_systemic_drafts_must_be_readable(beside: dict[str, str]) -> None:
    case = scene({"draft": DRUG, "dose": "16 mg", "every": "1 d"}, beside, hook="order-select")
    assert dexamethasone_not_readable(case, quantity("8", "mg")) == ""


def test_a_medicine_is_unread_when_nobody_knows_what_it_is() -> None:
    def gaps(**known: Any) -> int:
        return len(
            unread_medicines(
                dataclasses.replace(scene(), gaps=(Gap(need="medications", problem="unreadable", **known),))
            )
        )

    assert gaps(reference="MedicationStatement/m") == 1
    assert gaps(reference="MedicationStatement/m", concepts=frozenset({"denosumab"})) == 0
    assert gaps() == 0
