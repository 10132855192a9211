"""The grammar of instructions: lexemes in a row become phrases, such as a dose, a frequency, a duration, a strength.

Each kind of lexeme is one letter (:data:`terminology.order_words.KINDS`), so a text becomes a short string and the grammar
is regular expressions over it. The first pattern that fits at a place stands; what fits none is left over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct

from cds_service.chart.orders.amounts import BARE, WITH_MEALS, Amount
from cds_service.chart.orders.frequencies import (
    Part,
    adverb,
    after_range,
    days_a_week,
    days_of_period,
    each_morning,
    either,
    every_in_letters,
    every_so_often,
    range_of,
    rate_code,
    times_a_day,
    times_a_period,
    told_times,
    twelve_o_clock,
    weekdays,
    whole_period,
)
from cds_service.terminology.order_lexemes import Lexeme


class Dose(Struct, frozen=True):
    """What is taken at a time."""

    amount: Amount
    each: Amount | None = None
    """What one of the counted holds: ``2 tablets of 4 mg``."""
    beside: Amount | None = None
    """A measured amount of which the words do not say whether one or all of the counted hold it: ``2 tablets (8 mg)``."""
    whole: Amount | None = None
    """A measured amount that the words give for the whole: ``2 tablets = 8 mg``."""
    multiplied: bool = False
    """Written ``3 x 4 mg``: three of 4 mg, or 4 mg three times."""
    times: Decimal | None = None
    """Written ``2 x 2 tablets``: how often in a day."""


class Total(Struct, frozen=True):
    """An amount for so many days: ``16 mg/day``."""

    dose: Dose
    days: Fraction


class Strength(Struct, frozen=True):
    """How much a product holds: in so much volume, in one of a form, or in one of whatever it comes in."""

    holds: Amount
    per: Amount | None = None
    """``5 mL``; ``1 tablet``; ``None``: one of whatever the product comes in."""


class Labelled(Struct, frozen=True):
    """``4 mg tablets``: names what is taken, and, in the singular and without a count, may be the dose itself."""

    strength: Strength
    plural: bool


class Scheme(Struct, frozen=True):
    """``1-0-1-0``: how much in the morning, at noon, in the evening, at night."""

    parts: tuple[Decimal, ...]
    unit: str = BARE
    counted: bool = True


class Phrase(NamedTuple):
    """A stretch of an instruction that is understood."""

    kind: str
    value: Any
    start: int
    end: int


def phrases(lexemes: Sequence[Lexeme]) -> Iterator[Phrase]:
    """The phrases in order; each lexeme that belongs to none comes as a phrase of kind ``left``, with itself as value."""
    kinds = "".join(lexeme.kind for lexeme in lexemes)
    place = 0
    while place < len(kinds):
        found = _phrase_at(kinds, lexemes, place)
        yield found
        place = found.end


def _phrase_at(kinds: str, lexemes: Sequence[Lexeme], place: int) -> Phrase:
    for index, end in _fitting(kinds, place):
        name, _, read = _GRAMMAR[index]
        value = read(lexemes[place:end])
        if value is not None:
            return Phrase(name, value, place, end)
    return Phrase("left", lexemes[place], place, place + 1)


@lru_cache(maxsize=8192)
def _fitting(kinds: str, place: int) -> tuple[tuple[int, int], ...]:
    """Which patterns fit at a place, and how far: instructions of one build have one string of kinds."""
    fitting = ((index, pattern.match(kinds, place)) for index, pattern in enumerate(_PATTERNS))
    return tuple((index, match.end()) for index, match in fitting if match is not None)


def _amount(part: Part) -> tuple[Amount, Part]:
    """The amount that a phrase begins with, and what follows it."""
    least, most = range_of(part)
    rest = after_range(part)
    unit = rest[0]
    name = unit.value[0] if unit.kind == "f" else unit.value
    return Amount(least, most, name, unit.kind == "f"), rest[1:]


def _dose(part: Part) -> Dose:
    return Dose(_amount(part)[0])


def _wide_dose(part: Part) -> Dose | None:
    """``4 mg to 8 mg``."""
    first, second = _amount(part[:2])[0], _amount(part[3:5])[0]
    alike = second if second.unit == first.unit else second.to(first.unit)
    return (
        Dose(Amount(first.least, alike.most, first.unit, first.counted)) if alike and first.least < alike.most else None
    )


def _per_body(part: Part) -> Dose | Total:
    amount, rest = _amount(part)
    stated = Amount(amount.least, amount.most, f"{amount.unit}/{rest[1].value}")
    days = days_of_period(rest[2:])
    return Total(Dose(stated), days) if days else Dose(stated)


def _total(part: Part) -> Total | None:
    """``16 mg/day``, ``8 mg/12 h``; so much in one hour, or in two, is the rate of an infusion."""
    amount, rest = _amount(part)
    days = whole_period(rest)
    volume = amount.unit in {"mL", "L"}  # which flows
    return Total(Dose(amount), days) if days and (days >= 1 or not volume) else None


def _bare_total(part: Part) -> Total | None:
    if _counts_a_name(part):
        return None
    least, most = range_of(part)
    days = days_of_period(after_range(part))
    return Total(Dose(Amount(least, most, BARE, True)), days) if days and days >= 1 else None


def _rate(part: Part) -> Amount:
    return _amount(part)[0]


def _concentration(part: Part) -> Strength | None:
    holds, rest = _amount(part)
    count = next((lexeme.value for lexeme in rest if lexeme.kind == "n"), Decimal(1))
    unit = rest[-1]
    counted = unit.kind == "f"
    name = unit.value[0] if counted else unit.value
    return Strength(holds, Amount(count, count, name, counted)) if count else None


def _percent(part: Part) -> Strength:
    """Grams in 100 mL."""
    value = part[0].value * 10
    return Strength(Amount(value, value, "mg"), Amount(Decimal(1), Decimal(1), "mL"))


def _each(part: Part) -> Dose | None:
    """``2 tablets of 4 mg``, ``2 tablets (4 mg each)``, ``2 x 4 mg``, ``zweimal 4 mg``, ``two 4 mg tablets``."""
    if part[0].kind == "y" or part[1].kind in "nx":
        count, rest = part[0].value, part[2:] if part[1].kind == "x" else part[1:]
        holds, rest = _amount(rest)
        form = next((lexeme.value[0] for lexeme in rest if lexeme.kind == "f"), BARE)
        multiplied = not form and (part[1].kind == "x" or part[0].kind == "y")
        return Dose(Amount(count, count, form, True), each=holds, multiplied=multiplied)
    amount, holds = _two_amounts(part)
    return Dose(amount, each=holds)


def _measured_with_count(part: Part) -> Dose:
    """``16 mg (4 tablets)``, ``2 tablets = 8 mg``, ``4 mL (16 mg)``: the measured amount is the whole."""
    first, second = _two_amounts(part)
    counted, measured = (first, second) if needs_strength(first) else (second, first)
    return Dose(counted, whole=measured)


def _two_amounts(part: Part) -> tuple[Amount, Amount]:
    first, rest = _amount(part)
    start = next(place for place, lexeme in enumerate(rest) if lexeme.kind == "n")
    return first, _amount(rest[start:])[0]


def needs_strength(amount: Amount) -> bool:
    """Whether only the product's strength turns it into an amount of drug: tablets, millilitres."""
    return amount.counted or amount.unit in {"mL", "L", "uL"}


