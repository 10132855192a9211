"""Many painful bone metastases: a radiopharmaceutical reaches them all."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.cancer import bone_metastases, primary, visceral_metastases
from cds_service.findings.finding import Finding
from cds_service.findings.lesions import Lesions, bone_lesion_count
from cds_service.findings.local_treatment import pain_to_treat
from cds_service.findings.medicines import on_medicine, on_or_drafted
from cds_service.findings.pain import points
from cds_service.findings.performance_status import performance_status
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span


def radiopharmaceutical(
    case: Case,
    *,
    multiple_sites_from: int,
    lesion_count_age: Span,
    pain_moderate_from: int,
    pain_score_age: Span,
    referral_lookback: Span,
    neurology_window: Span,
    stability_score_age: Span,
    sins_unstable_from: int,
    mirels_fix_from: int,
    poor_performance_from: int,
    performance_age: Span,
) -> Outcome:
    """Fire on multiple painful bone metastases without visceral ones, unless surgery goes first."""
    bone = bone_metastases(case)
    if not bone:
        return not_found(case, "no_bone_metastases", "conditions")
    lesions = bone_lesion_count(case, lesion_count_age)
    if not lesions.many and lesions.number < multiple_sites_from:
        return not_found(case, "few_sites", "observations", "reports", evidence=_quoted(lesions))
    visceral = visceral_metastases(case)
    if visceral:
        return NotFired("visceral", tuple(evidence_of(fact) for fact in visceral.facts))
    limits = StabilityLimits(
        neurology_window, stability_score_age, pain_score_age, pain_moderate_from, sins_unstable_from, mirels_fix_from
    )
    pain = pain_to_treat(case, limits)
    if not isinstance(pain, Observation):
        return pain
    asked = _asked(case, referral_lookback)
    if asked:
        return NotFired("already_asked", tuple(evidence_of(fact) for fact in asked))
    status = performance_status(case, performance_age)
    unfit = status is not None and status.ecog >= poor_performance_from
    resistant = _castration_resistant(case)
    facts = dict.fromkeys(
        (pain, *lesions.facts[:2], *bone.facts[:2], *resistant.facts[:1], *on_medicine(case, "abiraterone")[:1])
    )
    return Fired(
        "radium" if resistant else "other",
        tuple(evidence_of(fact) for fact in facts),
        words={"pain": points(pain), "disease": bone.label},
        notes=_notes(case, bone, unfit),
        offers=(Offer("nuclear_medicine"),),
    )


def _asked(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """A radionuclide in use or drafted, or nuclear medicine asked."""
    agents = ("radiopharmaceutical", "lutetium-177-psma")
    return (*on_or_drafted(case, *agents), *done_or_ordered(case, lookback, *agents, "referral-nuclear-medicine"))


def _quoted(lesions: Lesions) -> tuple[Evidence, ...]:
    return tuple(evidence_of(fact) for fact in lesions.facts)


def _castration_resistant(case: Case) -> Finding:
    """Castration-resistant prostate cancer, which is what radium-223 is licensed for."""
    return primary(case, "castration-resistance")


def _notes(case: Case, bone: Finding, unfit: bool) -> tuple[str, ...]:
    notes = (
        ("abiraterone", bool(on_medicine(case, "abiraterone"))),
        ("poor_performance", unfit),
        ("words_only", not bone.coded),
        ("not_available", bool(case.lacking("orders", "procedures", "medications"))),
    )
    return tuple(name for name, holds in notes if holds)
