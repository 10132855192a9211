"""One or two painful bone metastases that radiotherapy did not settle: thermal ablation."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.bleeding import Bleeding, BleedingLimits, bleeding
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.finding import Finding
from cds_service.findings.lesions import bone_lesion_count
from cds_service.findings.local_treatment import pain_to_treat
from cds_service.findings.pain import persistent_pain, points
from cds_service.findings.performance_status import performance_status
from cds_service.findings.radiotherapy import radiotherapy_courses
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit


def bone_ablation(
    case: Case,
    *,
    most_lesions: int,
    lesion_count_age: Span,
    pain_moderate_from: int,
    pain_score_age: Span,
    response_time: Span,
    referral_lookback: Span,
    neurology_window: Span,
    stability_score_age: Span,
    sins_unstable_from: int,
    mirels_fix_from: int,
    bleeding_age: Span,
    highest_inr: Limit,
    lowest_platelets: Limit,
    poor_performance_from: int,
    performance_age: Span,
) -> Outcome:
    """Fire on one or two bone metastases whose pain outlasts radiotherapy, or persists without it."""
    bone = bone_metastases(case)
    if not bone:
        return not_found(case, "no_bone_metastases", "conditions")
    lesions = bone_lesion_count(case, lesion_count_age)
    if lesions.many or lesions.number > most_lesions:
        return NotFired("too_many", tuple(evidence_of(fact) for fact in lesions.facts))
    if lesions.number == 0:
        return not_found(case, "not_counted", "observations", "reports")
    limits = StabilityLimits(
        neurology_window, stability_score_age, pain_score_age, pain_moderate_from, sins_unstable_from, mirels_fix_from
    )
    pain = pain_to_treat(case, limits)
    if not isinstance(pain, Observation):
        return pain
    courses = radiotherapy_courses(case)
    recent = [course for course in courses if course.status == "in-progress" or case.within(course.when, response_time)]
    if recent:
        return NotFired("radiotherapy_recent", (evidence_of(recent[0]), evidence_of(pain)))
    lasting = persistent_pain(case, pain_score_age, pain_moderate_from)
    if not courses and not lasting:
        return not_found(case, "pain_not_lasting", "procedures", evidence=(evidence_of(pain),))
    asked = done_or_ordered(case, referral_lookback, "ablation", "referral-interventional-radiology")
    if asked:
        return NotFired("radiologist_asked", tuple(evidence_of(fact) for fact in asked))
    blood = bleeding(case, BleedingLimits(bleeding_age, highest_inr, lowest_platelets))
    status = performance_status(case, performance_age)
    unfit = status is not None and status.ecog >= poor_performance_from
    facts = (*(lasting or (pain,)), *courses[:1], *bone.facts[:2], *lesions.facts[:1], *blood.facts)
    return _fired(
        "after_radiotherapy" if courses else "without_radiotherapy", facts, pain, bone, _notes(case, bone, blood, unfit)
    )


def _fired(message: str, facts: tuple[Fact, ...], pain: Observation, bone: Finding, notes: tuple[str, ...]) -> Fired:
    palliative = (Offer("palliative_care"),) if "poor_performance" in notes else ()
    return Fired(
        message,
        tuple(evidence_of(fact) for fact in dict.fromkeys(facts))[:8],
        words={"pain": points(pain), "disease": bone.label},
        notes=notes,
        offers=(Offer("interventional_radiology"), *palliative),
    )


def _notes(case: Case, bone: Finding, blood: Bleeding, unfit: bool) -> tuple[str, ...]:
    notes = (
        ("anticoagulant", bool(blood.anticoagulants)),
        ("inr_high", blood.inr_high),
        ("platelets_low", blood.platelets_low),
        ("bleeding_unknown", blood.unknown),
        ("poor_performance", unfit),
        ("words_only", not bone.coded),
        ("not_available", bool(case.lacking("orders", "procedures", "medications"))),
    )
    return tuple(name for name, holds in notes if holds)