def _count_beside(part: Part) -> Dose:
    """``2 tablets (8 mg)``, ``4 mg 1 tablet``."""
    first, second = _two_amounts(part)
    return Dose(first, beside=second) if first.counted else Dose(second, beside=first)


def _product(part: Part) -> Labelled:
    start = next(place for place, lexeme in enumerate(part) if lexeme.kind == "n")
    holds, _ = _amount(part[start:])
    name, plural = next(lexeme.value for lexeme in part if lexeme.kind == "f")
    return Labelled(Strength(holds, Amount(Decimal(1), Decimal(1), name, True)), plural)


def _bare(part: Part) -> Dose | None:
    """``take 2``; eight of what nobody knows are no eight tablets."""
    least, most = range_of(part)
    return None if _counts_a_name(part) else Dose(Amount(least, most, BARE, True))


def _counts_a_name(part: Part) -> bool:
    return any(lexeme.before for lexeme in part if lexeme.kind == "n")


def _scheme(part: Part) -> Scheme:
    if len(part) == 1:
        return Scheme(part[0].value)
    unit = part[1]
    return Scheme(part[0].value, unit.value[0] if unit.kind == "f" else unit.value, unit.kind == "f")


def _divided(part: Part) -> Decimal | None:
    """``in 4 divided doses``; 0 when nobody says in how many."""
    numbers = [lexeme.value for lexeme in part if lexeme.kind == "n"]
    return numbers[0] if numbers and numbers[0] >= 2 else None if numbers else Decimal(0)


