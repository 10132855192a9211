"""Radiotherapy as ordered or given: how many fractions of how many gray, from words and from the extensions of mCODE."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal

import msgspec
from msgspec import Raw, Struct

from cds_service.chart.orders import wire
from cds_service.chart.orders.amounts import Unclear
from cds_service.chart.orders.quantities import amount_of
from cds_service.terminology.order_lexemes import Lexeme, split_into_steps
from cds_service.terminology.order_words import GRAY, OrderWords
from cds_service.terminology.quantities import Quantity
from cds_service.terminology.said import said as in_words

_GRAY = "Gy"


class Course(Struct, frozen=True):
    """A course of radiotherapy. What is ``None`` without a word in ``unclear`` is not stated."""

    fractions: int | None = None
    total: Quantity | None = None
    """In gray."""
    unclear: tuple[Unclear, ...] = ()

    @property
    def each(self) -> Quantity | None:
        """The dose of one fraction."""
        if self.total is None or not self.fractions:
            return None
        return Quantity(self.total.value / self.fractions, _GRAY)


class _Said(Struct, frozen=True):
    """What one statement says of a course."""

    count: Decimal | None = None
    total: Decimal | None = None
    each: Decimal | None = None
    loose: Decimal | None = None
    """A dose of which the words do not say whether it is the whole or one fraction."""


def course_of(text: str, extensions: Raw, words: OrderWords) -> Course | None:
    """Read a course; ``None`` when neither words nor extensions say anything of dose or fractions."""
    said = list(_in_extensions(extensions, words)) if extensions else []
    if words.tell_of_radiation(text):
        parts = [list(_statements(part)) for part in split_into_steps(words.read(text))]
        phases = [part for part in parts if any(one is None or one.total or one.each or one.loose for one in part)]
        if len(phases) > 1:
            return Course(unclear=(Unclear("fractions", "several phases"),))
        said += [one for part in parts for one in part]
    return _together(said) if said else None


def _together(said: Sequence[_Said | None]) -> Course:
    """One course out of all statements, which must agree; ``None`` among them is a number that nobody can read."""
    known = [one for one in said if one is not None]
    counts, totals, each = (
        {value for one in known if (value := getattr(one, name)) is not None} for name in ("count", "total", "each")
    )
    if len(known) < len(said):
        return Course(unclear=(Unclear("fractions", "a number"),))
    if max(len(counts), len(totals), len(each)) > 1:
        return Course(unclear=(Unclear("fractions", "numbers that disagree"),))
    count, total, one_of = (next(iter(values), None) for values in (counts, totals, each))
    if count is None and total and one_of and total % one_of == 0:
        count = total / one_of
    if total is None and count and one_of:
        total = count * one_of
    loose = {one.loose for one in known if one.loose is not None} - {total, one_of}
    if total is None and count is None and one_of and len(loose) == 1 and (whole := min(loose)) % one_of == 0:
        total, count, loose = whole, whole / one_of, set()  # "30 Gy, 3 Gy per fraction"
    if total is not None and count:
        loose -= {total / count}
    if total is None and count == 1 and len(loose) == 1:
        total, loose = loose.pop(), set()
    if total is not None and count and one_of is None and total < count:  # under one gray a fraction
        return Course(int(count), None, (Unclear("fractions", in_words("{dose} Gy in all or each?", dose=total)),))
    wrong = total is not None and one_of is not None and count is not None and count * one_of != total
    if wrong or (count is not None and (count != count.to_integral_value() or count <= 0)):
        return Course(unclear=(Unclear("fractions", "numbers that disagree"),))
    open_dose = (
        (Unclear("fractions", in_words("{dose} Gy in all or each?", dose=max(loose))),)
        if loose and total is None
        else ()
    )
    if loose and total is not None:
        return Course(unclear=(Unclear("fractions", "two doses that disagree"),))
    return Course(int(count) if count else None, Quantity(total, _GRAY) if total else None, open_dose)


_DROPPED: Collection[str] = frozenset("RdrmbjoAlakWfBi")
_TOLD: tuple[tuple[str, Callable[[list[Decimal]], _Said | None]], ...] = (
    (r"nF[p@/e]t", lambda n: _Said()),  # five fractions a week
    (r"n\(?F?\)?[xq@]n(?=G)G", lambda n: _Said(count=n[0], each=n[1])),
    (r"nG(?:[p@/]?F|[eE]|[p@/]t)?[,;]?xn", lambda n: _Said(count=n[1], each=n[0])),
    (r"nnGF", lambda n: _Said(count=n[0], each=n[1])),
    (r"nF[,;(]?nG(?:[p@/]F|[eE])|nF[,;(]?E[;=]?nG", lambda n: _Said(count=n[0], each=n[1])),
    (r"nG(?:[p@/]F|[eE])[,;(]*nF", lambda n: _Said(count=n[1], each=n[0])),
    (r"nF[,;(]?T[;=]?nG|nF[,;(]?nGT", lambda n: _Said(count=n[0], total=n[1])),
    (r"nGT?[,;:(]?/?nF|nG/n(?!G)|nGT?n(?![GuVtHxy@/pF])", lambda n: _Said(count=n[1], total=n[0])),
    (r"g[,;(]?F?[,;(]?nG|nG[,;(]?[Fq]?g", lambda n: _Said(count=Decimal(1), total=n[0])),
    (r"T[;=]?nG|nGT", lambda n: _Said(total=n[0])),
    (r"E[;=]?nG|nG[p@/]?F(?!n)|nG[eE]|D?[p@/]F[;=]?nG|FD[;=]?nG", lambda n: _Said(each=n[0])),
    (r"nF|F[;=]*n(?!G)", lambda n: _Said(count=n[0])),
    (r"g(?:F|(?=.*G))", lambda n: _Said(count=Decimal(1))),
    (r"[?]G|[?]F", lambda n: None),
    (r"nG", lambda n: _Said(loose=n[0])),
)
_PATTERNS = tuple((re.compile(pattern), read) for pattern, read in _TOLD)


def _statements(phase: Sequence[Lexeme]) -> Iterator[_Said | None]:
    """What the words of one phase say, statement by statement; doses come in gray."""
    found = [(kind, value) for lexeme in phase if (kind := _kind(lexeme)) not in _DROPPED for value in [_value(lexeme)]]
    kinds = "".join(kind for kind, _ in found)
    place = 0
    while place < len(kinds):
        for pattern, read in _PATTERNS:
            if match := pattern.match(kinds, place):
                yield read(_numbers(found[place : match.end()]))
                place = match.end() - 1
                break
        place += 1


def _kind(lexeme: Lexeme) -> str:
    if lexeme.kind == "u":
        return "G" if lexeme.value in GRAY else "u"
    if lexeme.kind == "y":
        return "g" if lexeme.value == 1 else "x"
    return "F" if lexeme.kind == "#" else lexeme.kind


def _value(lexeme: Lexeme) -> Decimal | str | None:
    return lexeme.value if lexeme.kind in {"n", "u"} else None


def _numbers(part: Sequence[tuple[str, Decimal | str | None]]) -> list[Decimal]:
    """The numbers of a statement in order, those before a unit of dose in gray."""
    numbers: list[Decimal] = []
    for kind, value in part:
        if kind == "n" and isinstance(value, Decimal):
            numbers.append(value)
        elif kind == "G" and isinstance(value, str) and numbers:
            numbers[-1] = Quantity(numbers[-1], value).to(_GRAY).value
    return numbers


_COUNTS = ("sessions", "fractions-prescribed", "fractionsprescribed", "fractions-delivered", "fractionsdelivered")
_DOSES = ("dose-prescribed-to-volume", "doseprescribedtovolume", "dose-delivered-to-volume", "dosedeliveredtovolume")


def _in_extensions(raw: Raw, words: OrderWords) -> Iterator[_Said | None]:
    """mCODE's and CodeX's extensions: sessions, fractions, and the dose to each volume, by the ends of their URLs."""
    try:
        extensions = msgspec.json.decode(raw, type=list[wire.Extension], strict=False)
    except (msgspec.DecodeError, RecursionError):
        return
    for extension in extensions:
        name = _name(extension.url)
        if name.endswith(_COUNTS):
            yield _Said(count=_whole(extension))
        elif name.endswith(_DOSES):
            yield _to_volume(extension, words)


def _to_volume(extension: wire.Extension, words: OrderWords) -> _Said | None:
    count = total = each = None
    for part in extension.extension or ():
        name = _name(part.url)
        if name.startswith("fractions"):
            count = _whole(part)
        elif name.startswith(("totaldose", "fractiondose")) and part.value_quantity is not None:
            amount = amount_of(part.value_quantity, words)
            gray = None if isinstance(amount, Unclear) else amount.to(_GRAY)
            if gray is None:
                return None
            total, each = (gray.least, each) if name.startswith("total") else (total, gray.least)
    return _Said(count, total, each)


def _name(url: str) -> str:
    return url.rpartition("/")[2].lower()


def _whole(extension: wire.Extension) -> Decimal | None:
    raw = extension.value_unsigned_int or extension.value_positive_int or extension.value_integer
    return wire.number(raw)
