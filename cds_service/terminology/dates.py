"""FHIR dates as the spans of time that they may mean, and spans such as "60 days" that look back from now."""

from __future__ import annotations

import calendar
import difflib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

Precision = Literal["year", "month", "day", "instant"]
VAGUE = frozenset({"month", "year"})
"""Precisions that may lie on both sides of a window's edge; a bare day counts whole."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A FHIR date, dateTime or instant, as the span of time that it may mean.

    A date carries no zone: ``first`` and ``last`` hold it in UTC, and every comparison reads it in the zone of the clock.
    """

    text: str
    """As written."""
    first: datetime
    last: datetime
    precision: Precision

    @property
    def day(self) -> str:
        """The local date as written, to the precision that was written: ``2026-03-02``, ``2026-03`` or ``2026``."""
        return self.text[:10]

    def days_before(self, as_of: datetime) -> int:
        """Calendar days, in the clock's zone, from the latest date that this may mean to now; 0 for what lies ahead."""
        return max(0, (as_of.date() - self._last_date(as_of)).days)

    def hours_before(self, as_of: datetime) -> float:
        """Hours from the latest instant that this may mean to now; 0 for what lies ahead."""
        return max(0.0, (as_of.astimezone(UTC) - self._last_instant(as_of)) / timedelta(hours=1))

    def earliest(self, as_of: datetime) -> datetime:
        """The first instant that this may mean, in the clock's zone."""
        return self.first if self.precision == "instant" else self.first.replace(tzinfo=as_of.tzinfo)

    def is_future(self, as_of: datetime) -> bool:
        """Whether even the earliest reading lies more than a day ahead, which no zone or clock error explains."""
        return self.first > latest_now(as_of)

    def _last_instant(self, as_of: datetime) -> datetime:
        return self.last if self.precision == "instant" else self.last.replace(tzinfo=as_of.tzinfo)

    def _last_date(self, as_of: datetime) -> date:
        if self.precision != "instant":
            return self.last.date()
        try:
            return self.last.astimezone(as_of.tzinfo).date()
        except OverflowError:  # the years 1 and 9999, which systems write for "none"
            return self.last.date()


@dataclass(frozen=True, slots=True)
class Since:
    """How long something is known: since its onset, or since it was recorded, when nobody wrote down when it began."""

    moment: Moment | None
    recorded: bool = False

    def __str__(self) -> str:
        day = self.moment.day if self.moment else "date not recorded"
        return f"recorded {day}" if self.recorded and self.moment else day


def latest_now(as_of: datetime) -> datetime:
    """What begins later than this lies in the future: no zone or clock error explains more than a day."""
    try:
        return as_of.astimezone(UTC) + _DAY
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


@lru_cache(maxsize=4096)  # an encounter writes the same moment on dozens of resources
def parse_moment(text: str) -> Moment | None:
    """Read a FHIR date, dateTime or instant of any precision; ``None`` when it is none. Without a zone it is UTC."""
    moment = _read(text)
    if moment is None and text != (stripped := text.strip()):
        return _read(stripped)
    return moment


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in calendar months, days and hours."""

    months: int = 0
    days: int = 0
    hours: int = 0

    def reaches(self, moment: Moment, as_of: datetime) -> bool:
        """Whether looking back this far from now still meets the moment; exactly so far still does.

        Months and days compare calendar dates in the clock's zone; hours compare instants. A month or year alone is met
        when all of it is: ``2026`` is not within 30 days in March 2026. A bare day counts whole.
        """
        if moment.precision in VAGUE:
            return moment.first.date() >= _edge(as_of.date(), self.months, self.days)
        return self.may_reach(moment, as_of)

    def may_reach(self, moment: Moment, as_of: datetime) -> bool:
        """Whether looking back this far from now meets at least a part of what the moment may mean."""
        if not self.hours:
            return moment._last_date(as_of) >= _edge(as_of.date(), self.months, self.days)
        edge = _edge(as_of.date(), self.months, self.days)
        start = datetime.combine(edge, as_of.timetz()).astimezone(UTC)
        return start - moment._last_instant(as_of) <= timedelta(hours=self.hours)

    def after(self, start: datetime) -> datetime:
        """The moment that lies this span after ``start``, in the same zone; the 31st becomes a shorter month's last day."""
        day = _months_on(start.date(), self.months) + timedelta(days=self.days)
        shifted = datetime.combine(day, start.timetz())
        if not self.hours:
            return shifted
        if shifted.tzinfo is None:
            return shifted + timedelta(hours=self.hours)
        return (shifted.astimezone(UTC) + timedelta(hours=self.hours)).astimezone(start.tzinfo)

    def __str__(self) -> str:
        counts = ((self.months, "month"), (self.days, "day"), (self.hours, "hour"))
        written = [f"{count} {name}" + ("" if count == 1 else "s") for count, name in counts if count]
        return " ".join(written) or "0 days"