def _duration(part: Part) -> Fraction:
    written = next((lexeme.value for lexeme in part if lexeme.kind == "L"), None)
    return Fraction(written) if written is not None else _longest(part)


def _longest(part: Part) -> Fraction:
    numbers = [Fraction(lexeme.value) for lexeme in part if lexeme.kind == "n"]
    period: Fraction = next(lexeme.value for lexeme in part if lexeme.kind in "tH")
    return max(numbers, default=Fraction(1)) * period


def _number_of_doses(part: Part) -> Decimal:
    number: Decimal = next(lexeme.value for lexeme in part if lexeme.kind == "n")
    return number


def _single(part: Part) -> bool | None:
    return True if all(lexeme.value == 1 for lexeme in part if lexeme.kind in "ny") else None


def _maximum(part: Part) -> Total:
    amount, rest = _amount(part[1:])
    return Total(Dose(amount), days_of_period(rest) or Fraction(1))


def _bare_maximum(part: Part) -> Total:
    """``max 6/day``."""
    least, most = range_of(part[1:])
    return Total(Dose(Amount(least, most, BARE, True)), days_of_period(after_range(part[1:])) or Fraction(1))


def _same_again(part: Part) -> Dose | None:
    """``4 mg (four milligrams)``."""
    first, second = _two_amounts(part)
    return Dose(first) if first == second else None


def _whole_of_several(part: Part) -> Dose | None:
    """``8 mg (2 x 4 mg)``."""
    whole, rest = _amount(part)
    several = _each(rest[1:])
    return Dose(whole) if several and several.each and several.each.times(several.amount.least).same(whole) else None


