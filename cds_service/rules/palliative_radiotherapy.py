"""Painful, uncomplicated bone metastases: a single fraction of radiotherapy."""

from cds_service.clinical import Case, Span, said
from cds_service.findings.lesions import bone_lesion_count
from cds_service.findings.pain import points
from cds_service.findings.patient_state import PerformanceLimit, comfort_care, performance_status
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.findings.treatment import radiotherapy_courses, radiotherapy_in_hand
from cds_service.ladder import Ladder, card, ladder, silent
from cds_service.rungs import bone_metastases_needed, pain_to_treat_locally


@ladder
def palliative_radiotherapy(
    case: Case,
    *,
    stability: StabilityLimits,
    radiotherapy_lookback: Span,
    multiple_sites_from: int,
    lesion_count_age: Span,
    performance: PerformanceLimit,
) -> Ladder:
    """Fire on bone metastases with at least moderate pain, unless surgery goes first or radiotherapy is in hand."""
    bone = yield from bone_metastases_needed(case)
    pain = yield from pain_to_treat_locally(case, stability)
    yield silent("radiotherapy_in_hand", radiotherapy_in_hand(case, radiotherapy_lookback))

    lesions, earlier = bone_lesion_count(case, lesion_count_age), radiotherapy_courses(case)
    status = performance_status(case, performance)
    yield card(
        "painful",
        *(pain, bone.facts[:3], lesions.facts[:1], earlier[:1], status),
        words={"pain": points(pain), "pain_day": pain.when or said("date not recorded"), "disease": bone},
        notes={
            "many_sites": lesions.many or lesions.number >= multiple_sites_from,
            "irradiated_before": earlier,
            "poor_performance": status.poor,
            "comfort_care": comfort_care(case),
            "words_only": not bone.coded,
        },
        offers=["radiation_oncology"],
    )
