"""The patient's calcium: corrected for albumin once and never twice, in its own unit; which result counts, and how grave it is."""

from dataclasses import dataclass, replace
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
    finding,
    is_measured,
    said,
)
from cds_service.findings.limits import PlausibleRange, own_or_usual

Kind = Literal["ionised", "corrected", "total"]
_KINDS: dict[Kind, str] = {"ionised": said("ionised"), "corrected": said("corrected"), "total": said("total")}
Level = Literal["unknown", "normal", "raised", "treat", "severe"]
_LEVELS: tuple[Level, ...] = ("unknown", "normal", "raised", "treat", "severe")
"""The gravest last."""

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

    def of(self, kind: Kind) -> tuple[Limit, Limit | None, Limit | None]:
        """The upper limit of this kind of calcium, and from where on it is treated and severe."""
        if kind == "ionised":
            return self.ionised_upper_limit, self.ionised_treat_at, self.ionised_severe_at
        return self.upper_limit, self.treat_at, self.severe_at


@dataclass(frozen=True, slots=True)
class Calcium:
    """One calcium result, made comparable."""

    fact: Observation
    when: Moment
    kind: Kind
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
    return tuple(_read(case, fact, fact.when, age, reading) for fact in recent if fact.when)


@finding
def standing_calcium(case: Case, age: Span, reading: CalciumReading) -> tuple[Calcium, ...]:
    """The results that stand now: of the newest day, each unless a later or better one of that day takes its place.

    A later result replaces an earlier one of its kind, a final one a preliminary one of the same time; a corrected or
    ionised value replaces the bare total of the same blood, and the laboratory's correction replaces ours.
    """
    results = calcium_results(case, age, reading)
    of_day = [result for result in results if result.when.last.date() == results[0].when.last.date()]
    same_sample = reading.same_sample_within
    return tuple(one for one in of_day if not any(_replaces(other, one, same_sample) for other in of_day))


@dataclass(frozen=True, slots=True)
class Current:
    """The calcium that counts now, judged."""

    result: Calcium
    level: Level
    firm: Level
    """The level without any assumption about units."""
    together: tuple[Calcium, ...]
    """All results that stand, this one among them."""
    earlier: Calcium | None
    """The newest result of an earlier time that can be compared with it: of the same kind, and not open (``<3``)."""

    @property
    def high(self) -> bool:
        return self.level in {"raised", "treat", "severe"}

    @property
    def grave(self) -> bool:
        """At the treat level or above."""
        return self.level in {"treat", "severe"}

    @property
    def open(self) -> bool:
        """Not high as it reads, but a comparator or a unit leaves that open."""
        return self.level == "unknown"

    @property
    def uncertain(self) -> bool:
        """No albumin, or a unit that was assumed, and the level rests on that: at most a warning."""
        return (self.result.unit_assumed or self.result.kind == "total") and self.firm not in {"treat", "severe"}

    @property
    def falling(self) -> bool:
        """Lower than before; never on a preliminary or open result."""
        if self.earlier is None or self.result.preliminary or self.result.comparator:
            return False
        return Limit((self.earlier.value,)).side(self.result.value) == -1


@finding
def current_calcium(case: Case, age: Span, limits: CalciumLimits) -> Current | None:
    """The gravest of the calcium results that stand now; ``None`` without a usable one within ``age``."""
    together = standing_calcium(case, age, limits.reading)
    if not together:
        return None
    judged = [(one, level(one, limits)) for one in together]
    result, reached = max(judged, key=lambda pair: _LEVELS.index(pair[1]))
    alike = (
        one for one in calcium_results(case, age, limits.reading) if one.kind == result.kind and not one.comparator
    )
    earlier = next((one for one in alike if one.when.last < result.when.first), None)
    return Current(result, reached, firm_level(result, limits), together, earlier)


@finding
def albumin_beside(case: Case, drawn: Moment, age: Span, reading: CalciumReading) -> Observation | None:
    """The usable albumin nearest in time to a calcium no older than ``age``, within the window on either side.

    A final one goes first; bare dates are whole days. An implausible one is a slip of unit (3.2 g/L for 3.2 g/dL) and would
    make hypercalcaemia of nothing.
    """
    possible, reach = reading.plausible_results["albumin"], reading.albumin_window.after(drawn.last) - drawn.last
    usable = [
        (albumin.status == "preliminary", max(timedelta(), when.first - drawn.last, drawn.first - when.last), albumin)
        for albumin in case.observations.of("albumin")
        if (when := albumin.when) and albumin.value and not albumin.comparator and possible.holds(albumin.value)
    ]
    near = [one for one in usable if one[1] <= reach]
    return min(near, key=lambda one: one[:2])[2] if near else None


