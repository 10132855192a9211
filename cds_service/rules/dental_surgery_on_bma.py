"""Surgery of the jaw, or signs of its osteonecrosis, in a patient on a bone-modifying agent."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.bone_agent_safety import jaw_osteonecrosis
from cds_service.findings.bone_agents import Course, in_use
from cds_service.findings.cancer import in_scope
from cds_service.findings.cord import signs
from cds_service.findings.studies import ordered
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span


def dental_surgery_on_bma(
    case: Case, *, exposure_lookback: Span, symptom_window: Span, advice_lookback: Span
) -> Outcome:
    """Fire on a draft of dental surgery, or on opening on signs of jaw osteonecrosis, while an agent is in the bones."""
    opening = case.hook == "patient-view"
    surgery: tuple[Fact, ...] = case.selected_orders("dental-surgery")
    if not opening and not surgery:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    deciding = _jaw_signs(case, symptom_window) if opening else surgery
    if not deciding:
        return not_found(case, "no_jaw_signs", "conditions", "observations")
    courses = in_use(case, exposure_lookback)
    if not courses:
        return not_found(
            case, "not_on_agent", "medications", evidence=tuple(evidence_of(fact) for fact in deciding[:2])
        )
    advice = _advice(case, advice_lookback)
    if opening and advice:
        return NotFired("advice_sought", tuple(evidence_of(fact) for fact in advice[:2]))
    return _fire(case, courses[0], deciding, advice, opening=opening)


def _jaw_signs(case: Case, window: Span) -> tuple[Fact, ...]:
    """Recent jaw symptoms, and osteonecrosis of the jaw on record."""
    recent = tuple(fact for fact in signs(case, "jaw-symptom") if case.within(fact.when, window))
    return (*recent, *jaw_osteonecrosis(case).facts)


def _advice(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """Referrals for dental or oral surgery advice that are under way; a routine examination is no advice."""
    referrals = ordered(case, lookback, "referral-dental")
    return tuple(order for order in referrals if order.concepts.isdisjoint({"dental-exam", "dental-surgery"}))


def _fire(case: Case, course: Course, deciding: tuple[Fact, ...], advice: tuple[Fact, ...], *, opening: bool) -> Fired:
    proven = jaw_osteonecrosis(case).facts
    facts = dict.fromkeys((*deciding[:3], *course.facts, *proven[:1], *advice[:1]))
    notes = [] if opening or not proven else ["jaw_osteonecrosis"]
    notes += ["advice_sought"] if advice else []
    notes += ["denosumab"] if course.agent == "denosumab" else ["bisphosphonate"]
    return Fired(
        "jaw_signs" if opening else "surgery",
        tuple(evidence_of(fact) for fact in facts),
        words={
            "agent": course.label,
            "last": course.last or "date not recorded",
            "signs": tuple(dict.fromkeys(fact.label for fact in deciding)),
        },
        notes=tuple(notes),
        offers=() if advice else (Offer("oral_surgery"),),
    )
