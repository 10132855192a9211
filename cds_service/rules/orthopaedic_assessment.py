"""Metastases in spine or long bones: is the bone stable, and has a surgeon judged it?"""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.findings.cancer import bone_metastases, spine_metastases
from cds_service.findings.finding import Finding
from cds_service.findings.fractures import unfixed_fractures
from cds_service.findings.long_bones import long_bone_metastases
from cds_service.findings.mirels import mirels
from cds_service.findings.performance_status import performance_status
from cds_service.findings.sins import Score, sins
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.surgery_first import cord_at_risk
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span

_REFERRALS = ("referral-orthopaedics", "referral-spine", "referral-neurosurgery", "orthopaedic-fixation")


def orthopaedic_assessment(
    case: Case,
    *,
    referral_lookback: Span,
    fracture_window: Span,
    stability_score_age: Span,
    pain_score_age: Span,
    pain_moderate_from: int,
    sins_refer_from: int,
    sins_unstable_from: int,
    mirels_consider_from: int,
    mirels_fix_from: int,
    neurology_window: Span,
    poor_performance_from: int,
    performance_age: Span,
) -> Outcome:
    """Fire on spinal or long-bone metastases that nobody has judged, unless a complete score says that they are stable."""
    spine = spine_metastases(case)
    limb = long_bone_metastases(case, stability_score_age)
    if not spine and not limb:
        return not_found(case, _elsewhere(case), "conditions")
    seen = done_or_ordered(case, referral_lookback, *_REFERRALS)
    if seen:
        return NotFired("surgeon_asked", tuple(evidence_of(fact) for fact in seen))
    if spine and cord_at_risk(case, neurology_window):
        return NotFired("cord_first", tuple(evidence_of(fact) for fact in cord_at_risk(case, neurology_window)))
    fresh = [fact for fact in unfixed_fractures(case, fracture_window) if case.within(fact.when, fracture_window)]
    if fresh:
        return NotFired("fracture_first", tuple(evidence_of(fact) for fact in fresh))
    spinal = _Part(spine, sins(case, stability_score_age, pain_score_age), sins_refer_from, sins_unstable_from)
    limbic = _Part(
        limb,
        mirels(case, stability_score_age, pain_score_age, pain_moderate_from),
        mirels_consider_from,
        mirels_fix_from,
    )
    parts = [part for part in (spinal, limbic) if part.disease]
    open_parts = [part for part in parts if not part.stable]
    if not open_parts:
        return NotFired("stable", tuple(evidence_of(fact) for part in parts for fact in part.score.facts))
    worst = min(open_parts, key=lambda part: part.rank)
    status = performance_status(case, performance_age)
    unfit = status is not None and status.ecog >= poor_performance_from
    facts = dict.fromkeys((*worst.score.facts, *(fact for part in open_parts for fact in part.disease.facts[:2])))
    return Fired(
        worst.message(limbic is worst),
        tuple(evidence_of(fact) for fact in (*facts, *([status.fact] if status and unfit else [])))[:8],
        words=_words(worst),
        notes=_notes(open_parts, worst, unfit, spinal, limbic, case),
        offers=(Offer("spinal_surgery"),) * (spinal in open_parts) + (Offer("orthopaedics"),) * (limbic in open_parts),
    )


class _Part:
    """Spine or long bones: the disease, its score, and from which points on it counts."""

    def __init__(self, disease: Finding, score: Score, refer_from: int, unstable_from: int) -> None:
        self.disease, self.score = disease, score
        self.unstable = score.points >= unstable_from
        self.doubtful = score.points >= refer_from
        self.stable = not self.doubtful and not score.missing

    @property
    def rank(self) -> int:
        return 0 if self.unstable else 1 if self.doubtful else 2

    def message(self, limb: bool) -> str:
        kind = "long_bone" if limb else "spine"
        return f"{kind}_{('unstable', 'doubtful', 'unknown')[self.rank]}"


def _words(part: _Part) -> dict[str, Word]:
    score = part.score
    return {
        "disease": part.disease.label,
        "points": str(score.points) if not score.missing else f"at least {score.points}",
        "missing": score.missing or ("none",),
    }


def _notes(parts: list[_Part], worst: _Part, unfit: bool, spinal: _Part, limbic: _Part, case: Case) -> tuple[str, ...]:
    notes = (
        ("missing_inputs", bool(worst.score.missing)),
        ("estimated", not worst.score.reported and bool(worst.score.facts)),
        ("sins_table", spinal in parts),
        ("mirels_table", limbic in parts),
        ("poor_performance", unfit),
        ("words_only", not any(part.disease.coded for part in parts)),
        ("not_available", bool(case.lacking("orders", "procedures", "reports"))),
    )
    return tuple(name for name, holds in notes if holds)


def _elsewhere(case: Case) -> str:
    return "other_bones" if bone_metastases(case) else "no_bone_metastases"