_N = "n(?:[~@]n)?"
_PER = "[p@/]"
_PERIOD = "(?:[p/]n?[tH]|@[tH])"
_GRAMMAR: tuple[tuple[str, str, Callable[[Part], Any]], ...] = (
    ("maximum", rf"z{_N}[uVf](?:{_PERIOD}|n[tH](?!n)|[p@]?d)?", _maximum),
    ("maximum", rf"z{_N}(?:{_PERIOD}|[p@]?d)", _bare_maximum),
    ("strength", "n%", _percent),
    ("rate", rf"{_N}[uV]{_PER}B[p/]n?H", _rate),
    ("dose", rf"{_N}[uV]{_PER}B(?:{_PER}D)?(?!{_PERIOD})", _per_body),
    ("total", rf"{_N}[uV]{_PER}B{_PERIOD}", _per_body),
    ("strength", rf"nu{_PER}n?[Vf]|nu{_PER}u", _concentration),
    ("total", rf"{_N}[uVf]{_PERIOD}", _total),
    ("rate", rf"{_N}[uV][p/]n?H", _rate),
    ("dose", r"nxnf", lambda part: Dose(_amount(part[2:])[0], times=part[0].value)),
    ("dose", r"nu\(nxnuf?\)", _whole_of_several),
    ("dose", r"nu\(nu\)|nf\(nf\)", _same_again),
    ("dose", rf"{_N}f[,(]?[q@]n[uV]E?\)?|{_N}f[,(]?n[uV][eE]\)?|nxn[uV]f?|yn[uV]f?|nn[uV]f", _each),
    (
        "dose",
        rf"{_N}u\(=?{_N}[fV]T?\)|{_N}u=?={_N}[fV]|{_N}V\(=?{_N}uT?\)|{_N}f\(?=?{_N}uT\)?|{_N}[fV]\(?={_N}u\)?",
        _measured_with_count,
    ),
    ("dose", rf"{_N}f\(?{_N}u\)?|{_N}u{_N}f", _count_beside),
    ("dose", rf"{_N}u{_N}V", _dose),
    ("product", "efnu|nuf(?!n)|nuf", _product),
    ("dose", r"n[uVf]~n[uVf]", _wide_dose),
    ("dose", rf"{_N}[uVf](?:{_PER}D)?", _dose),
    ("scheme", "S[uVf]?", _scheme),
    ("frequency", rf"eo[tH]|e{_N}[tH]|en;t|en?o?[tH]", every_so_often),
    ("frequency", rf"e{_N}[um]", every_in_letters),
    ("frequency", "[ny]~y(?:[p@/e]{1,2}n?o?[tH]|[p@e]?d|t)|[rd]~[rd]", either),
    ("frequency", "l?nt[p@/e]t", days_a_week),
    ("unread", "l?nt[p@/e]t", lambda part: " ".join(lexeme.text for lexeme in part)),
    ("frequency", rf"\(?{_N}\)?x(?:[p@/e]{{1,2}}n?o?[tH]|[p@e]?d|t)", times_a_period),
    ("frequency", r"y(?:[p@/e]{1,2}n?o?[tH]|[p@e]?d|t)", times_a_period),
    ("frequency", r"xn(?:[p@/]n?[tH]|[p@]?d)", lambda part: times_a_period(part[1:])),
    ("frequency", rf"{_N}W", times_a_day),
    ("frequency", "r", rate_code),
    ("frequency", "A?nm", twelve_o_clock),
    ("frequency", "(?:y(?=[eA@]?m))?[eA]?m(?:[a,]*[@eA]?m)*", told_times),
    ("frequency", "A(?![nkm])", each_morning),
    ("frequency", "A?k(?:[a,]*A?k)*", told_times),
    ("frequency", "[A@][nk]H(?:[a,]+[A@]?[nk]H?)*|A[nk]H?(?:[a,]+A?[nk]H?)*", told_times),
    ("frequency", "j[~@p]j", weekdays),
    ("frequency", "e?j(?:[a,]*e?j)*", told_times),
    ("frequency", "M", lambda part: WITH_MEALS),
    ("frequency", rf"{_N}d", adverb),
    ("frequency", "d", adverb),
    ("total", rf"{_N}{_PERIOD}", _bare_total),
    ("per", _PERIOD, whole_period),
    ("number of doses", "[lx]nD|[lx]?nQ|(?<=en[tH])xn(?![a-zA-Z~%])", _number_of_doses),
    ("divided", "a?nD|Da?nD?", _divided),
    ("duration", rf"[lx]{_N}t|[lx]L|l[p@]?t", _duration),
    ("lasting", rf"[lx]?{_N}H", _longest),
    ("once", "g|xn(?![tHnuVf])|y", _single),
    ("days", r"tn(?:[~,a]+n)*(?![uVfxtH])", lambda part: part[0].value == 1 or None),
    ("period", rf"{_N}t|L", _duration),
    ("body", "nB", lambda part: True),
    ("divided", "D", _divided),
    ("bare", _N, _bare),
)
_PATTERNS = tuple(re.compile(pattern) for _, pattern, _ in _GRAMMAR)