@finding
def unreadable_calcium(case: Case, age: Span, since: Moment | None) -> tuple[Observation, ...]:
    """Calcium results within ``age``, and no older than ``since``, whose number no unit can be given to.

    Such as a bare 4.8: it may be dangerous, under any reading.
    """
    unread = [fact for fact in _calcium(case) if fact.value is None and fact.text.lstrip("<>= ")[:1].isdigit()]
    recent = case.recent(unread, age)
    return tuple(fact for fact in recent if since is None or (fact.when and fact.when.last >= since.last))


def level(result: Calcium, limits: CalciumLimits) -> Level:
    """Where a result stands: above the upper limit is raised, at or above the others is treat and severe.

    The laboratory's own upper limit wins over ours when its unit is the value's.
    """
    upper, treat, severe = limits.of(result.kind)
    if at_least(result, severe):
        return "severe"
    if at_least(result, treat):
        return "treat"
    raised = above(result, own_or_usual(result.fact, upper))
    return "unknown" if raised is None else "raised" if raised else "normal"


def firm_level(result: Calcium, limits: CalciumLimits) -> Level:
    """The level that stands without any assumption about units.

    A calcium without a unit is no more than raised, unless it is severe whichever unit it had; one that was corrected by
    an albumin without a unit stands as the total that was measured.
    """
    found, (*_, severe) = level(result, limits), limits.of(result.kind)
    if result.fact.value is None or not result.unit_assumed:
        return found
    if not result.fact.unit_assumed:
        return level(replace(result, kind="total", value=result.fact.value, albumin=None), limits)
    numbers = {**dict.fromkeys(_ROWS, result.fact.value.value), result.value.unit: result.value.value}
    whichever = [number >= severe.for_unit(unit).value for unit, number in numbers.items()] if severe else [False]
    if all(whichever) and result.comparator not in {"<", "<="}:
        return "severe"
    return "raised" if found in {"treat", "severe"} else found


def _calcium(case: Case) -> tuple[Observation, ...]:
    return tuple(fact for fact in case.observations.of(*KINDS) if "calcium-protein-corrected" not in fact.concepts)


def _read(case: Case, fact: Measured, when: Moment, age: Span, reading: CalciumReading) -> Calcium:
    """Corrected for albumin in mmol/L or mg/dL, as it came; any other unit is brought to mmol/L."""
    value, possible = fact.value, reading.plausible_results
    if "calcium-ionised" in fact.concepts:
        # Its symbol alone ("Ca++") stands for either kind, and no ionised calcium is as high as a total one.
        by_symbol = "calcium-total" in fact.concepts
        if not by_symbol or possible["ionised-by-symbol"].holds(value):
            return Calcium(fact, when, "ionised", value, fact.comparator)
    if "calcium-corrected" in fact.concepts:
        return Calcium(fact, when, "corrected", value, fact.comparator)
    albumin = albumin_beside(case, when, age, reading)
    if albumin is None or albumin.value is None:
        return Calcium(fact, when, "total", value, fact.comparator)
    own_unit = value if value.unit in _ROWS else value.to("mmol/L")
    corrected = reading.albumin_correction[_ROWS[own_unit.unit]].corrected(own_unit, albumin.value)
    return Calcium(fact, when, "corrected", corrected, fact.comparator, albumin)


def _replaces(other: Calcium, result: Calcium, same_sample: Span) -> bool:
    """Whether the other takes this one's place. A preliminary one never replaces a final one, nor does an open ``>10``."""
    if other.comparator in {">", ">="} or (other.preliminary and not result.preliminary):
        return False
    if other.origin == result.origin:
        again = other.when.text == result.when.text and _standing(other) > _standing(result)
        return again or other.when.first > result.when.last
    bare = result.kind == "total" or (result.albumin is not None and other.origin == "laboratory_corrected")
    return bare and other.kind != "total" and result.when.first <= same_sample.after(other.when.last)


def _standing(result: Calcium) -> tuple[bool, float]:
    """Final before preliminary, then the one issued later."""
    return not result.preliminary, result.fact.issued.last.timestamp() if result.fact.issued is not None else 0.0
