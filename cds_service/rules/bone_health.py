"""Hormone treatment that thins the bones, without a bone density."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.bone_agents import courses, osteoporosis_product
from cds_service.findings.cancer import bone_metastases, in_scope
from cds_service.findings.care_setting import hospice_or_comfort
from cds_service.findings.medicines import on_medicine
from cds_service.findings.studies import done_or_ordered
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span

_BONE_LOSS = ("aromatase-inhibitor", "androgen-deprivation")


def bone_health(case: Case, *, density_lookback: Span, protection_lookback: Span) -> Outcome:
    """Fire on an aromatase inhibitor or androgen deprivation without a bone density within the look-back."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    disease = bone_metastases(case)
    if disease:
        return NotFired("bone_metastases", tuple(evidence_of(fact) for fact in disease.facts[:2]))
    castrated = tuple(fact for fact in case.procedures.of("orchidectomy") if fact.status == "completed")
    treatment: tuple[Fact, ...] = on_medicine(case, *_BONE_LOSS) or castrated
    if not treatment:
        return not_found(case, "no_hormone_treatment", "medications")
    checks: tuple[tuple[str, tuple[Fact, ...]], ...] = (
        ("density_known", (*done_or_ordered(case, density_lookback, "dxa"), *_measured(case, density_lookback))),
        ("protected", _protected(case, protection_lookback)),
        ("comfort_care", hospice_or_comfort(case).facts),
    )
    for because, facts in checks:
        if facts:
            return NotFired(because, tuple(evidence_of(fact) for fact in (*facts[:2], *treatment[:1])))
    if case.lacking("reports"):
        return not_found(case, "density_known", "reports")
    evidence = tuple(evidence_of(fact) for fact in treatment[:2])
    return Fired("no_density", evidence, words={"treatment": treatment[0].label}, offers=(Offer("dxa"),))


def _measured(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """A bone density or T-score that stands as an observation."""
    return tuple(fact for fact in case.observations.of("dxa") if case.within(fact.when, lookback))


def _protected(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """On something that protects the bones: an agent in either strength, or an oral bisphosphonate."""
    running = tuple(fact for course in courses(case) if course.current(case, lookback) for fact in course.facts)
    products = (
        *osteoporosis_product(case, "denosumab", lookback),
        *osteoporosis_product(case, "zoledronic-acid", lookback),
    )
    return (*running, *products, *on_medicine(case, "oral-bisphosphonate"))
