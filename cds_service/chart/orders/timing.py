"""FHIR Timing as a frequency: ``repeat`` with all its parts, codes, and the words of a code."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import takewhile
from typing import NamedTuple

from cds_service.chart.elements import CodeableConcept
from cds_service.chart.orders import wire
from cds_service.chart.orders.amounts import ONCE, WEEK, Frequency, Unclear, at_times, per_day
from cds_service.chart.orders.quantities import days_of
from cds_service.chart.orders.sentences import steps_of
from cds_service.terminology.order_words import OrderWords


class Timed(NamedTuple):
    """What a Timing says: how often, for how many days, and whether only when needed."""

    frequency: Frequency | Unclear | None = None
    days: Decimal | None = None
    as_needed: bool = False


def read_timing(timing: wire.Timing | None, words: OrderWords) -> Timed:
    """Read structure and code; where both speak they must agree."""
    if timing is None:
        return Timed()
    coded, as_needed = _coded(timing.code, words) if timing.code else (None, False)
    repeat = timing.repeat
    stated = [found for found in (_repeated(repeat) if repeat else None, coded) if found is not None]
    if not stated and timing.event:
        stated = [ONCE] if len(timing.event) == 1 else [Unclear("frequency", "a list of dates")]
    return Timed(agreed(stated), _bounds(repeat, words) if repeat else None, as_needed)


def agreed(stated: Iterable[Frequency | Unclear]) -> Frequency | Unclear | None:
    """The one frequency that several sources tell; those that could not be read count only when no other one could."""
    found = list(stated)
    read = [one for one in found if isinstance(one, Frequency)]
    if not read:
        return next(iter(found), None)
    if len({(one.least, one.most, one.once) for one in read}) == 1:
        return read[0]
    return Unclear("frequency", "structure and words disagree")


_PERIODS = {
    "s": Fraction(1, 86400),
    "min": Fraction(1, 1440),
    "h": Fraction(1, 24),
    "d": Fraction(1),
    "wk": Fraction(7),
    "mo": Fraction(28),  # oncology's month is four weeks
    "a": Fraction(365),
}
_ONE_EVENT = frozenset(
    {"MORN", "MORN.early", "MORN.late", "NOON", "AFT", "AFT.early", "AFT.late", "EVE", "EVE.early"}
) | {*("EVE.late", "NIGHT", "HS", "WAKE", "CM", "CD", "CV", "ACM", "ACD", "ACV", "PCM", "PCD", "PCV", "PHS", "IMD")}
"""Codes of EventTiming that happen once a day; the others (any meal) do not say how often."""


def _repeated(repeat: wire.Repeat) -> Frequency | Unclear | None:
    stated = _stated(repeat)
    if isinstance(stated, Unclear):
        return stated
    times = _times_a_day(repeat)
    if isinstance(times, Unclear):
        return times if stated is None else _on_days(stated, repeat)
    if stated is None and times is None:
        if repeat.day_of_week:
            return _on_days(per_day(Fraction(1), given_as="times"), repeat)
        return ONCE if wire.number(repeat.count) == 1 and not repeat.count_max else None
    if stated is None or times is None:
        return _on_days(stated or per_day(Fraction(times or 0), given_as="times"), repeat)
    if times > max(stated.most, Fraction(1)):
        return Unclear("frequency", "more times of day than doses a day")
    if stated.exact and times == stated.least:  # each at its time: "once daily, in the morning"
        stated = per_day(stated.least, given_as="times")
    return _on_days(stated, repeat)


def _stated(repeat: wire.Repeat) -> Frequency | Unclear | None:
    """``frequency`` to ``frequencyMax`` times in ``period`` to ``periodMax``; ``None`` when none of them is there."""
    if not (repeat.frequency or repeat.period):
        return None
    period, longest = wire.number(repeat.period), wire.number(repeat.period_max)
    least = wire.number(repeat.frequency) if repeat.frequency else Decimal(1)
    most = wire.number(repeat.frequency_max) if repeat.frequency_max else least
    unit = _PERIODS.get((repeat.period_unit or repeat.period_units or "").strip())
    if period is None or unit is None or least is None or most is None:
        return (
            Unclear("frequency", "a number of times without its period")
            if not period
            else Unclear("frequency", "no unit of time")
        )
    ends = (period, longest or period)
    if min(ends) <= 0 or least <= 0 or most < least:
        return Unclear("frequency", "zero or less")
    slow, fast = (1 / (Fraction(end) * unit) for end in (max(ends), min(ends)))
    return per_day(Fraction(least) * slow, Fraction(most) * fast)


def _times_a_day(repeat: wire.Repeat) -> int | Unclear | None:
    if repeat.time_of_day:
        return len(set(repeat.time_of_day))
    if not repeat.when:
        return None
    events = {repeat.when} if isinstance(repeat.when, str) else set(repeat.when)
    return len(events) if events <= _ONE_EVENT else Unclear("frequency", "with meals, without how often")


def _on_days(frequency: Frequency, repeat: wire.Repeat) -> Frequency | Unclear:
    """Named days of the week: a daily frequency holds on those only, a weekly one must count as many."""
    if not repeat.day_of_week:
        return frequency
    days = {day.lower()[:3] for day in repeat.day_of_week}
    if not days <= WEEK:
        return Unclear("frequency", "days that are no days of the week")
    share = Fraction(len(days), 7)
    if frequency.least >= 1:
        return per_day(frequency.least * share, frequency.most * share, given_as=frequency.given_as)
    return frequency if frequency.least == share else Unclear("frequency", "days of the week and period disagree")


def _bounds(repeat: wire.Repeat, words: OrderWords) -> Decimal | None:
    if repeat.bounds_duration is not None:
        return days_of(repeat.bounds_duration, words)
    if repeat.bounds_range is not None and repeat.bounds_range.high is not None:
        return days_of(repeat.bounds_range.high, words)
    return None


def _coded(code: CodeableConcept, words: OrderWords) -> tuple[Frequency | Unclear | None, bool]:
    """Codes are words too (BID, Q6H, QOD); displays and text are read as words."""
    texts = [
        text
        for coding in code.coding or ()
        for text in (
            _CODES.get((coding.code or "").upper()) or words.said(coding.system or "", coding.code or ""),
            coding.display,
        )
        if text
    ]
    found: list[Frequency | Unclear] = []
    as_needed = False
    for text in dict.fromkeys((*texts, *((code.text,) if code.text else ()))):
        read, needed = _in_words(text, words)
        as_needed |= needed
        if read is not None:
            found.append(read)
    return agreed(found), as_needed


_CODES = {"AM": "QAM", "PM": "QPM", "BED": "QHS", "WK": "weekly", "MO": "monthly"}
"""GTSAbbreviation's codes that mean something else as words."""