EVER = Span(months=1200)
"""Longer than any record."""


def parse_span(text: str) -> Span:
    """Read a span as card files write it: ``12 h``, ``60 d``, ``2 wk``, ``6 mo``, ``24 months``, ``1 year``.

    Raises :class:`ValueError` that says what was found and what is allowed.
    """
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a span of time: {text!r}; write a whole number and a unit, such as {_ALLOWED_SPANS}")
    count, unit = int(match[1]), match[2].lower()
    if unit not in _SPAN_UNITS:
        near = difflib.get_close_matches(unit, _SPAN_UNITS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown unit of time {match[2]!r} in {text!r}; allowed are {_ALLOWED_SPANS}{hint}")
    field, factor = _SPAN_UNITS[unit]
    return Span(**{field: count * factor})


def age_in_years(birth: Moment, as_of: datetime) -> int:
    """Completed years of age now, never below 0. A birth year or month alone counts from its first day.

    Somebody born on 29 February turns a year older on 1 March of the shorter years.
    """
    born = birth.first
    had_birthday = (as_of.month, as_of.day) >= (born.month, born.day)
    return max(0, as_of.year - born.year - (0 if had_birthday else 1))


_SPAN = re.compile(r"([0-9]{1,6})\s*([A-Za-z]+)")
_ALLOWED_SPANS = "'12 h', '60 d', '2 wk', '6 mo', '1 year'"
_SPAN_UNITS: dict[str, tuple[str, int]] = {
    **dict.fromkeys(("h", "hr", "hour", "hours"), ("hours", 1)),
    **dict.fromkeys(("d", "day", "days"), ("days", 1)),
    **dict.fromkeys(("wk", "week", "weeks"), ("days", 7)),
    **dict.fromkeys(("mo", "month", "months"), ("months", 1)),
    **dict.fromkeys(("a", "y", "year", "years"), ("months", 12)),
}
_LEAP_SECOND = re.compile(r"(T[0-9]{2}:[0-9]{2}):60(?=[.Z+-]|$)")


def _read(text: str) -> Moment | None:
    length = len(text)
    if length < 4 or not text.isascii():
        return None
    try:
        if length > 10:
            return _read_instant(text)
        if length == 10:
            return _read_day(text)
        if length == 7 and text[4] == "-" and text[:4].isdecimal() and text[5:].isdecimal():
            return _read_month(text, int(text[:4]), int(text[5:]))
        if length == 4 and text.isdecimal():
            year = int(text)
            return Moment(text, datetime(year, 1, 1, tzinfo=UTC), _end_of(date(year, 12, 31)), "year")
    except ValueError:
        pass
    return None


def _read_instant(text: str) -> Moment | None:
    # fromisoformat also takes week dates, compact dates and other separators, which FHIR does not know.
    if (
        text[4] != "-"
        or text[7] != "-"
        or text[10] not in "Tt"
        or len(text) < 16
        or text[13] != ":"
        or text[11:13] == "24"
    ):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        upper = text.upper()
        eased = _LEAP_SECOND.sub(r"\1:59", upper)  # FHIR allows the leap second, Python knows none
        if eased == text:
            return None
        at = datetime.fromisoformat(eased)
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return Moment(text, at, at, "instant")


def _read_day(text: str) -> Moment | None:
    if text[4] != "-" or text[7] != "-":
        return None
    day = date.fromisoformat(text)
    return Moment(text, datetime.combine(day, time.min, UTC), _end_of(day), "day")


def _read_month(text: str, year: int, month: int) -> Moment:
    first = datetime(year, month, 1, tzinfo=UTC)
    return Moment(text, first, _end_of(date(year, month, calendar.monthrange(year, month)[1])), "month")


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)


def _months_on(day: date, months: int) -> date:
    if not months:
        return day
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@lru_cache(maxsize=1024)
def _edge(today: date, months: int, days: int) -> date:
    """The day that lies so many months, and then so many days, before today."""
    day = _months_on(today, -months)
    return day - timedelta(days=days) if days < day.toordinal() else date.min
