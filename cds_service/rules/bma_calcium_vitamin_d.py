"""A bone-modifying agent without calcium and vitamin D beside it."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.bone_agent_safety import CalciumLevels, CalciumState, calcium_state
from cds_service.findings.bone_agents import drafted, in_use
from cds_service.findings.cancer import in_scope
from cds_service.findings.care_setting import hospice_or_comfort
from cds_service.findings.medicines import on_or_drafted
from cds_service.findings.zoledronate import says_hypercalcaemia
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity

_SUPPLEMENTS = (("calcium", "calcium-supplement"), ("vitamin_d", "vitamin-d-supplement"))
_MESSAGES = {
    ("calcium", "vitamin_d"): "both_missing",
    ("calcium",): "calcium_missing",
    ("vitamin_d",): "vitamin_d_missing",
}
_SENSITIVE = ("sarcoidosis", "primary-hyperparathyroidism")


def bma_calcium_vitamin_d(
    case: Case,
    *,
    treatment_lookback: Span,
    calcium_lower_limit: Limit,
    calcium_upper_limit: Limit,
    ionised_lower_limit: Limit,
    ionised_upper_limit: Limit,
    calcium_age: Span,
    albumin_window: Span,
    calcium_dose: Quantity,
    vitamin_d_dose: Quantity,
) -> Outcome:
    """Fire when an agent is given or drafted and calcium, vitamin D or both are not on the list."""
    drafts = drafted(case)
    opening = case.hook == "patient-view"
    if not opening and not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    running = tuple(fact for course in in_use(case, treatment_lookback) for fact in course.facts)
    agents: tuple[Fact, ...] = drafts or running
    if not agents:
        return not_found(case, "no_agent", "medications")
    levels = CalciumLevels(
        lower=calcium_lower_limit,
        upper=calcium_upper_limit,
        ionised_lower=ionised_lower_limit,
        ionised_upper=ionised_upper_limit,
    )
    calcium = calcium_state(case, calcium_age, albumin_window, levels)
    silent = _silent(case, agents, calcium)
    if silent is not None:
        return silent
    missing = tuple(name for name, group in _SUPPLEMENTS if not on_or_drafted(case, group))
    evidence = _evidence(agents, calcium)
    if not missing:
        return NotFired("both_on_list", evidence)
    if case.lacking("medications"):
        return not_found(case, "both_on_list", "medications", evidence=evidence)
    doses = {"calcium": calcium_dose, "vitamin_d": vitamin_d_dose}
    withheld = _withheld(case, agents, calcium)
    offers = [] if withheld else [Offer(name, {"dose": doses[name]}) for name in missing]
    offers += [] if calcium.firm else [Offer("test")]
    return Fired(
        _MESSAGES[missing],
        evidence,
        words={"agent": agents[0].label, "calcium": calcium.value or "not on record"},
        notes=(*withheld, *(("calcium_low",) if calcium.level == "low" else ())),
        offers=tuple(offers),
    )


def _silent(case: Case, agents: tuple[Fact, ...], calcium: CalciumState) -> NotFired | None:
    """High calcium, an order for hypercalcaemia, kidney stones, comfort care: supplements would harm or not serve."""
    raised = tuple(fact for fact in case.conditions.of("hypercalcaemia") if fact.state == "active")
    checks: tuple[tuple[str, tuple[Fact, ...]], ...] = (
        ("calcium_high", calcium.sources if calcium.level == "high" else ()),
        ("calcium_high", raised if calcium.level == "unknown" else ()),
        ("for_hypercalcaemia", tuple(draft for draft in drafted(case) if says_hypercalcaemia(draft))),
        ("kidney_stones", case.conditions.of("kidney-stones")),
        ("comfort_care", hospice_or_comfort(case).facts),
    )
    for because, facts in checks:
        if facts:
            return NotFired(because, tuple(evidence_of(fact) for fact in (*facts[:2], *agents[:1])))
    return None


def _withheld(case: Case, agents: tuple[Fact, ...], calcium: CalciumState) -> tuple[str, ...]:
    """Why a supplement is not offered: an agent in words only, calcium not known, a condition that makes it rise."""
    sensitive = [fact for fact in case.conditions.of(*_SENSITIVE) if fact.state == "active"]
    checks = (
        ("words_only", not any(fact.coded for fact in agents)),
        ("calcium_unknown", not calcium.firm or calcium.level == "unknown"),
        ("sensitive", bool(sensitive)),
    )
    return tuple(note for note, holds in checks if holds)


def _evidence(agents: tuple[Fact, ...], calcium: CalciumState) -> tuple[Evidence, ...]:
    return tuple(evidence_of(fact) for fact in dict.fromkeys((*agents[:3], *calcium.sources)))
