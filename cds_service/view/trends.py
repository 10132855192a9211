"""Calcium, albumin and kidneys over time, with the limits of the parameters drawn in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cds_service.chart.facts import Observation
from cds_service.engine.phrases import Phrases
from cds_service.findings.calcium import Calcium, CalciumLimits, calcium_results
from cds_service.findings.renal import ClearanceInputs, creatinine_clearance
from cds_service.service.consultation import Consultation
from cds_service.terminology.dates import Moment, Span
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits
from cds_service.view.scale import TimeScale

LOOKBACK = Span(months=36)
HEIGHT, _TOP, _BOTTOM = 130, 14, 108
"""Pixels; the width is the page's."""
_MOST = 60
_NAMES = 36.0
"""Per cent of the width, from the left, in which limits are named and nothing is drawn."""


@dataclass(frozen=True, slots=True)
class Point:
    """A result: per cent from the left, pixels from the top."""

    x: float
    y: float
    says: str
    ago: int


@dataclass(frozen=True, slots=True)
class Level:
    """A limit drawn across."""

    y: float
    says: str


@dataclass(frozen=True, slots=True)
class Trend:
    """One chart, newest point first, and the same as a table."""

    title: str
    newest: str
    day: str
    points: tuple[Point, ...]
    levels: tuple[Level, ...]
    scale: TimeScale

    @property
    def drawn(self) -> bool:
        """One value without a limit is no chart."""
        return len(self.points) > 1 or bool(self.levels)

    @property
    def segments(self) -> tuple[tuple[Point, Point], ...]:
        return tuple(zip(self.points, self.points[1:], strict=False))


_Result = tuple[Moment, Quantity, str]


def trends(consultation: Consultation) -> tuple[Trend, ...]:
    """The charts that have a result."""
    case, phrases = consultation.case, Phrases(consultation.knowledge.display_units, consultation.moment)
    cards = consultation.knowledge.cards
    limits = cards["hypercalcaemia"].bound["calcium"]
    assert isinstance(limits, CalciumLimits)
    results = calcium_results(case, LOOKBACK, limits.reading)
    upper = (("upper limit", limits.upper_limit), ("treat", limits.treat_at), ("severe", limits.severe_at))
    ionised = (
        ("upper limit", limits.ionised_upper_limit),
        ("treat", limits.ionised_treat_at),
        ("severe", limits.ionised_severe_at),
    )
    egfr_limit = cards["contrast-safety"].parameters["egfr_limit"].value
    drawn = (
        _trend(consultation, "Calcium", _calcium(results, phrases, ionised=False), upper),
        _trend(consultation, "Ionised calcium", _calcium(results, phrases, ionised=True), ionised),
        _trend(consultation, "Albumin", _plain(case.observations.of("albumin"), phrases), ()),
        _trend(consultation, "Creatinine", _plain(case.observations.of("creatinine"), phrases), ()),
        _trend(consultation, "eGFR", _plain(case.observations.of("egfr"), phrases), (("contrast limit", egfr_limit),)),
    )
    return tuple(trend for trend in drawn if trend is not None)


def clearance(consultation: Consultation) -> str:
    """The creatinine clearance of today, or what is missing for it."""
    inputs = consultation.knowledge.cards["bma-start"].bound["clearance"]
    assert isinstance(inputs, ClearanceInputs)
    found = creatinine_clearance(consultation.case, inputs)
    if found.value is None:
        return f"Creatinine clearance: not known, missing {', '.join(found.missing)}"
    how = "as the laboratory reported it" if found.measured is not None else "Cockcroft and Gault"
    return f"Creatinine clearance: {found.comparator}{found.value} ({how})"


def _calcium(results: Iterable[Calcium], phrases: Phrases, *, ionised: bool) -> list[_Result]:
    return [
        (one.fact.when, one.value, f"{one.comparator}{phrases.quantity(one.value)}, {_origin(one)}")
        for one in results
        if one.fact.when is not None and (one.kind == "ionised") == ionised
    ]


def _origin(one: Calcium) -> str:
    said = {
        "ionised": "ionised",
        "uncorrected": "total, not corrected: no albumin beside it",
        "laboratory_corrected": "corrected by the laboratory",
        "corrected_here": f"corrected; measured {one.fact.value}, albumin {one.albumin.value if one.albumin else ''}",
    }[one.origin]
    return f"preliminary, {said}" if one.preliminary else said


def _plain(facts: Iterable[Observation], phrases: Phrases) -> list[_Result]:
    return [
        (fact.when, fact.value, f"{fact.comparator}{phrases.quantity(fact.value)}")
        for fact in facts
        if fact.when is not None and fact.value is not None
    ]


def _trend(
    consultation: Consultation, title: str, results: list[_Result], limits: Iterable[tuple[str, object]]
) -> Trend | None:
    results = [one for one in results if consultation.case.within(one[0], LOOKBACK)][:_MOST]
    if not results:
        return None
    unit, now = results[0][1].unit, consultation.moment
    values = [(moment, value, says) for moment, quantity, says in results if (value := _in(quantity, unit)) is not None]
    drawn = [
        (value, f"{name} {limit.for_unit(unit)}")
        for name, limit in limits
        if isinstance(limit, Limit) and (value := _limit(limit, unit)) is not None
    ]
    every = [value for _, value, _ in values] + [value for value, _ in drawn]
    low, high = min(every), max(every)
    reach = (high - low) or Decimal(1)

    def height(value: Decimal) -> float:
        return round(_BOTTOM - float((value - low) / reach) * (_BOTTOM - _TOP), 1)

    days = max(30, *(moment.days_before(now) for moment, _, _ in values))
    scale = TimeScale(now, days, _NAMES if drawn else 3.0)
    points = tuple(
        Point(scale.share(scale.ago(moment)), height(value), f"{moment.day}: {says}", scale.ago(moment))
        for moment, value, says in values
    )
    return Trend(
        title,
        results[0][2],
        results[0][0].day,
        points,
        tuple(Level(height(value), says) for value, says in drawn),
        scale,
    )


def _in(quantity: Quantity, unit: str) -> Decimal | None:
    try:
        return quantity.to(unit).value
    except UnlikeUnits:
        return None


def _limit(limit: Limit, unit: str) -> Decimal | None:
    try:
        return limit.for_unit(unit).value
    except UnlikeUnits:
        return None
