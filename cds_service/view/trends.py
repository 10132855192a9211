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
from cds_service.terminology.said import said
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
    case, phrases = consultation.case, consultation.phrases
    cards = consultation.knowledge.cards
    limits = cards["hypercalcaemia"].bound["calcium"]
    assert isinstance(limits, CalciumLimits)
    results = calcium_results(case, LOOKBACK, limits.reading)
    total = (limits.upper_limit, limits.treat_at, limits.severe_at)
    ionised = (limits.ionised_upper_limit, limits.ionised_treat_at, limits.ionised_severe_at)
    egfr_limit = cards["contrast-safety"].parameters["egfr_limit"].value
    drawn = (
        _trend(consultation, said("Calcium"), _calcium(results, phrases, ionised=False), _levels(total)),
        _trend(consultation, said("Ionised calcium"), _calcium(results, phrases, ionised=True), _levels(ionised)),
        _trend(consultation, said("Albumin"), _plain(case.observations.of("albumin"), phrases), ()),
        _trend(consultation, said("Creatinine"), _plain(case.observations.of("creatinine"), phrases), ()),
        _trend(
            consultation,
            said("eGFR"),
            _plain(case.observations.of("egfr"), phrases),
            ((said("contrast limit"), egfr_limit),),
        ),
    )
    return tuple(trend for trend in drawn if trend is not None)


def _levels(limits: Iterable[object]) -> Iterable[tuple[str, object]]:
    return zip((said("upper limit"), said("treat"), said("severe")), limits, strict=True)


def clearance(consultation: Consultation) -> str:
    """The creatinine clearance of today, or what is missing for it."""
    inputs = consultation.knowledge.cards["bma-start"].bound["clearance"]
    assert isinstance(inputs, ClearanceInputs)
    found, phrases = creatinine_clearance(consultation.case, inputs), consultation.phrases
    if found.value is None:
        missing = ", ".join(map(phrases.word, found.missing))
        return phrases.say("Creatinine clearance: not known, missing {what}", what=missing)
    value = f"{found.comparator}{phrases.quantity(found.value)}"
    if found.measured is not None:
        return phrases.say("Creatinine clearance: {value} (as the laboratory reported it)", value=value)
    return phrases.say("Creatinine clearance: {value} (Cockcroft and Gault)", value=value)


def _calcium(results: Iterable[Calcium], phrases: Phrases, *, ionised: bool) -> list[_Result]:
    return [
        (one.fact.when, one.value, f"{one.comparator}{phrases.quantity(one.value)}, {_origin(one, phrases)}")
        for one in results
        if one.fact.when is not None and (one.kind == "ionised") == ionised
    ]


_ORIGINS = {
    "ionised": said("ionised"),
    "uncorrected": said("total, not corrected: no albumin beside it"),
    "laboratory_corrected": said("corrected by the laboratory"),
}


def _origin(one: Calcium, phrases: Phrases) -> str:
    if one.origin == "corrected_here" and one.fact.value and one.albumin and one.albumin.value:
        measured, albumin = map(phrases.language.quantity, (one.fact.value, one.albumin.value))
        label = phrases.say("corrected; measured {measured}, albumin {albumin}", measured=measured, albumin=albumin)
    else:
        label = phrases.word(_ORIGINS[one.origin])
    return phrases.say("preliminary, {result}", result=label) if one.preliminary else label


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
    unit, now, phrases = results[0][1].unit, consultation.moment, consultation.phrases
    values = [(moment, value, says) for moment, quantity, says in results if (value := _in(quantity, unit)) is not None]
    drawn = [
        (value, f"{phrases.word(name)} {phrases.language.quantity(limit.for_unit(unit))}")
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
        Point(scale.share(scale.ago(moment)), height(value), f"{phrases.day(moment)}: {says}", scale.ago(moment))
        for moment, value, says in values
    )
    return Trend(
        phrases.word(title),
        results[0][2],
        phrases.day(results[0][0]),
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
