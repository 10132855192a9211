"""Oligometastatic bone disease in a fit patient: stereotactic radiotherapy."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.lesions import lesion_count
from cds_service.findings.local_treatment import surgeon_first
from cds_service.findings.performance_status import performance_status
from cds_service.findings.radiotherapy import radiotherapy_in_hand
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span


def sbrt(
    case: Case,
    *,
    oligometastatic_maximum: int,
    lesion_count_age: Span,
    worst_performance: int,
    performance_age: Span,
    radiotherapy_lookback: Span,
    neurology_window: Span,
    stability_score_age: Span,
    pain_score_age: Span,
    pain_moderate_from: int,
    sins_unstable_from: int,
    mirels_fix_from: int,
) -> Outcome:
    """Fire on few bone metastases with a good performance status, unless surgery goes first or radiotherapy is in hand."""
    bone = bone_metastases(case)
    if not bone:
        return not_found(case, "no_bone_metastases", "conditions")
    lesions = lesion_count(case, lesion_count_age)
    if lesions.many or lesions.number > oligometastatic_maximum:
        return NotFired("too_many", tuple(evidence_of(fact) for fact in lesions.facts))
    if lesions.number == 0:
        return not_found(case, "not_counted", "observations", "reports")
    status = performance_status(case, performance_age)
    if status is None:
        return not_found(case, "no_performance_status", "observations")
    if status.ecog > worst_performance:
        return NotFired("performance_poor", (evidence_of(status.fact),))
    limits = StabilityLimits(
        neurology_window, stability_score_age, pain_score_age, pain_moderate_from, sins_unstable_from, mirels_fix_from
    )
    if (surgery := surgeon_first(case, limits)) is not None:
        return surgery
    in_hand = radiotherapy_in_hand(case, radiotherapy_lookback)
    if in_hand:
        return NotFired("radiotherapy_in_hand", tuple(evidence_of(fact) for fact in in_hand))
    notes = (
        ("sites_on_record", not lesions.counted and not lesions.few),
        ("called_oligometastatic", lesions.few),
        ("words_only", not bone.coded),
        ("not_available", bool(case.lacking("orders", "procedures"))),
    )
    facts = dict.fromkeys((*lesions.facts, *bone.facts[:3], status.fact))
    return Fired(
        "oligometastatic",
        tuple(evidence_of(fact) for fact in facts)[:8],
        words={"lesions": lesions.number, "ecog": status.ecog, "disease": bone.label},
        notes=tuple(name for name, holds in notes if holds),
        offers=(Offer("radiation_oncology"),),
    )
