"""How often, as a stretch of an instruction says it: the readers of frequencies and periods for :mod:`chart.orders.phrases`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import structs

from cds_service.chart.orders.amounts import DAYS_OF_WEEK, Frequency, at_times, every, per_day
from cds_service.terminology.order_lexemes import Lexeme

Part = Sequence[Lexeme]
"""A stretch of an instruction."""


def range_of(part: Part) -> tuple[Decimal, Decimal]:
    """The number or range that a phrase begins with."""
    numbers = [lexeme.value for lexeme in part[:3] if lexeme.kind == "n"]
    joined = len(part) > 2 and part[1].kind in "~@" and part[2].kind == "n"
    return (min(numbers[:2]), max(numbers[:2])) if joined else (numbers[0], numbers[0])


def after_range(part: Part) -> Part:
    return part[3:] if len(part) > 2 and part[1].kind in "~@" and part[2].kind == "n" else part[1:]


def days_of_period(part: Part) -> Fraction | None:
    """``a day``, ``/24 h``, ``per 2 weeks``, ``every 3 days``, ``every other day``, ``daily``."""
    period = next((lexeme for lexeme in part if lexeme.kind in "tHd"), None)
    if period is None or any(lexeme.before for lexeme in part if lexeme.kind in "p@/eo"):  # "every blue day"
        return None
    count = next((lexeme.value for lexeme in part if lexeme.kind == "n"), Decimal(1))
    other = next((int(lexeme.value) for lexeme in part if lexeme.kind == "o"), 1)
    days: Fraction = Fraction(count) * period.value * other
    return days or None


def whole_period(part: Part) -> Fraction | None:
    days = days_of_period(part)
    return days if days and (days >= 1 or days in _HOURS_APART) else None


def every_so_often(part: Part) -> Frequency | None:
    numbers = [Fraction(lexeme.value) for lexeme in part if lexeme.kind == "n"]
    days = days_of_period([lexeme for lexeme in part if lexeme.kind != "n"])
    if days is None or 0 in numbers:
        return None
    if days == 1 and not numbers:
        return Frequency(days, days, "day")
    return every(min(numbers, default=Fraction(1)) * days, max(numbers, default=Fraction(1)) * days)


def times_a_period(part: Part) -> Frequency | None:
    """``4 times a day``, ``2x/d``, ``twice every 3 weeks``, ``3 x daily``."""
    if part[0].kind == "y":
        least = most = Decimal(part[0].value)
        rest = part[1:]
    else:
        part = [lexeme for lexeme in part if lexeme.kind not in "()"]  # "N (four) times"
        least, most = range_of(part)
        rest = after_range(part)
    days = days_of_period(rest)
    return per_day(Fraction(least) / days, Fraction(most) / days) if days else None


def every_in_letters(part: Part) -> Frequency | None:
    """``om de 8 u``, ``c/8 hs``: hours by a letter that means something else alone."""
    hours = [Fraction(lexeme.value) / 24 for lexeme in part if lexeme.kind == "n"]
    return every(*hours) if part[-1].text in {"u", "hs"} and 0 not in hours else None


def either(part: Part) -> Frequency | None:
    """``once or twice daily``, ``two or three times a day``, ``BID-TID``."""
    if part[-1].kind in "rd" and part[0].kind in "rd":
        first, second = (per_day(one.value) if one.kind == "r" else every(one.value) for one in (part[0], part[-1]))
        least, most = first.least, second.least
    else:
        days = days_of_period(part[3:])
        least, most = (Fraction(one.value) / days if days else Fraction(0) for one in (part[0], part[2]))
    return per_day(least, most) if 0 < least < most else None


def days_a_week(part: Part) -> Frequency | None:
    """``5 days a week``."""
    start = next(place for place, lexeme in enumerate(part) if lexeme.kind == "n")
    count, days, week = (lexeme.value for lexeme in (*part[start : start + 2], part[-1]))
    share = Fraction(count) * days / week
    return Frequency(share, share, "share") if days == 1 and share <= 1 < week else None


def times_a_day(part: Part) -> Frequency:
    least, most = range_of(part)
    return per_day(Fraction(least), Fraction(most))


def weekdays(part: Part) -> Frequency:
    """``Mon-Fri``, ``lundi au vendredi``."""
    first, last = (DAYS_OF_WEEK.index(part[place].value) for place in (0, -1))
    around = DAYS_OF_WEEK * 2
    return at_times(frozenset(around[first : (last if last >= first else last + len(DAYS_OF_WEEK)) + 1]))


def told_times(part: Part) -> Frequency | None:
    """``in the morning and at noon``, ``0900 & 1800``, ``once every morning``, ``8 h et 14 h``, ``on Mondays``."""
    if part[0].kind == "y" and part[0].value != 1:
        return None
    hours = {lexeme.text for lexeme in part if lexeme.kind == "n"}
    return at_times(frozenset(lexeme.value for lexeme in part if lexeme.kind in "mkj") | hours)


def twelve_o_clock(part: Part) -> Frequency | None:
    """``12 noon``."""
    return told_times(part[-1:]) if part[-2].value == 12 and part[-1].value in {"noon", "night"} else None


def each_morning(part: Part) -> Frequency | None:
    """``om``, omni mane, where no time follows."""
    return at_times(frozenset({"morning"})) if part[0].text == "om" else None


def rate_code(part: Part) -> Frequency:
    return per_day(part[0].value)


def adverb(part: Part) -> Frequency | None:
    """``daily``; ``6-hourly`` and ``3-weekly``, where the number counts hours and weeks."""
    if len(part) == 1:
        return structs.replace(every(part[0].value), given_as="day") if part[0].value == 1 else every(part[0].value)
    numbers = [lexeme.value for lexeme in part if lexeme.kind == "n"]
    if part[-1].value == 1 or 0 in numbers:
        return None  # "take 2 daily"
    return every(*(Fraction(number) * part[-1].value for number in numbers))


_HOURS_APART = frozenset(Fraction(hours, 24) for hours in (4, 6, 8, 12))
"""How far doses lie apart that are written ``4 mg/6 h``."""
