"""Oligometastatic bone disease in a fit patient: stereotactic radiotherapy."""

from cds_service.clinical import Case, Span
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.lesions import lesion_count
from cds_service.findings.naming import called
from cds_service.findings.performance_status import PerformanceReading, performance_status
from cds_service.findings.radiotherapy import radiotherapy_in_hand
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.ladder import Ladder, absent, card, ladder, needed, silent
from cds_service.rungs import surgeon_first


@ladder
def sbrt(
    case: Case,
    *,
    oligometastatic_maximum: int,
    lesion_count_age: Span,
    worst_performance: int,
    performance: PerformanceReading,
    radiotherapy_lookback: Span,
    stability: StabilityLimits,
) -> Ladder:
    """Fire on few bone metastases with a good performance status, unless surgery goes first or radiotherapy is in hand."""
    bone = bone_metastases(case)
    yield absent("no_bone_metastases", bone, needs=("conditions",))
    lesions = lesion_count(case, lesion_count_age)
    yield silent("too_many", lesions.many or lesions.number > oligometastatic_maximum, lesions.facts)
    yield absent("not_counted", lesions.number, needs=("observations", "reports"))
    score = performance_status(case, performance)
    status = yield from needed("no_performance_status", score, needs=("observations",))
    yield silent("performance_poor", status.ecog > worst_performance, status.fact)
    yield from surgeon_first(case, stability)
    yield silent("radiotherapy_in_hand", radiotherapy_in_hand(case, radiotherapy_lookback))

    yield card(
        "oligometastatic",
        True,
        *(lesions.facts, bone.facts[:3], status.fact),
        words={"lesions": lesions.number, "ecog": status.ecog, "disease": called(bone.facts)},
        notes={
            "sites_on_record": not lesions.counted and not lesions.few,
            "called_oligometastatic": lesions.few,
            "words_only": not bone.coded,
        },
        offers=["radiation_oncology"],
    )
