"""The patient's calcium: newest, corrected for albumin once and never twice, in the unit that it was reported in."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from cds_service.clinical import (
    Case,
    Comparator,
    Limit,
    Measured,
    Moment,
    Observation,
    Quantity,
    Span,
    Table,
    above,
    at_least,
    below,
    finding,
    is_measured,
    said,
)
from cds_service.findings.limits import PlausibleRange

Level = Literal["unknown", "low", "normal", "raised", "treat", "severe"]
_GRAVITY: tuple[Level, ...] = ("unknown", "normal", "low", "raised", "treat", "severe")

_ROWS = {"mmol/L": "molar", "mg/dL": "mass"}
"""Units of calcium, and the row that corrects it."""
KINDS = ("calcium-ionised", "calcium-corrected", "calcium-total")


@dataclass(frozen=True, slots=True)
class AlbuminSlope:
    """A row of the correction: what a calcium gains for each unit of albumin below the normal one."""

    slope: Decimal
    normal: Quantity

    def corrected(self, calcium: Quantity, albumin: Quantity) -> Quantity:
        """Calcium + slope x (normal albumin - albumin), in the calcium's unit."""
        missing = self.normal.value - albumin.to(self.normal.unit).value
        return Quantity(calcium.value + self.slope * missing, calcium.unit, calcium.substance)


@dataclass(frozen=True, slots=True)
class CalciumReading:
    """How a calcium is read: corrected for albumin, and which values any patient can have."""

    albumin_window: Span
    """How far the albumin that corrects a calcium may lie from it in time."""
    albumin_correction: Table[AlbuminSlope]
    """Rows ``molar`` (mmol/L, g/L) and ``mass`` (mg/dL, g/dL)."""
    plausible_results: Table[PlausibleRange]
    same_sample_within: Span
    """Results this close in time are taken to come from one sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalciumLimits:
    """Limits of total or corrected and of ionised calcium, and how old a result may be."""

    upper_limit: Limit
    treat_at: Limit | None = None
    severe_at: Limit | None = None
    ionised_upper_limit: Limit
    ionised_treat_at: Limit | None = None
    ionised_severe_at: Limit | None = None
    calcium_age: Span
    reading: CalciumReading


_KINDS = {"ionised": said("ionised"), "corrected": said("corrected"), "total": said("total")}


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
        """The calcium, or the albumin that corrected it, is not final."""
        return any(source.status == "preliminary" for source in self.sources)

    @property
    def origin(self) -> Literal["ionised", "uncorrected", "corrected_here", "laboratory_corrected"]:
        """How the value came about."""
        if self.kind == "corrected":
            return "laboratory_corrected" if self.albumin is None else "corrected_here"
        return "ionised" if self.kind == "ionised" else "uncorrected"

    @property
    def described(self) -> str:
        """Its kind, with its status when it is not final: ``preliminary corrected``."""
        kind = _KINDS[self.kind]
        return said("preliminary {kind}", kind=kind) if self.preliminary else kind

    @property
    def unit_assumed(self) -> bool:
        return self.fact.unit_assumed or (self.albumin is not None and self.albumin.unit_assumed)

    @property
    def sources(self) -> tuple[Observation, ...]:
        return (self.fact, self.albumin) if self.albumin else (self.fact,)


@finding
def calcium_results(case: Case, age: Span, reading: CalciumReading) -> tuple[Calcium, ...]:
    """All usable calcium results within ``age``, newest first, each corrected by the albumin nearest in time within the window.

    A corrected or ionised value is never corrected again; one corrected for total protein is not used.
    """
    recent = case.recent(filter(is_measured, _calcium(case)), age)
    return tuple(_read(case, fact, age, reading) for fact in recent)


@finding
def albumin_beside(case: Case, calcium: Observation, age: Span, reading: CalciumReading) -> Observation | None:
    """The usable albumin nearest in time to a calcium no older than ``age``, within the window on either side.

    A final one goes first; bare dates are whole days. An implausible one is a slip of unit (3.2 g/L for 3.2 g/dL) and would
    make hypercalcaemia of nothing.
    """
    if calcium.when is None:
        return None
    possible, window = reading.plausible_results["albumin"], reading.albumin_window
    usable = [
        (_apart(drawn, calcium.when), albumin)
        for albumin in case.observations.of("albumin")
        if (drawn := albumin.when) and albumin.value and not albumin.comparator and possible.holds(albumin.value)
    ]
    near = [(gap, albumin) for gap, albumin in usable if gap <= _length(window)]
    return min(near, key=lambda pair: (pair[1].status == "preliminary", pair[0]))[1] if near else None


@finding
def unreadable_calcium(case: Case, age: Span) -> tuple[Observation, ...]:
    """Recent calcium results whose number no unit can be given to, such as a bare 4.8: dangerous under any reading."""
    unread = (fact for fact in _calcium(case) if fact.value is None)
    return case.recent((fact for fact in unread if fact.text.lstrip("<>= ")[:1].isdigit()), age)


def newest_together(results: tuple[Calcium, ...], reading: CalciumReading) -> tuple[Calcium, ...]:
    """The results that stand now: of the newest day, each unless a later or better one of that day takes its place.

    A later result replaces an earlier one of its kind, a final one a preliminary one of the same time; a corrected or
    ionised value replaces the bare total of the same blood, and the laboratory's correction replaces ours.
    """
    dated = [(result.fact.when, result) for result in results if result.fact.when]
    if not dated:
        return results[:1]
    day, same_sample = dated[0][0].last.date(), reading.same_sample_within
    of_day = [(when, result) for when, result in dated if when.last.date() == day]
    return tuple(
        result for when, result in of_day if not any(_replaces(*other, when, result, same_sample) for other in of_day)
    )


def gravest(results: tuple[Calcium, ...], limits: CalciumLimits) -> tuple[Calcium, Level] | None:
    """The result with the gravest level, of the results that stand now; the first named wins a tie."""
    judged = [(result, level(result, limits)) for result in results]
    return max(judged, key=lambda pair: _GRAVITY.index(pair[1]), default=None)


def level(result: Calcium, limits: CalciumLimits) -> Level:
    """Where a result stands: above the upper limit is raised, at or above the others is treat and severe.

    The laboratory's own upper limit wins over ours when its unit is the value's.
    """
    ionised = result.kind == "ionised"
    severe = limits.ionised_severe_at if ionised else limits.severe_at
    treat = limits.ionised_treat_at if ionised else limits.treat_at
    ours = limits.ionised_upper_limit if ionised else limits.upper_limit
    upper = Limit((result.fact.high,)) if result.fact.high is not None else ours
    if at_least(result, severe):
        return "severe"
    if at_least(result, treat):
        return "treat"
    raised = above(result, upper)
    return "unknown" if raised is None else "raised" if raised else "normal"


def firm_level(result: Calcium, limits: CalciumLimits) -> Level:
    """The level that stands without any assumption about units.

    A calcium without a unit is no more than raised, unless it is severe whichever unit it had; one that was corrected by
    an albumin without a unit stands as the total that was measured.
    """
    found = level(result, limits)
    if result.fact.unit_assumed:
        grave = severe_in_any_unit(result, limits)
        return "severe" if grave else "raised" if found in {"treat", "severe"} else found
    if result.unit_assumed and result.fact.value is not None:
        return level(Calcium(result.fact, "total", result.fact.value, result.comparator), limits)
    return found


def severe_in_any_unit(result: Calcium, limits: CalciumLimits) -> bool:
    """Whether a number without a unit is severe whichever unit it had: then the assumption changes nothing."""
    severe = limits.ionised_severe_at if result.kind == "ionised" else limits.severe_at
    if severe is None or result.fact.value is None or result.comparator in {"<", "<="}:
        return False
    as_read = result.value.value >= severe.for_unit(result.value.unit).value
    others = [unit for unit in _ROWS if unit != result.value.unit]
    return as_read and all(result.fact.value.value >= severe.for_unit(unit).value for unit in others)


def is_low(result: Calcium, minimum: Limit) -> bool | None:
    """Below the laboratory's lower limit (when its unit is the value's), else below ``minimum``; ``None``: open."""
    limit = Limit((result.fact.low,)) if result.fact.low is not None else minimum
    return below(result, limit)


def corrected_calcium(calcium: Quantity, albumin: Quantity, correction: Table[AlbuminSlope]) -> Quantity:
    """Total calcium corrected for albumin, in the calcium's own unit (mmol/L or mg/dL; any other is brought to mmol/L)."""
    if calcium.unit not in _ROWS:
        calcium = calcium.to("mmol/L")
    return correction[_ROWS[calcium.unit]].corrected(calcium, albumin)


