"""Oligometastatic bone disease in a fit patient: stereotactic radiotherapy."""

from cds_service.clinical import Case, Span
from cds_service.findings.lesions import lesion_count
from cds_service.findings.patient_state import PerformanceLimit, performance_status
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.findings.treatment import radiotherapy_in_hand
from cds_service.ladder import Ladder, absent, card, ladder, silent
from cds_service.rungs import bone_metastases_needed, surgeon_first


@ladder
def sbrt(
    case: Case,
    *,
    oligometastatic_maximum: int,
    lesion_count_age: Span,
    worst_performance: int,
    performance: PerformanceLimit,
    radiotherapy_lookback: Span,
    stability: StabilityLimits,
) -> Ladder:
    """Fire on few bone metastases with a good performance status, unless surgery goes first or radiotherapy is in hand."""
    bone = yield from bone_metastases_needed(case)
    lesions = lesion_count(case, lesion_count_age)
    yield silent("too_many", lesions.many or lesions.number > oligometastatic_maximum, lesions.facts)
    yield absent("not_counted", lesions.number, needs=("observations", "reports"))
    status = performance_status(case, performance)
    yield absent("no_performance_status", status, needs=("observations",))
    yield silent("performance_poor", status.ecog > worst_performance, status)
    yield from surgeon_first(case, stability)
    yield silent("radiotherapy_in_hand", radiotherapy_in_hand(case, radiotherapy_lookback))

    yield card(
        "oligometastatic",
        *(lesions.facts, bone.facts[:3], status),
        words={"lesions": lesions.number, "ecog": status.ecog, "disease": bone},
        notes={
            "sites_on_record": not lesions.counted and not lesions.few,
            "called_oligometastatic": lesions.few,
            "words_only": not bone.coded,
        },
        offers=["radiation_oncology"],
    )
