"""Metastatic cancer without systemic treatment: medical oncology, with the baseline bloods that it will ask for."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import BLOOD_CANCERS, in_scope, metastases, primary
from cds_service.findings.care_setting import comfort_care, hospice_or_comfort
from cds_service.findings.disease_status import disease_status, is_controlled
from cds_service.findings.naming import called
from cds_service.findings.performance_status import Performance, performance_status
from cds_service.findings.studies import done, ordered, planned
from cds_service.findings.systemic_therapy import systemic_therapy
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span

_ONCOLOGY = ("referral-oncology", "referral-haematology", "referral-cup-team")
_BLOODS = {
    "full-blood-count": ("full-blood-count", "haemoglobin"),
    "alkaline-phosphatase": ("alkaline-phosphatase",),
    "ldh": ("ldh",),
    "calcium-albumin": ("calcium-total", "calcium-corrected", "calcium-ionised"),
    "creatinine": ("creatinine", "egfr"),
}
_HORMONE_SENSITIVE = ("breast-cancer", "prostate-cancer", "ovarian-cancer")
_CHEMOTHERAPY_FIRST = (*BLOOD_CANCERS, "germ-cell-tumour")


def systemic_therapy_referral(
    case: Case,
    *,
    oncology_lookback: Span,
    bloods_lookback: Span,
    disease_status_age: Span,
    performance_age: Span,
    poor_performance_from: int,
) -> Outcome:
    """Fire on active metastases without systemic treatment and without a recent referral to oncology."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    spread = metastases(case)
    if not spread:
        return not_found(case, "no_metastases", "conditions", "observations", "reports")
    aims = hospice_or_comfort(case)
    if aims:
        return NotFired("comfort_care", _quoted(aims.facts))
    treated = systemic_therapy(case, oncology_lookback)
    if treated:
        return NotFired("on_treatment", _quoted(treated))
    known = _in_oncology(case, oncology_lookback)
    if known:
        return NotFired("referred", _quoted(known))
    status = disease_status(case, disease_status_age)
    if status is not None and is_controlled(status):
        return NotFired("controlled", (evidence_of(status),))
    performance = performance_status(case, performance_age)
    palliative = comfort_care(case)
    bloods = _missing_bloods(case, bloods_lookback)
    evidence = _quoted((*spread.facts[:4], *([performance.fact] if performance else []), *palliative.facts[:1]))
    notes = _notes(case, performance, poor_performance_from, bool(palliative))
    offers = (Offer("oncology"), *(Offer(test) for test in bloods))
    return Fired("untreated", evidence, {"disease": called(spread.facts)}, tuple(notes), offers)


def _in_oncology(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """Referrals, visits and discussions with the doctors who would treat."""
    visits = tuple(fact for fact in case.encounters.of(*_ONCOLOGY) if case.within(fact.when, lookback))
    return (
        *ordered(case, lookback, *_ONCOLOGY),
        *done(case, lookback, *_ONCOLOGY),
        *planned(case, *_ONCOLOGY),
        *visits,
    )


def _missing_bloods(case: Case, lookback: Span) -> tuple[str, ...]:
    return tuple(
        test
        for test, concepts in _BLOODS.items()
        if not ordered(case, lookback, *concepts)
        and not any(case.within(fact.when, lookback) for fact in case.observations.of(*concepts))
    )


def _notes(case: Case, performance: Performance | None, poor_from: int, palliative: bool) -> list[str]:
    checks = (
        ("palliative_care", palliative),
        ("poor_performance", performance is not None and performance.ecog >= poor_from),
        ("chemotherapy_first", bool(primary(case, *_CHEMOTHERAPY_FIRST))),
        ("hormone_sensitive", bool(primary(case, *_HORMONE_SENSITIVE))),
        ("not_seen", bool(case.lacking("medications", "orders"))),
    )
    return [note for note, holds in checks if holds]


def _quoted(facts: tuple[Fact, ...]) -> tuple[Evidence, ...]:
    return tuple(evidence_of(fact) for fact in tuple(dict.fromkeys(facts))[:7])
