"""Blood results that hint at bone metastases: alkaline phosphatase and calcium."""

from __future__ import annotations

from decimal import Decimal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Observation
from cds_service.findings.calcium import Calcium, calcium_results, newest_together
from cds_service.findings.renal import latest
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits, above


@finding
def high_phosphatase(case: Case, age: Span, times: Decimal, upper: Limit) -> tuple[Observation, ...]:
    """The newest alkaline phosphatase above so many times the upper limit: the laboratory's own when the result has one."""
    fact = latest(case, age, "alkaline-phosphatase")
    if fact is None or fact.value is None:
        return ()
    own = fact.high if fact.high is not None else upper.stated[0]
    limit = Limit((Quantity(own.value * times, own.unit, own.substance),))
    return (fact,) if _is_above(fact, limit) else ()


@finding
def high_calcium(case: Case, age: Span, albumin_window: Span, upper: Limit, ionised: Limit) -> tuple[Observation, ...]:
    """A calcium that stands now and lies above the laboratory's upper limit, else ours; known hyperparathyroidism explains it."""
    if any(fact.state == "active" for fact in case.conditions.of("primary-hyperparathyroidism")):
        return ()
    now = newest_together(calcium_results(case, age, albumin_window))
    return tuple(result.fact for result in now if _is_high(result, ionised if result.kind == "ionised" else upper))[:1]


def _is_high(result: Calcium, ours: Limit) -> bool:
    limit = Limit((result.fact.high,)) if result.fact.high is not None else ours
    try:
        return bool(above(result.value, result.comparator, limit))
    except UnlikeUnits:
        return False


def _is_above(fact: Observation, limit: Limit) -> bool:
    try:
        return fact.value is not None and bool(above(fact.value, fact.comparator, limit))
    except UnlikeUnits:
        return False