def _in_words(text: str, words: OrderWords) -> tuple[Frequency | Unclear | None, bool]:
    steps = steps_of(words.read(text))
    if len(steps) != 1:
        return (Unclear("frequency", f"{text[:60]!r}") if steps else None), False
    (step,) = steps
    needed = step.as_needed or any(statement.as_needed for statement in step.statements)
    if step.unread or len(step.statements) > 1 or step.total or any(one.dose for one in step.statements):
        return Unclear("frequency", f"{text[:60]!r}"), needed
    stated = combined(step.statements[0].frequencies) if step.statements else None
    return stated, needed


def combined(frequencies: Iterable[Frequency]) -> Frequency | Unclear | None:
    """One frequency out of what an instruction says in several ways: "once daily in the morning", "daily at 8 and 14"."""
    stated = list(frequencies)
    shares = {one for one in stated if one.given_as == "share"}
    if shares:
        return _on_some_days(combined(one for one in stated if one.given_as != "share"), shares)
    found = [one for one in stated if one.given_as != "meals"]
    if len(found) < len(stated) and not any(one.given_as in {"rate", "day"} for one in found):
        return Unclear("frequency", "with meals, without how often")
    rates = list({(one.least, one.most, one.once): one for one in found if one.given_as == "rate"}.values())
    times = _together(frozenset().union(*(one.times for one in found)))
    seldom = any(one.given_as == "day" for one in found) and any(one.most < 1 and not one.once for one in rates)
    if len(rates) > 1 or isinstance(times, Unclear) or seldom:
        return Unclear("frequency", "two frequencies that disagree")
    if not rates:
        return times or (found[0] if found else None)
    (rate,) = rates
    if times is None or rate.once:
        return rate
    if times.times <= WEEK:
        if rate.least >= 1:
            return per_day(rate.least * times.least, rate.most * times.least)
        agrees = rate.least == times.least
    else:
        agrees = times.least <= max(rate.most, Fraction(1))
    return rate if agrees else Unclear("frequency", "times of day and frequency disagree")


def _on_some_days(stated: Frequency | Unclear | None, shares: set[Frequency]) -> Frequency | Unclear:
    """``twice daily, 5 days a week``."""
    share = shares.pop()
    if isinstance(stated, Unclear):
        return stated
    if shares or (stated is not None and stated.least < 1):
        return Unclear("frequency", "two frequencies that disagree")
    whole = stated or Frequency(Fraction(1), Fraction(1))
    return per_day(whole.least * share.least, whole.most * share.least)


def _together(times: frozenset[str]) -> Frequency | Unclear | None:
    """All times that are named: "in the morning at 8" is one, "Mondays and Thursdays at night" two in seven days."""
    days, clocks = times & WEEK, {time for time in times if time[0].isdigit()}
    parts = times - days - clocks
    if not times:
        return None
    named = [{part for part in parts if _hour(clock) in _HOURS[part]} for clock in clocks]
    apart = not any(named)  # "at 8 and at noon"
    if clocks and parts and not apart and (len(clocks) != len(parts) or not all(named)):
        return Unclear("frequency", "times of day that disagree")
    stated = parts | clocks if apart else parts or frozenset(clocks)
    a_day = max(len(stated), 1)
    return per_day(Fraction(a_day) * Fraction(len(days), 7), given_as="times") if days else at_times(stated)


def _hour(clock: str) -> int:
    """Of ``8am``, ``0800``, ``20:00``."""
    digits = "".join(takewhile(str.isdigit, clock))
    hour = int(digits[:-2] if len(digits) > 2 else digits)
    return hour % 12 + 12 * ("p" in clock) if clock[-1] == "m" else hour % 24


_HOURS = {
    "morning": range(4, 12),
    "noon": range(11, 15),
    "afternoon": range(12, 19),
    "evening": range(16, 23),
    "night": frozenset({*range(18, 24), *range(5)}),
}
"""Hours of the clock that a part of the day may mean."""
