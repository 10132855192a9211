"""How able the patient is: the newest ECOG grade, or a Karnofsky index read as one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Observation
from cds_service.terminology.dates import Span

# Karnofsky index from which on each ECOG grade holds: 90 to 100 is 0, 70 to 80 is 1, 50 to 60 is 2, 30 to 40 is 3, else 4.
# Source: Ma C et al., Eur J Cancer 2010;46:3175-83 (interconversion); 0 is death in both scales (Oken 1982).
_FROM_KARNOFSKY = ((90, 0), (70, 1), (50, 2), (30, 3), (1, 4), (0, 5))
_WORST = 5


@dataclass(frozen=True, slots=True)
class Performance:
    """ECOG grade 0 (fully active) to 5 (dead), on this observation."""

    ecog: int
    fact: Observation


@finding
def performance_status(case: Case, age: Span) -> Performance | None:
    """The newest usable ECOG or Karnofsky score no older than ``age``; of one day, the ECOG grade itself."""
    scores = case.recent(case.observations.of("ecog", "karnofsky"), age)
    grades = ((grade, fact) for fact in scores if (grade := _grade(fact)) is not None)
    newest = min(grades, key=lambda one: (case.days_since(one[1].when), "ecog" not in one[1].concepts), default=None)
    return Performance(*newest) if newest else None


@dataclass(frozen=True, slots=True)
class PerformanceLimit:
    """From which ECOG grade on a patient is unfit, and how old the score may be."""

    poor_performance_from: int
    performance_age: Span


@finding
def poor_performance(case: Case, limit: PerformanceLimit) -> Performance | None:
    """The newest score when it is as poor as the limit."""
    status = performance_status(case, limit.performance_age)
    return status if status is not None and status.ecog >= limit.poor_performance_from else None


def _grade(fact: Observation) -> int | None:
    """The ECOG grade that a score means; ``None`` for a number that the scale does not have."""
    if fact.value is None or fact.comparator:
        return None
    number = fact.value.value
    if number != number.to_integral_value() or fact.status == "preliminary":
        return None
    if "ecog" in fact.concepts:
        return int(number) if 0 <= number <= _WORST else None
    if not Decimal(0) <= number <= Decimal(100):
        return None
    return next(grade for least, grade in _FROM_KARNOFSKY if number >= least)
