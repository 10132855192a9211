"""Painful, uncomplicated bone metastases: a single fraction of radiotherapy."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Observation
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.lesions import bone_lesion_count
from cds_service.findings.local_treatment import pain_to_treat
from cds_service.findings.pain import points
from cds_service.findings.performance_status import performance_status
from cds_service.findings.radiotherapy import radiotherapy_courses, radiotherapy_in_hand
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span


def palliative_radiotherapy(
    case: Case,
    *,
    pain_moderate_from: int,
    pain_score_age: Span,
    radiotherapy_lookback: Span,
    neurology_window: Span,
    stability_score_age: Span,
    sins_unstable_from: int,
    mirels_fix_from: int,
    multiple_sites_from: int,
    lesion_count_age: Span,
    poor_performance_from: int,
    performance_age: Span,
) -> Outcome:
    """Fire on bone metastases with at least moderate pain, unless surgery goes first or radiotherapy is in hand."""
    bone = bone_metastases(case)
    if not bone:
        return not_found(case, "no_bone_metastases", "conditions")
    limits = StabilityLimits(
        neurology_window, stability_score_age, pain_score_age, pain_moderate_from, sins_unstable_from, mirels_fix_from
    )
    pain = pain_to_treat(case, limits)
    if not isinstance(pain, Observation):
        return pain
    in_hand = radiotherapy_in_hand(case, radiotherapy_lookback)
    if in_hand:
        return NotFired("radiotherapy_in_hand", tuple(evidence_of(fact) for fact in in_hand))
    lesions = bone_lesion_count(case, lesion_count_age)
    status = performance_status(case, performance_age)
    earlier = radiotherapy_courses(case)
    notes = (
        ("many_sites", lesions.many or lesions.number >= multiple_sites_from),
        ("irradiated_before", bool(earlier)),
        ("poor_performance", status is not None and status.ecog >= poor_performance_from),
        ("comfort_care", bool(comfort_care(case))),
        ("words_only", not bone.coded),
        ("not_available", bool(case.lacking("orders", "procedures"))),
    )
    facts = dict.fromkeys((pain, *bone.facts[:3], *lesions.facts[:1], *earlier[:1], *([status.fact] if status else [])))
    return Fired(
        "painful",
        tuple(evidence_of(fact) for fact in facts),
        words={"pain": points(pain), "pain_day": pain.when or "date not recorded", "disease": bone.label},
        notes=tuple(name for name, holds in notes if holds),
        offers=(Offer("radiation_oncology"),),
    )
