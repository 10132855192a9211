"""Metastases in spine or long bones: is the bone stable, and has a surgeon judged it?"""

from typing import Literal, NamedTuple

from cds_service.clinical import Case, Span, finding, said
from cds_service.findings.bone_disease import long_bone_metastases
from cds_service.findings.cancer import bone_metastases, cancer, cancer_name, spine_metastases
from cds_service.findings.cord import cord_at_risk
from cds_service.findings.finding import Finding, known_since, shown
from cds_service.findings.fractures import impending_fractures, is_spinal, unfixed_fractures
from cds_service.findings.patient_state import PerformanceLimit, performance_status
from cds_service.findings.stability_scores import Score, mirels, sins
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.ladder import Ladder, absent, card, ladder, silent

_BREAKING = ("posterior-wall-involvement", "impending-vertebral-fracture", "impending-fracture")
_REFERRALS = ("referral-orthopaedics", "referral-spine", "referral-neurosurgery", "orthopaedic-fixation")


@ladder
def orthopaedic_assessment(
    case: Case,
    *,
    referral_lookback: Span,
    fracture_window: Span,
    stability: StabilityLimits,
    sins_refer_from: int,
    mirels_consider_from: int,
    unfit: PerformanceLimit,
) -> Ladder:
    """Fire on bone that is about to break, and on spinal or long-bone metastases that nobody has judged.

    A complete score that says that they are stable silences it; a recorded one says which bones an unsited metastasis is in.
    """
    impending = impending_fractures(case, stability.stability_score_age)
    breaking = impending if impending and cancer(case) else Finding(())
    yield absent("no_bone_metastases", bone_metastases(case) or breaking, needs=("conditions",))
    spine = _spine(case, stability)
    yield absent("other_bones", breaking or spine or _limbs(case, stability), needs=("conditions",))
    yield silent("surgeon_asked", done_or_ordered(case, referral_lookback, *_REFERRALS))
    yield silent("cord_first", spine and cord_at_risk(case, stability.neurology_window))
    yield silent("fracture_first", case.recent(unfixed_fractures(case, fracture_window), fracture_window))

    limbs, of_spine, of_limbs = _limbs(case, stability), sins(case, stability.sins), mirels(case, stability.mirels)
    parts = [
        _Part("spine", spine, of_spine, _state(of_spine, sins_refer_from, stability.sins_unstable_from)),
        _Part("long_bone", limbs, of_limbs, _state(of_limbs, mirels_consider_from, stability.mirels_fix_from)),
    ]
    judged = [part for part in parts if part.disease]
    uncertain = [part for part in judged if part.state != "stable"]
    yield silent("stable", not uncertain and not breaking, *(part.score.facts for part in judged))

    status = performance_status(case, unfit)
    poor = status if status.poor else None
    spinal = [fact for fact in breaking.facts if is_spinal(fact)]
    yield card(
        "impending_fracture",
        *(breaking.facts[:2], cancer(case).facts[:2], poor),
        when=breaking,
        words={
            "fracture": shown(breaking.facts[0], *_BREAKING) if breaking else "",
            "since": known_since(breaking.facts),
            "cancer": cancer_name(case),
        },
        notes={"poor_performance": poor},
        offers={"spinal_surgery": spinal, "orthopaedics": len(spinal) < len(breaking.facts)},
    )
    diseased = [part.disease.facts[:2] for part in uncertain]
    named = {part.name for part in uncertain}
    for state in ("unstable", "doubtful", "unknown"):
        for part in uncertain:
            score = part.score
            yield card(
                f"{part.name}_{state}",
                *(score.facts, *diseased, poor),
                when=part.state == state,
                words={
                    "disease": part.disease,
                    "points": said("at least {points}", points=score.points) if score.missing else str(score.points),
                    "missing": score.missing or (said("none"),),
                },
                notes={
                    "missing_inputs": score.missing,
                    "estimated": score.facts and not score.reported,
                    "poor_performance": poor,
                    "words_only": not any(part.disease.coded for part in uncertain),
                },
                offers={"spinal_surgery": "spine" in named, "orthopaedics": "long_bone" in named},
            )


class _Part(NamedTuple):
    """Spine or long bones."""

    name: str
    disease: Finding
    score: Score
    state: Literal["unstable", "doubtful", "unknown", "stable"]


def _state(score: Score, refer_from: int, unstable_from: int) -> Literal["unstable", "doubtful", "unknown", "stable"]:
    if score.points >= unstable_from:
        return "unstable"
    return "doubtful" if score.points >= refer_from else "unknown" if score.missing else "stable"


@finding
def _spine(case: Case, stability: StabilityLimits) -> Finding:
    """Metastases of the spine, or such of no named bone as a recorded score means."""
    return spine_metastases(case) or (bone_metastases(case) if sins(case, stability.sins).reported else Finding(()))


@finding
def _limbs(case: Case, stability: StabilityLimits) -> Finding:
    """Metastases of long bones, or such of no named bone as a recorded score means."""
    limbs = long_bone_metastases(case, stability.stability_score_age)
    return limbs or (bone_metastases(case) if mirels(case, stability.mirels).reported else Finding(()))
