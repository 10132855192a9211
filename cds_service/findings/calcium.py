"""The patient's calcium: newest, corrected for albumin once and never twice, in the unit that it was reported in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Comparator, Observation
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits, above, at_least, below

Level = Literal["unknown", "low", "normal", "raised", "treat", "severe"]
_GRAVITY: tuple[Level, ...] = ("unknown", "normal", "low", "raised", "treat", "severe")

# Corrected calcium = calcium + slope x (normal albumin - albumin), in either unit system.
# Source: Zometa label; StatPearls "Hypercalcemia of malignancy" (rules.md 2.5).
_CORRECTION = {
    "mmol/L": ("g/L", Decimal("0.02"), Decimal(40)),
    "mg/dL": ("g/dL", Decimal("0.8"), Decimal("4.0")),
}
_KINDS = ("calcium-ionised", "calcium-corrected", "calcium-total")


@dataclass(frozen=True, slots=True)
class CalciumLimits:
    """Limits for total or corrected calcium, and for ionised calcium."""

    upper: Limit
    treat: Limit
    severe: Limit
    ionised_upper: Limit
    ionised_treat: Limit
    ionised_severe: Limit


@dataclass(frozen=True, slots=True)
class Calcium:
    """One calcium result, made comparable."""

    fact: Observation
    kind: Literal["ionised", "corrected", "total"]
    """``total``: no albumin within the window, so the value stands uncorrected."""
    value: Quantity
    comparator: Comparator
    albumin: Observation | None = None
    """The albumin that corrected it; ``None`` when the laboratory corrected it, or nobody did."""

    @property
    def preliminary(self) -> bool:
        return self.fact.status == "preliminary"

    @property
    def unit_assumed(self) -> bool:
        return self.fact.unit_assumed or (self.albumin is not None and self.albumin.unit_assumed)

    @property
    def sources(self) -> tuple[Observation, ...]:
        return (self.fact, self.albumin) if self.albumin else (self.fact,)


@finding
def calcium_results(case: Case, age: Span, albumin_window: Span) -> tuple[Calcium, ...]:
    """All usable calcium results within ``age``, newest first, each corrected by the albumin nearest in time within the window.

    A corrected or ionised value is never corrected again; one corrected for total protein is not used (rules.md 4.3).
    """
    found: list[Calcium] = []
    for fact in case.observations.of(*_KINDS):
        if fact.value is None or not case.within(fact.when, age):
            continue
        if "calcium-ionised" in fact.concepts:
            found.append(Calcium(fact, "ionised", fact.value, fact.comparator))
        elif "calcium-corrected" in fact.concepts:
            found.append(Calcium(fact, "corrected", fact.value, fact.comparator))
        else:
            found.append(_corrected(case, fact, fact.value, albumin_window))
    return tuple(found)


@finding
def unreadable_calcium(case: Case, age: Span) -> tuple[Observation, ...]:
    """Recent calcium results with a number that no unit can be given to, such as a bare 4.8: dangerous under any reading."""
    return tuple(
        fact
        for fact in case.observations.of(*_KINDS)
        if fact.value is None and any(letter.isdigit() for letter in fact.text) and case.within(fact.when, age)
    )


def newest_together(results: tuple[Calcium, ...]) -> tuple[Calcium, ...]:
    """The newest result and those of the same day: a total, a corrected and an ionised value of one blood sample."""
    if not results or results[0].fact.when is None:
        return results[:1]
    day = results[0].fact.when.last.date()
    return tuple(result for result in results if result.fact.when is not None and result.fact.when.last.date() == day)


def gravest(results: tuple[Calcium, ...], limits: CalciumLimits) -> tuple[Calcium, Level] | None:
    """The result with the gravest level, of one day's results; the first named wins a tie."""
    judged = [(result, level(result, limits)) for result in results]
    return max(judged, key=lambda pair: _GRAVITY.index(pair[1]), default=None)


def level(result: Calcium, limits: CalciumLimits) -> Level:
    """Where a result stands: above the upper limit is raised, at or above the others is treat and severe (decisions.md).

    The laboratory's own upper limit wins over ours when its unit is the value's.
    """
    ionised = result.kind == "ionised"
    severe = limits.ionised_severe if ionised else limits.severe
    treat = limits.ionised_treat if ionised else limits.treat
    ours = limits.ionised_upper if ionised else limits.upper
    upper = Limit((result.fact.high,)) if result.fact.high is not None else ours
    try:
        if at_least(result.value, result.comparator, severe):
            return "severe"
        if at_least(result.value, result.comparator, treat):
            return "treat"
        raised = above(result.value, result.comparator, upper)
    except UnlikeUnits:
        return "unknown"
    if raised is None:
        return "unknown"
    return "raised" if raised else "normal"


def severe_in_any_unit(result: Calcium, limits: CalciumLimits) -> bool:
    """Whether a number without a unit is severe whichever unit it had: then the assumption changes nothing."""
    if result.fact.value is None:
        return False
    severe = limits.ionised_severe if result.kind == "ionised" else limits.severe
    return all(result.fact.value.value >= severe.for_unit(unit).value for unit in _CORRECTION)


def is_low(result: Calcium, minimum: Limit) -> bool | None:
    """Below the laboratory's lower limit (when its unit is the value's), else below ``minimum``; ``None``: open."""
    limit = Limit((result.fact.low,)) if result.fact.low is not None else minimum
    try:
        return below(result.value, result.comparator, limit)
    except UnlikeUnits:
        return None


def corrected_calcium(calcium: Quantity, albumin: Quantity) -> Quantity:
    """Total calcium corrected for albumin, in the calcium's own unit (mmol/L or mg/dL; any other is brought to mmol/L)."""
    if calcium.unit not in _CORRECTION:
        calcium = calcium.to("mmol/L")
    unit, slope, normal = _CORRECTION[calcium.unit]
    corrected = calcium.value + slope * (normal - albumin.to(unit).value)
    return Quantity(corrected, calcium.unit, calcium.substance)


def _corrected(case: Case, fact: Observation, value: Quantity, window: Span) -> Calcium:
    albumin = _albumin_beside(case, fact, window)
    if albumin is None or albumin.value is None:
        return Calcium(fact, "total", value, fact.comparator)
    return Calcium(fact, "corrected", corrected_calcium(value, albumin.value), fact.comparator, albumin)


def _albumin_beside(case: Case, calcium: Observation, window: Span) -> Observation | None:
    """The usable albumin nearest in time within the window on either side; days without a time count as whole days."""
    if calcium.when is None:
        return None
    usable = [
        (_apart(albumin, calcium), albumin)
        for albumin in case.observations.of("albumin")
        if albumin.value is not None and not albumin.comparator and albumin.when is not None
    ]
    near = [(hours, albumin) for hours, albumin in usable if hours <= window.days * 24 + window.hours]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _apart(one: Observation, other: Observation) -> float:
    """Hours between two observations, 0 when the spans that their dates may mean touch."""
    if one.when is None or other.when is None:
        return float("inf")
    gap = max(one.when.first - other.when.last, other.when.first - one.when.last)
    return max(0.0, gap.total_seconds() / 3600)
