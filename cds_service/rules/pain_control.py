"""Cancer pain that is severe, or moderate and lasting: treat it and ask those who know how."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.findings.bone_disease import bone_disease
from cds_service.findings.cancer import in_scope
from cds_service.findings.medicines import on_medicine
from cds_service.findings.pain import newest_pain, pain_scores, pain_trend, painful, persistent_pain, points
from cds_service.findings.studies import done_or_ordered
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span

_REFERRALS = ("referral-pain", "referral-palliative")


def pain_control(
    case: Case, *, pain_severe_from: int, pain_moderate_from: int, pain_score_age: Span, referral_lookback: Span
) -> Outcome:
    """Fire when the newest pain score is severe, or moderate and reached more than once within the window."""
    disease = in_scope(case)
    if not disease:
        return not_found(case, "no_cancer", "conditions")
    newest = newest_pain(case, pain_score_age)
    if newest is None:
        return not_found(case, "no_pain_score", "observations")
    severe = painful(case, pain_score_age, pain_severe_from)
    lasting = persistent_pain(case, pain_score_age, pain_moderate_from)
    scores = pain_scores(case, pain_score_age)
    if not severe and not lasting:
        return NotFired("pain_controlled", tuple(evidence_of(score) for score in scores[:4]))
    asked = done_or_ordered(case, referral_lookback, *_REFERRALS)
    strong = on_medicine(case, "strong-opioid")
    opioids = on_medicine(case, "opioid", "strong-opioid")
    trend = pain_trend(case, pain_score_age)
    words: dict[str, Word] = {
        "pain": points(newest),
        "pain_day": newest.when or "date not recorded",
        "disease": disease.label,
        "scores": tuple(str(points(score)) for score in reversed(scores[:6])),
        "trend": trend or "one score only",
    }
    notes = (
        ("trend", bool(trend)),
        ("on_strong_opioid", bool(strong)),
        ("on_opioid", bool(opioids) and not strong),
        ("no_opioid", not opioids and not case.lacking("medications")),
        ("bone", bool(bone_disease(case))),
        ("referred", bool(asked)),
        ("not_available", bool(case.lacking("medications", "orders", "procedures"))),
    )
    facts = dict.fromkeys(
        (newest, *(lasting[:3] if not severe else scores[:3]), *opioids[:2], *asked[:1], *disease.facts[:2])
    )
    return Fired(
        "severe" if severe else "lasting",
        tuple(evidence_of(fact) for fact in facts)[:8],
        words=words,
        notes=tuple(name for name, holds in notes if holds),
        offers=() if asked else (Offer("palliative_care"), Offer("pain_service")),
    )
