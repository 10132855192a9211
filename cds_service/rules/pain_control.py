"""Cancer pain that is severe, or moderate and lasting: treat it and ask those who know how."""

from cds_service.clinical import Case, Span, said
from cds_service.findings.bone_disease import bone_disease
from cds_service.findings.cancer import in_scope
from cds_service.findings.medicines import on_medicine
from cds_service.findings.pain import newest_pain, pain_scores, pain_trend, persistent_pain, points
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, cancer_ladder, cards, needed, silent


@cancer_ladder
def pain_control(
    case: Case,
    *,
    given_within: Span,
    pain_severe_from: int,
    pain_moderate_from: int,
    pain_score_age: Span,
    referral_lookback: Span,
) -> Ladder:
    """Fire when the newest pain score is severe, or moderate and reached more than once within the window."""
    score, scores = newest_pain(case, pain_score_age), pain_scores(case, pain_score_age)
    newest = yield from needed("no_pain_score", score, needs=("observations",))
    severe = points(newest) >= pain_severe_from
    lasting = persistent_pain(case, pain_score_age, pain_moderate_from)
    yield silent("pain_controlled", not severe and not lasting, scores[:4])

    asked = done_or_ordered(case, referral_lookback, "referral-pain", "referral-palliative")
    strong = on_medicine(case, given_within, "strong-opioid")
    opioids = on_medicine(case, given_within, "opioid", "strong-opioid")
    trend, disease = pain_trend(case, pain_score_age), in_scope(case)
    yield from cards(
        {"severe": severe, "lasting": True},
        *(newest, scores[:3] if severe else lasting[:3], opioids[:2], asked[:1], disease.facts[:2]),
        words={
            "pain": points(newest),
            "pain_day": newest.when or said("date not recorded"),
            "disease": disease,
            "scores": ", ".join(str(points(score)) for score in reversed(scores[:6])),
            "trend": trend or said("one score only"),
        },
        notes={
            "trend": trend == "unchanged" or (trend and len(scores) > 2),  # of two, the newest says "up from"
            "on_strong_opioid": strong,
            "on_opioid": opioids and not strong,
            "no_opioid": not opioids and not case.lacking("medications"),
            "bone": bone_disease(case),
            "referred": asked,
        },
        offers=() if asked else ("palliative_care", "pain_service"),
    )
