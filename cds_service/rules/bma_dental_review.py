"""A bone-modifying agent is needed, planned or ordered, and the teeth have not been seen."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.bone_agent_safety import dental_examination, dental_examination_planned, jaw_osteonecrosis
from cds_service.findings.bone_agents import drafted, in_use, planned_agents
from cds_service.findings.bone_disease import bone_disease
from cds_service.findings.cancer import in_scope
from cds_service.findings.care_setting import hospice_or_comfort
from cds_service.findings.zoledronate import for_hypercalcaemia
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit


def bma_dental_review(
    case: Case,
    *,
    dental_lookback: Span,
    treatment_lookback: Span,
    calcium_age: Span,
    albumin_window: Span,
    calcium_treat_at: Limit,
    ionised_treat_at: Limit,
) -> Outcome:
    """Fire when no dental examination within the look-back stands beside an agent that is needed, planned, given or drafted."""
    drafts = drafted(case)
    opening = case.hook == "patient-view"
    if not opening and not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    examined = dental_examination(case, dental_lookback)
    if examined:
        return NotFired("examined", tuple(evidence_of(fact) for fact in examined[:2]))
    if opening:
        return _on_opening(case, dental_lookback, treatment_lookback)
    booked = dental_examination_planned(case, dental_lookback)
    urgent = [
        draft
        for draft in drafts
        if for_hypercalcaemia(case, draft, calcium_age, albumin_window, calcium_treat_at, ionised_treat_at)
    ]
    if len(urgent) == len(drafts):
        return _fired("urgent_treatment", (*drafts, *booked[:1]), booked)
    if case.lacking("procedures"):
        return not_found(case, "examined", "procedures", evidence=tuple(evidence_of(draft) for draft in drafts))
    running = tuple(fact for course in in_use(case, treatment_lookback) for fact in course.facts)
    return _fired("ordered", (*drafts, *running[:1], *booked[:1]), booked)


def _on_opening(case: Case, dental_lookback: Span, treatment_lookback: Span) -> Outcome:
    """On patient-view: bone disease that calls for an agent, a plan to give one, or treatment under way."""
    running = tuple(fact for course in in_use(case, treatment_lookback) for fact in course.facts)
    wanted: tuple[Fact, ...] = running or planned_agents(case) or bone_disease(case).facts
    if not wanted:
        return not_found(case, "no_agent_needed", "conditions")
    booked = dental_examination_planned(case, dental_lookback)
    checks: tuple[tuple[str, tuple[Fact, ...]], ...] = (
        ("booked", booked),
        ("jaw_osteonecrosis", jaw_osteonecrosis(case).facts),
        ("comfort_care", hospice_or_comfort(case).facts),
    )
    for because, facts in checks:
        if facts:
            return NotFired(because, tuple(evidence_of(fact) for fact in facts[:2]))
    if case.lacking("procedures"):
        return not_found(case, "examined", "procedures", evidence=tuple(evidence_of(fact) for fact in wanted[:2]))
    return _fired("on_treatment" if running else "before_treatment", wanted[:3], ())


def _fired(message: str, facts: tuple[Fact, ...], booked: tuple[Fact, ...]) -> Fired:
    """An examination that is booked is not asked for again; it lowers the card to information."""
    named = next((fact.label for fact in facts), "")
    return Fired(
        message,
        tuple(evidence_of(fact) for fact in dict.fromkeys(facts)),
        words={"agent": named},
        notes=("booked",) if booked else (),
        offers=() if booked else (Offer("dental"),),
        at_most="info" if booked else None,
    )
