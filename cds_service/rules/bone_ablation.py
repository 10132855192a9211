"""One or two painful bone metastases that radiotherapy did not settle: thermal ablation."""

from cds_service.clinical import Case, Span
from cds_service.findings.bleeding import BleedingLimits, bleeding
from cds_service.findings.lesions import bone_lesion_count
from cds_service.findings.pain import persistent_pain, points
from cds_service.findings.patient_state import PerformanceLimit, performance_status
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.findings.treatment import radiotherapy_courses
from cds_service.ladder import Ladder, absent, cards, ladder, silent
from cds_service.rungs import bone_metastases_needed, pain_to_treat_locally


@ladder
def bone_ablation(
    case: Case,
    *,
    most_lesions: int,
    lesion_count_age: Span,
    stability: StabilityLimits,
    response_time: Span,
    referral_lookback: Span,
    bleeding_limits: BleedingLimits,
    performance: PerformanceLimit,
) -> Ladder:
    """Fire on one or two bone metastases whose pain outlasts radiotherapy, or persists without it."""
    bone = yield from bone_metastases_needed(case)
    lesions = bone_lesion_count(case, lesion_count_age)
    yield silent("too_many", lesions.many or lesions.number > most_lesions, lesions.facts)
    yield absent("not_counted", lesions.number, needs=("observations", "reports"))
    pain = yield from pain_to_treat_locally(case, stability)

    courses = radiotherapy_courses(case)
    recent = [course for course in courses if course.status == "in-progress" or case.within(course.when, response_time)]
    yield silent("radiotherapy_recent", recent, recent[:1], pain)
    lasting = persistent_pain(case, stability.pain_score_age, stability.pain_moderate_from)
    yield absent("pain_not_lasting", courses or lasting, pain, needs=("procedures",))
    asked = done_or_ordered(case, referral_lookback, "ablation", "referral-interventional-radiology")
    yield silent("radiologist_asked", asked)

    blood, unfit = bleeding(case, bleeding_limits), performance_status(case, performance).poor
    yield from cards(
        {"after_radiotherapy": courses, "without_radiotherapy": True},
        *(lasting or (pain,), courses[:1], bone.facts[:2], lesions.facts[:1], blood.facts),
        words={"pain": points(pain), "disease": bone},
        notes={**blood.notes, "poor_performance": unfit, "words_only": not bone.coded},
        offers={"interventional_radiology": True, "palliative_care": unfit},
    )
