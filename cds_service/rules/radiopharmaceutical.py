"""Many painful bone metastases: a radiopharmaceutical reaches them all."""

from cds_service.clinical import Case, Span
from cds_service.findings.cancer import primary, visceral_metastases
from cds_service.findings.lesions import bone_lesion_count
from cds_service.findings.medicines import on_medicine, on_or_drafted
from cds_service.findings.pain import points
from cds_service.findings.patient_state import PerformanceLimit, performance_status
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.ladder import Ladder, absent, card, ladder, silent
from cds_service.rungs import bone_metastases_needed, pain_to_treat_locally

_AGENTS = ("radiopharmaceutical", "lutetium-177-psma")


@ladder
def radiopharmaceutical(
    case: Case,
    *,
    given_within: Span,
    multiple_sites_from: int,
    lesion_count_age: Span,
    stability: StabilityLimits,
    referral_lookback: Span,
    unfit: PerformanceLimit,
) -> Ladder:
    """Fire on multiple painful bone metastases without visceral ones, unless surgery goes first."""
    bone = yield from bone_metastases_needed(case)
    lesions, visceral = bone_lesion_count(case, lesion_count_age), visceral_metastases(case)
    many = lesions.many or lesions.number >= multiple_sites_from
    yield absent("few_sites", many, lesions.facts, needs=("observations", "reports"))
    yield silent("visceral", visceral)
    pain = yield from pain_to_treat_locally(case, stability)
    in_use = on_or_drafted(case, given_within, *_AGENTS)
    asked = done_or_ordered(case, referral_lookback, *_AGENTS, "referral-nuclear-medicine")
    yield silent("already_asked", (*in_use, *asked))

    resistant, abiraterone = primary(case, "castration-resistance"), on_medicine(case, given_within, "abiraterone")
    yield card(
        "radium" if resistant else "other",  # radium-223 is licensed for castration-resistant prostate cancer
        *(pain, lesions.facts[:2], bone.facts[:2], resistant.facts[:1], abiraterone[:1]),
        words={"pain": points(pain), "disease": bone},
        notes={
            "abiraterone": abiraterone,
            "poor_performance": performance_status(case, unfit).poor,
            "words_only": not bone.coded,
        },
        offers=["nuclear_medicine"],
    )
