"""Which antiresorptive medicine for hypercalcaemia, if any: kidney function, allergy, pregnancy and what was given before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.hypercalcaemia import medicine_within
from cds_service.findings.medicines import given, on_medicine
from cds_service.findings.renal import Clearance, creatinine_clearance, latest
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, at_least, below

Kidney = Literal["fine", "poor", "failing", "unknown"]
INTRAVENOUS_BISPHOSPHONATES = ("zoledronic-acid", "pamidronic-acid", "ibandronic-acid", "clodronic-acid")


@dataclass(frozen=True, slots=True)
class Renal:
    """Kidney function as it decides on an antiresorptive."""

    state: Kidney
    """``failing``: creatinine at or above its limit, or dialysis; ``poor``: clearance below the minimum."""
    clearance: Clearance
    creatinine: Observation | None
    dialysis: tuple[Fact, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        measured = (self.creatinine,) if self.creatinine is not None else ()
        return tuple(dict.fromkeys((*self.dialysis, *measured, *self.clearance.evidence)))


@dataclass(frozen=True, slots=True)
class Choice:
    """The agent to offer; empty when none. ``reasons`` name what speaks against the first choice, or against both."""

    agent: Literal["zoledronic-acid", "denosumab", ""]
    reasons: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


@finding
def renal_state(
    case: Case, creatinine_age: Span, weight_age: Span, creatinine_limit: Limit, minimum_clearance: Limit
) -> Renal:
    """Kidney function for zoledronic acid in hypercalcaemia; a creatinine without unit or a preliminary one decides nothing."""
    clearance = creatinine_clearance(case, creatinine_age, weight_age)
    creatinine = latest(case, creatinine_age, "creatinine")
    dialysis: tuple[Fact, ...] = tuple(fact for fact in case.conditions.of("dialysis") if fact.state == "active")
    high = (
        at_least(creatinine.value, creatinine.comparator, creatinine_limit)
        if creatinine is not None and creatinine.value is not None and not creatinine.unit_assumed
        else None
    )
    low = None if clearance.value is None else below(clearance.value, clearance.comparator, minimum_clearance)
    state: Kidney = "unknown"
    if dialysis or high:
        state = "failing"
    elif low is not None:
        state = "poor" if low else "fine"
    return Renal(state, clearance, creatinine, dialysis)


@finding
def choose(case: Case, first: str, renal: Renal, repeat_interval: Span, refractory_window: Span) -> Choice:
    """Choose between zoledronic acid and denosumab, ``first`` unless something speaks against it (Endocrine Society 2023)."""
    recent = medicine_within(case, repeat_interval, *INTRAVENOUS_BISPHOSPHONATES, "denosumab")
    if recent:
        return Choice("", ("already_given",), recent)
    pregnant = tuple(fact for fact in case.conditions.of("pregnancy") if fact.state == "active")
    if pregnant:
        return Choice("", ("pregnancy",), pregnant)
    if regular := _regular_without_dose(case):
        return Choice("", ("last_dose_unknown",), regular)
    if renal.state == "unknown":
        return Choice("", ("renal_unknown",))
    against_zoledronate, facts = _against_zoledronate(case, renal, refractory_window)
    against_denosumab, others = _against_denosumab(case)
    if first == "zoledronic-acid":
        agent: Literal["zoledronic-acid", "denosumab", ""] = "denosumab" if against_zoledronate else "zoledronic-acid"
        reasons = against_zoledronate
    else:
        agent, reasons = ("zoledronic-acid" if against_denosumab else "denosumab"), against_denosumab
    if against_zoledronate and against_denosumab:
        agent, reasons = "", (*against_zoledronate, *against_denosumab)
    return Choice(agent, reasons, (*facts, *others))


def _regular_without_dose(case: Case) -> tuple[Fact, ...]:
    """A standing order for an antiresorptive of which no dose is on record: when the last was given is not known."""
    agents = (*INTRAVENOUS_BISPHOSPHONATES, "denosumab")
    if given(case, *agents):
        return ()
    return tuple(fact for fact in on_medicine(case, *agents) if "denosumab-60" not in fact.concepts)


def _against_zoledronate(case: Case, renal: Renal, refractory_window: Span) -> tuple[tuple[str, ...], tuple[Fact, ...]]:
    allergies = case.allergies.of("bisphosphonate-allergy")
    before = medicine_within(case, refractory_window, *INTRAVENOUS_BISPHOSPHONATES)
    checks: tuple[tuple[str, bool], ...] = (
        ("creatinine_high", renal.state == "failing"),
        ("clearance_low", renal.state == "poor"),
        ("bisphosphonate_allergy", bool(allergies)),
        ("refractory", bool(before)),
    )
    return tuple(name for name, holds in checks if holds), (*allergies, *before)


def _against_denosumab(case: Case) -> tuple[tuple[str, ...], tuple[Fact, ...]]:
    allergies = case.allergies.of("denosumab-allergy")
    other_strength = on_medicine(case, "denosumab-60")
    checks = (("denosumab_allergy", bool(allergies)), ("denosumab_60", bool(other_strength)))
    return tuple(name for name, holds in checks if holds), (*allergies, *other_strength)
