"""A painful vertebral fracture or metastasis: cement may hold it and ease the pain."""

from cds_service.clinical import Case, Span
from cds_service.findings.bleeding import BleedingLimits, bleeding
from cds_service.findings.cancer import spine_metastases
from cds_service.findings.cord import cord_at_risk
from cds_service.findings.fractures import vertebral_fractures
from cds_service.findings.pain import points
from cds_service.findings.patient_state import PerformanceLimit, performance_status
from cds_service.findings.stability_scores import Sins, sins
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.surgery_first import infections
from cds_service.ladder import Ladder, absent, cancer_ladder, card, silent
from cds_service.rungs import pain_to_treat

_ASKED = ("cementoplasty", "referral-interventional-radiology", "referral-spine", "referral-neurosurgery")


@cancer_ladder
def cementoplasty(
    case: Case,
    *,
    pain_moderate_from: int,
    neurology_window: Span,
    spine_score: Sins,
    sins_unstable_from: int,
    infection_window: Span,
    referral_lookback: Span,
    bleeds: BleedingLimits,
    unfit: PerformanceLimit,
) -> Ladder:
    """Fire on a painful vertebral fracture or metastasis without cord compression, infection or an unstable spine."""
    broken, spine = vertebral_fractures(case, spine_score.stability_score_age), spine_metastases(case).facts
    yield absent("no_vertebral_lesion", broken or spine, needs=("conditions",))
    pain = yield from pain_to_treat(case, spine_score.pain_score_age, pain_moderate_from)
    yield silent("cord_first", cord_at_risk(case, neurology_window))
    yield silent("infection", infections(case, infection_window))
    stability = sins(case, spine_score)
    yield silent("unstable_first", stability.points >= sins_unstable_from, stability.facts)
    yield silent("already_asked", done_or_ordered(case, referral_lookback, *_ASKED))

    blood = bleeding(case, bleeds)
    yield card(
        "fracture" if broken else "lesion",
        *(pain, broken[:2], spine[:2], blood.facts),
        words={"pain": points(pain), "lesion": (broken or spine)[0].called},
        notes={**blood.notes, "poor_performance": performance_status(case, unfit).poor},
        offers=["interventional_radiology"],
    )