def _calcium(case: Case) -> tuple[Observation, ...]:
    return tuple(fact for fact in case.observations.of(*KINDS) if "calcium-protein-corrected" not in fact.concepts)


def _read(case: Case, fact: Measured, age: Span, reading: CalciumReading) -> Calcium:
    value = fact.value
    if "calcium-ionised" in fact.concepts and not _total_by_symbol(fact, value, reading):
        return Calcium(fact, "ionised", value, fact.comparator)
    kind: Literal["corrected", "total"] = "corrected" if "calcium-corrected" in fact.concepts else "total"
    albumin = None if kind == "corrected" else albumin_beside(case, fact, age, reading)
    if albumin is not None and albumin.value is not None:
        kind, value = "corrected", corrected_calcium(value, albumin.value, reading.albumin_correction)
    return Calcium(fact, kind, value, fact.comparator, albumin)


def _total_by_symbol(fact: Observation, value: Quantity, reading: CalciumReading) -> bool:
    """Whether only its symbol (``Ca++``) names it, which stands for either, and no ionised calcium is that high."""
    return "calcium-total" in fact.concepts and not reading.plausible_results["ionised-by-symbol"].holds(value)


def _replaces(taken: Moment, other: Calcium, when: Moment, result: Calcium, same_sample: Span) -> bool:
    """Whether the other takes this one's place. A preliminary one never replaces a final one, nor does an open ``>10``."""
    if other.comparator in {">", ">="} or (other.preliminary and not result.preliminary):
        return False
    if other.origin == result.origin:
        again = taken.text == when.text and _standing(other) > _standing(result)
        return again or taken.first > when.last
    bare = result.kind == "total" or (result.albumin is not None and other.origin == "laboratory_corrected")
    return bare and other.kind != "total" and when.first - taken.last <= _length(same_sample)


def _standing(result: Calcium) -> tuple[bool, float]:
    """Final before preliminary, then the one issued later."""
    return not result.preliminary, result.fact.issued.last.timestamp() if result.fact.issued is not None else 0.0


def _length(span: Span) -> timedelta:
    return timedelta(days=span.days, hours=span.hours)


def _apart(one: Moment, other: Moment) -> timedelta:
    """Time between two moments, none when the spans that they may mean touch."""
    return max(timedelta(), one.first - other.last, other.first - one.last)
