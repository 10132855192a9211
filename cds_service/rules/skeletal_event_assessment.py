"""Bone metastases without a recent assessment of pain and skeletal events."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.bone_disease import skeletal_events
from cds_service.findings.cancer import bone_metastases, in_scope
from cds_service.findings.studies import done_or_ordered
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span


def skeletal_event_assessment(case: Case, *, assessment_lookback: Span, event_window: Span) -> Outcome:
    """Fire on active bone metastases when no pain score and no assessment is on record within the look-back."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    disease = bone_metastases(case)
    if not disease:
        return not_found(case, "no_bone_metastases", "conditions")
    scores = case.observations.of("pain-score")
    recent: tuple[Fact, ...] = tuple(score for score in scores if case.within(score.when, assessment_lookback))
    recent = recent or done_or_ordered(case, assessment_lookback, "bone-pain-assessment")
    if recent:
        return NotFired("assessed", tuple(evidence_of(fact) for fact in recent[:2]))
    if case.lacking("observations"):
        return not_found(case, "assessed", "observations")
    events = skeletal_events(case, event_window)
    notes = (*(("last_score",) if scores else ()), *(("skeletal_event",) if events else ()))
    facts = dict.fromkeys((*disease.facts[:2], *scores[:2], *events[:2]))
    return Fired(
        "due",
        tuple(evidence_of(fact) for fact in facts),
        words={
            "disease": disease.label,
            "score": _shown(scores[0]) if scores else "",
            "scored": (scores[0].when or "date not recorded") if scores else "",
            "events": tuple(dict.fromkeys(fact.label for fact in events)),
        },
        notes=notes,
        offers=(Offer("assessment"),),
    )


def _shown(score: Observation) -> str:
    return str(score.value) if score.value is not None else score.text or "without a number"
