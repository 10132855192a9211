"""Bone metastases without a recent assessment of pain and skeletal events."""

from cds_service.clinical import Case, Span, said
from cds_service.findings.bone_disease import skeletal_events
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, cancer_ladder, card, silent, unknown
from cds_service.rungs import bone_metastases_needed


@cancer_ladder
def skeletal_event_assessment(case: Case, *, assessment_lookback: Span, event_window: Span) -> Ladder:
    """Fire on active bone metastases when no pain score and no assessment is on record within the look-back."""
    disease = yield from bone_metastases_needed(case)
    scores = case.observations.of("pain-score")
    scored = case.recent(scores, assessment_lookback)
    yield silent("assessed", scored or done_or_ordered(case, assessment_lookback, "bone-pain-assessment"))
    yield unknown("observations", case.lacking("observations"))

    last, events = next(iter(scores), None), skeletal_events(case, event_window)
    yield card(
        "due",
        *(disease.facts[:2], scores[:2], events[:2]),
        words={
            "disease": disease,
            "score": (last.value or last.text or said("without a number")) if last else "",
            "scored": (last.when or said("date not recorded")) if last else "",
            "events": events,
        },
        notes={"last_score": last, "skeletal_event": events},
        offers=["assessment"],
    )
