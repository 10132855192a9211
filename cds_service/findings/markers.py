"""Tumour markers: which are missing, which are very high, which rise."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Observation
from cds_service.findings.studies import ordered
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits, above, at_least

MARKERS = ("psa", "cea", "ca15-3", "ca27-29", "ca125", "ca19-9", "thyroglobulin", "afp", "bhcg")
UpperLimits = tuple[tuple[str, Limit], ...]
"""Marker and its usual upper limit, for results that carry no range of their own laboratory."""

_EITHER = {"ca15-3": ("ca15-3", "ca27-29")}
"""CA 15-3 and CA 27-29 measure the same mucin (MUC1); one of them is enough."""


@dataclass(frozen=True, slots=True)
class Rise:
    """A marker above its limit that went up between its last two comparable results."""

    newest: Observation
    before: Observation


@finding
def missing_markers(case: Case, lookback: Span, *markers: str) -> tuple[str, ...]:
    """Those of these markers that were neither measured nor ordered within the look-back."""
    return tuple(marker for marker in markers if not _measured(case, lookback, *_EITHER.get(marker, (marker,))))


@finding
def very_high_markers(case: Case, lookback: Span, times: Decimal, usual: UpperLimits) -> tuple[Observation, ...]:
    """Newest results within the look-back at or above so many times the laboratory's, else the usual, upper limit."""
    return tuple(
        result
        for marker in MARKERS
        if (result := _newest(case, lookback, marker)) is not None
        and _reaches(result, _upper(result, marker, usual), times)
    )


@finding
def rising_markers(case: Case, lookback: Span, percent: Decimal, usual: UpperLimits) -> tuple[Rise, ...]:
    """Markers above their limit whose newest result lies at least so many percent above the one before."""
    found = []
    for marker in MARKERS:
        newest = _newest(case, lookback, marker)
        if newest is None or newest.value is None or not _exceeds(newest, _upper(newest, marker, usual)):
            continue
        before = next((fact for fact in _results(case, marker) if _is_earlier(case, fact, newest)), None)
        if before is not None and _went_up(before, newest, percent):
            found.append(Rise(newest, before))
    return tuple(found)


def _measured(case: Case, lookback: Span, *markers: str) -> bool:
    return bool(ordered(case, lookback, *markers)) or any(
        case.within(fact.when, lookback) for fact in case.observations.of(*markers)
    )


def _results(case: Case, marker: str) -> tuple[Observation, ...]:
    return tuple(
        fact for fact in case.observations.of(marker) if fact.value is not None and fact.status != "preliminary"
    )


def _newest(case: Case, lookback: Span, marker: str) -> Observation | None:
    return next((fact for fact in _results(case, marker) if case.within(fact.when, lookback)), None)


def _upper(result: Observation, marker: str, usual: UpperLimits) -> Limit | None:
    if result.high is not None and result.high.value > 0:
        return Limit((result.high,))
    return dict(usual).get(marker)


def _reaches(result: Observation, limit: Limit | None, times: Decimal) -> bool:
    if result.value is None or limit is None:
        return False
    raised = tuple(Quantity(stated.value * times, stated.unit, stated.substance) for stated in limit.stated)
    try:
        return at_least(result.value, result.comparator, Limit(raised)) is True
    except UnlikeUnits:
        return False


def _exceeds(result: Observation, limit: Limit | None) -> bool:
    if result.value is None or limit is None:
        return False
    try:
        return above(result.value, result.comparator, limit) is True
    except UnlikeUnits:
        return False


def _is_earlier(case: Case, fact: Observation, newest: Observation) -> bool:
    if fact.when is None or newest.when is None:
        return False
    return fact.when.last < newest.when.last


def _went_up(before: Observation, newest: Observation, percent: Decimal) -> bool:
    if (
        before.value is None
        or newest.value is None
        or before.comparator in {">", ">="}
        or newest.comparator in {"<", "<="}
    ):
        return False
    try:
        former = before.value.to(newest.value.unit).value
    except UnlikeUnits:
        return False
    return former > 0 and (newest.value.value - former) * 100 >= percent * former
