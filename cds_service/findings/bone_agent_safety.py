"""What must be known before a bone-modifying agent: calcium, vitamin D, teeth, jaw, and the aims of care."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.calcium import Calcium, calcium_results, is_low, newest_together
from cds_service.findings.finding import Finding, summed_up
from cds_service.findings.renal import latest
from cds_service.findings.studies import done, ordered, planned
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits, above, below

_DENTIST = ("dental-exam", "referral-dental")
_CLOSED = {"finished", "completed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalciumLevels:
    """Limits of low and high calcium, for total or corrected and for ionised calcium; a side that is left out is not asked."""

    lower: Limit | None = None
    upper: Limit | None = None
    ionised_lower: Limit | None = None
    ionised_upper: Limit | None = None


@dataclass(frozen=True, slots=True)
class CalciumState:
    """The newest calcium, and whether it is low or high."""

    level: Literal["unknown", "low", "normal", "high"]
    result: Calcium | None = None

    @property
    def sources(self) -> tuple[Observation, ...]:
        return self.result.sources if self.result else ()

    @property
    def value(self) -> Quantity | None:
        return self.result.value if self.result else None

    @property
    def firm(self) -> bool:
        """Final, with a unit of its own: such a result may gate a medicine."""
        return self.result is not None and not (self.result.preliminary or self.result.unit_assumed)

    @property
    def uncorrected(self) -> bool:
        """A total calcium without albumin: a low one may be no more than a low albumin."""
        return self.result is not None and self.result.kind == "total"


@finding
def calcium_state(case: Case, age: Span, albumin_window: Span, levels: CalciumLevels) -> CalciumState:
    """Low, normal or high by the newest results of one day; ionised and corrected values go before an uncorrected total."""
    results = newest_together(calcium_results(case, age, albumin_window))
    trusted = tuple(result for result in results if result.kind != "total") or results
    for result in trusted:
        if _is_low(result, levels):
            return CalciumState("low", result)
    for result in trusted:
        if _is_high(result, levels):
            return CalciumState("high", result)
    plain = any(_is_low(result, levels) is False for result in trusted)
    return CalciumState("normal" if plain else "unknown", next(iter(trusted), None))


@finding
def vitamin_d(case: Case, age: Span) -> Observation | None:
    """The newest usable 25-hydroxyvitamin D within the window."""
    return latest(case, age, "vitamin-d")


def vitamin_d_is_low(result: Observation | None, limit: Limit) -> bool:
    """Below the limit; an unknown or unreadable one is not."""
    if result is None or result.value is None:
        return False
    try:
        return bool(below(result.value, result.comparator, limit))
    except UnlikeUnits:
        return False


@finding
def dental_examination(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """Dental examinations within the look-back: procedures, reports, completed orders, finished visits."""
    visits = tuple(
        visit
        for visit in case.encounters.of(*_DENTIST)
        if visit.status in _CLOSED and case.within(visit.end or visit.start, lookback)
    )
    return (*done(case, lookback, "dental-exam"), *done(case, lookback, "referral-dental"), *visits)


@finding
def dental_examination_planned(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """Dental examinations or referrals that are ordered, drafted or booked."""
    visits = tuple(visit for visit in case.encounters.of(*_DENTIST) if visit.status not in _CLOSED)
    return (*ordered(case, lookback, *_DENTIST), *planned(case, *_DENTIST), *visits)


@finding
def jaw_osteonecrosis(case: Case) -> Finding:
    """Osteonecrosis of the jaw that is present."""
    return summed_up(case.active("mronj"), ("mronj",))


def _is_low(result: Calcium, levels: CalciumLevels) -> bool | None:
    ours = levels.ionised_lower if result.kind == "ionised" else levels.lower
    return is_low(result, ours) if ours is not None else None


def _is_high(result: Calcium, levels: CalciumLevels) -> bool:
    ours = levels.ionised_upper if result.kind == "ionised" else levels.upper
    if ours is None:
        return False
    limit = Limit((result.fact.high,)) if result.fact.high is not None else ours
    try:
        return bool(above(result.value, result.comparator, limit))
    except UnlikeUnits:
        return False
