"""A painful vertebral fracture or metastasis: cement may hold it and ease the pain."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.bleeding import Bleeding, BleedingLimits, bleeding
from cds_service.findings.cancer import in_scope, spine_metastases
from cds_service.findings.fractures import vertebral_fractures
from cds_service.findings.pain import newest_pain, painful, points
from cds_service.findings.performance_status import performance_status
from cds_service.findings.sins import sins
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.surgery_first import cord_at_risk
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit

_ASKED = ("cementoplasty", "referral-interventional-radiology", "referral-spine", "referral-neurosurgery")


def cementoplasty(
    case: Case,
    *,
    pain_moderate_from: int,
    pain_score_age: Span,
    neurology_window: Span,
    stability_score_age: Span,
    sins_unstable_from: int,
    infection_window: Span,
    referral_lookback: Span,
    bleeding_age: Span,
    highest_inr: Limit,
    lowest_platelets: Limit,
    poor_performance_from: int,
    performance_age: Span,
) -> Outcome:
    """Fire on a painful vertebral fracture or metastasis without cord compression, infection or an unstable spine."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    broken = vertebral_fractures(case, stability_score_age)
    spine = spine_metastases(case)
    if not broken and not spine:
        return not_found(case, "no_vertebral_lesion", "conditions")
    pain = painful(case, pain_score_age, pain_moderate_from)
    if pain is None:
        newest = newest_pain(case, pain_score_age)
        return (
            NotFired("pain_mild", (evidence_of(newest),))
            if newest
            else not_found(case, "no_pain_score", "observations")
        )
    hindrance = _hindrance(
        case, neurology_window, stability_score_age, pain_score_age, sins_unstable_from, infection_window
    )
    if hindrance is not None:
        return hindrance
    asked = done_or_ordered(case, referral_lookback, *_ASKED)
    if asked:
        return NotFired("already_asked", tuple(evidence_of(fact) for fact in asked))
    blood = bleeding(case, BleedingLimits(bleeding_age, highest_inr, lowest_platelets))
    status = performance_status(case, performance_age)
    unfit = status is not None and status.ecog >= poor_performance_from
    facts = dict.fromkeys((pain, *broken[:2], *spine.facts[:2], *blood.facts))
    return Fired(
        "fracture" if broken else "lesion",
        tuple(evidence_of(fact) for fact in facts)[:8],
        words={"pain": points(pain), "lesion": (broken or spine.facts)[0].label},
        notes=_notes(case, blood, unfit),
        offers=(Offer("interventional_radiology"),),
    )


def _hindrance(
    case: Case, neurology_window: Span, score_age: Span, pain_age: Span, unstable_from: int, infection_window: Span
) -> NotFired | None:
    """What forbids cement here: cord at risk, active infection, or an unstable spine that belongs to the surgeon."""
    cord = cord_at_risk(case, neurology_window)
    if cord:
        return NotFired("cord_first", tuple(evidence_of(fact) for fact in cord))
    infections: list[Fact] = [
        fact
        for fact in case.conditions.of("infection")
        if fact.state == "active" and (fact.when is None or case.within(fact.when, infection_window))
    ]
    if infections:
        return NotFired("infection", tuple(evidence_of(fact) for fact in infections))
    score = sins(case, score_age, pain_age)
    if score.points >= unstable_from:
        return NotFired("unstable_first", tuple(evidence_of(fact) for fact in score.facts))
    return None


def _notes(case: Case, blood: Bleeding, unfit: bool) -> tuple[str, ...]:
    notes = (
        ("anticoagulant", bool(blood.anticoagulants)),
        ("inr_high", blood.inr_high),
        ("platelets_low", blood.platelets_low),
        ("bleeding_unknown", blood.unknown),
        ("poor_performance", unfit),
        ("not_available", bool(case.lacking("orders", "procedures", "medications"))),
    )
    return tuple(name for name, holds in notes if holds)
