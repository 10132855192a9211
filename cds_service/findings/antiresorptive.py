"""Which antiresorptive medicine for hypercalcaemia, if any: kidney function, allergy, pregnancy and what was given before."""

from dataclasses import dataclass
from typing import Literal

from cds_service.clinical import Case, Fact, Limit, Measured, Span, at_least, below, finding
from cds_service.findings.hypercalcaemia import medicine_within
from cds_service.findings.medicines import given, on_medicine
from cds_service.findings.renal import Clearance, ClearanceInputs, creatinine_clearance, latest

Kidney = Literal["fine", "poor", "failing", "unknown"]
BISPHOSPHONATES = ("zoledronic-acid", "pamidronic-acid", "ibandronic-acid", "clodronic-acid")
"""Those that are given into a vein."""
ANTIRESORPTIVES = (*BISPHOSPHONATES, "denosumab")


@dataclass(frozen=True, slots=True)
class AgentLimits:
    """The agent of first choice, what the kidneys must do for zoledronic acid, and how long a dose counts."""

    inputs: ClearanceInputs
    creatinine_limit: Limit
    minimum_clearance: Limit
    first_antiresorptive: str
    repeat_interval: Span
    """How long a dose keeps the next one back."""
    refractory_window: Span
    """Within it of a dose, hypercalcaemia has not answered to that agent."""
    given_within: Span


@dataclass(frozen=True, slots=True)
class Renal:
    """Kidney function as it decides on an antiresorptive."""

    state: Kidney
    """``failing``: creatinine at or above its limit, or dialysis; ``poor``: clearance below the minimum."""
    clearance: Clearance
    creatinine: Measured | None
    dialysis: tuple[Fact, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        measured = (self.creatinine,) if self.creatinine is not None else ()
        return tuple(dict.fromkeys((*self.dialysis, *measured, *self.clearance.evidence)))


@finding
def renal_state(case: Case, limits: AgentLimits) -> Renal:
    """Kidney function for zoledronic acid in hypercalcaemia; a creatinine without unit or a preliminary one decides nothing."""
    clearance = creatinine_clearance(case, limits.inputs)
    creatinine, dialysis = latest(case, limits.inputs.creatinine_age, "creatinine"), case.active("dialysis")
    sure = creatinine if creatinine is not None and not creatinine.unit_assumed else None
    high, low = at_least(sure, limits.creatinine_limit), below(clearance, limits.minimum_clearance)
    state: Kidney = "failing" if dialysis or high else "unknown" if low is None else "poor" if low else "fine"
    return Renal(state, clearance, creatinine, dialysis)


@dataclass(frozen=True, slots=True)
class Choice:
    """The agent to offer; empty when none. ``reasons`` name what speaks against the first choice, or against both."""

    renal: Renal
    agent: str
    reasons: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


@finding
def choose(case: Case, limits: AgentLimits) -> Choice:
    """Zoledronic acid or denosumab: the first choice unless something speaks against it (Endocrine Society 2023)."""
    renal = renal_state(case, limits)
    # of a standing order without a dose on record nobody knows when the last was given
    undosed = () if given(case, *ANTIRESORPTIVES) else on_medicine(case, limits.given_within, *ANTIRESORPTIVES)
    against_both = {
        "already_given": medicine_within(case, limits.repeat_interval, *ANTIRESORPTIVES),
        "pregnancy": case.active("pregnancy"),
        "last_dose_unknown": tuple(order for order in undosed if "denosumab-60" not in order.concepts),
    }
    for reason, facts in against_both.items():
        if facts:
            return Choice(renal, "", (reason,), facts)
    if renal.state == "unknown":
        return Choice(renal, "", ("renal_unknown",))
    bisphosphonate, denosumab = case.allergies.of("bisphosphonate-allergy"), case.allergies.of("denosumab-allergy")
    failed = medicine_within(case, limits.refractory_window, *BISPHOSPHONATES)
    other_strength = on_medicine(case, limits.given_within, "denosumab-60")
    against: dict[str, dict[str, object]] = {
        "zoledronic-acid": {
            "creatinine_high": renal.state == "failing",
            "clearance_low": renal.state == "poor",
            "bisphosphonate_allergy": bisphosphonate,
            "refractory": failed,
        },
        "denosumab": {"denosumab_allergy": denosumab, "denosumab_60": other_strength},
    }
    facts = (*bisphosphonate, *failed, *denosumab, *other_strength)
    reasons = {agent: tuple(name for name, holds in checks.items() if holds) for agent, checks in against.items()}
    if all(reasons.values()):
        return Choice(renal, "", sum(reasons.values(), ()), facts)
    first = limits.first_antiresorptive
    agent = next(other for other in reasons if other != first) if reasons[first] else first
    return Choice(renal, agent, reasons[first], facts)
