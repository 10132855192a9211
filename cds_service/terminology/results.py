"""Laboratory results that came as words: ``>15.0 mg/dL``, ``3,02 mmol/L (N : 2,20-2,60)``, ``Critical: 3.5 mmol/L, phoned``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from cds_service.terminology.quantities import NUMBER, parse_number
from cds_service.terminology.units import Units
from cds_service.terminology.vocabulary import Comparator, Vocabulary
from cds_service.terminology.wording import plain


@dataclass(frozen=True, slots=True)
class Result:
    """A result read from words. ``unit`` is ``None`` when none was written; ``low`` and ``high`` are its normal range."""

    value: Decimal
    comparator: Comparator = ""
    unit: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NormalRange:
    """The range of the healthy as a text states it; either end may be open."""

    low: Decimal | None
    high: Decimal | None
    unit: str | None


class Results:
    """Reads results with the words of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary, units: Units) -> None:
        self._units = units
        self._comparators = _SIGNS | vocabulary.comparators
        self._flags = _FLAGS | frozenset(vocabulary.words("flags"))
        ways = sorted(self._comparators, key=len, reverse=True)
        comparator = "|".join(re.escape(way).replace(r"\ ", r"\s+") for way in ways if way)
        self._whole = re.compile(
            rf"(?P<comparator>{comparator})?\s*(?P<number>{NUMBER})(?P<rest>.*)", re.IGNORECASE | re.DOTALL
        )
        self._within = re.compile(
            rf"(?<![\w.,/])(?P<comparator>{comparator})?\s*(?P<number>{NUMBER})\s?(?P<unit>{_UNIT})", re.IGNORECASE
        )
        heading, joint = vocabulary.any_of("normal_range"), rf"\s?(?:-|{vocabulary.any_of('range')})\s?"
        ends = rf"(?:(?P<low>{NUMBER}){joint}(?P<high>{NUMBER})|<=?\s?(?P<most>{NUMBER})|>=?\s?(?P<least>{NUMBER}))"
        begun, ended = r"[\s:=]{0,3}", rf"(?![\d.,]*\d)\s?(?P<unit>{_UNIT})?"
        self._ranges = (
            re.compile(rf"[(\[]\s?(?:(?:{heading}){begun})?{ends}{ended}\s?[)\]]", re.IGNORECASE),
            re.compile(rf"\b(?:{heading}){begun}{ends}{ended}", re.IGNORECASE),
        )
        self._from_to = re.compile(
            rf"(?P<low>{_PLAIN}){joint}(?P<high>{_PLAIN})(?P<rest>.*)", re.IGNORECASE | re.DOTALL
        )
        self._not_the_result = re.compile(
            rf"\b(?:{vocabulary.any_of('not_the_result')})\b|[0-9]{joint}[0-9]", re.IGNORECASE
        )
        self._out_of_ten = re.compile(rf"(?:/|{vocabulary.any_of('out_of')})\s*10", re.IGNORECASE)

    def read(self, text: str) -> Result | None:
        """Read a value: ``GT 45``, ``>15.0 mg/dL``, ``12,4``, ``12.9 mg/dL H``, ``7/10``, ``14.5 mg/dL (8.5-10.5)``.

        ``None`` for whatever is not wholly a number, with or without comparator, unit, flag and normal range:
        ``see note``, ``haemolysed``, ``3-5``, ``1:20``, ``+++``, ``NaN``, ``3.1 see note``.
        """
        if len(text) > _LONGEST_RESULT:
            return None
        stated, normal = self._apart(_signs(plain(text)))
        found = self._value(stated.strip(" ,;:"))
        return found and self._beside(found, normal)

    def span(self, text: str) -> tuple[Result, Result] | None:
        """Read a result that is a range with its unit, ``88-89 %``, ``2,9 bis 3,1 mmol/L``: its two ends."""
        match = self._from_to.fullmatch(plain(text).strip()) if len(text) <= _LONGEST_RESULT else None
        if match is None:
            return None
        low, high = parse_number(match["low"]), parse_number(match["high"])
        unit = self._units.normalise(self._without_flag(match["rest"].strip()))
        if low is None or high is None or not low < high or unit in {None, "1"}:
            return None
        return Result(low, ">=", unit), Result(high, "<=", unit)

    def normal(self, text: str) -> NormalRange | None:
        """Read a normal range that stands alone: ``4.3 to 6.2``, ``< 5,0``, ``8.5-10.2 mg/dL``, ``Normal: (2.15-2.65)``.

        ``None`` for what says more, such as a range for men and another for women.
        """
        if len(text) > _LONGEST_RESULT:
            return None
        beside, normal = self._apart(f"({_signs(plain(text)).translate(_BRACKETS).strip()})")
        return None if beside.strip() else normal

    def within(self, text: str) -> tuple[Result, ...] | None:
        """The results that a sentence states, each number with its unit: ``Critical: >3.5 mmol/L, phoned`` states one.

        ``None`` when nobody can say which of its numbers is the result: one belongs to a limit or an earlier result.
        """
        stated, normal = self._apart(plain(text[:_LONGEST_SENTENCE]))
        if self._not_the_result.search(stated):
            return None
        found = []
        for match in self._within.finditer(stated):
            value, unit = parse_number(match["number"]), self._units.normalise(match["unit"].rstrip(".,;:)"))
            comparator = self._comparator(match["comparator"])
            if value is not None and unit is not None and comparator is not None:
                found.append(self._beside(Result(value, comparator, unit), normal))
        return tuple(dict.fromkeys(found))

    def _comparator(self, written: str | None) -> Comparator | None:
        return self._comparators.get(" ".join((written or "").lower().split()))

    def _apart(self, text: str) -> tuple[str, NormalRange | None]:
        """What a text tells without its normal range, and that range; without one in brackets or under a heading, all."""
        for pattern in self._ranges:
            for match in pattern.finditer(text):
                low, high = _number(match["low"] or match["least"]), _number(match["high"] or match["most"])
                unit = self._units.normalise(match["unit"].rstrip(".,;:")) if match["unit"] else None
                ordered = low is None or high is None or low < high
                if ordered and (low is not None or high is not None) and (unit or not match["unit"]):
                    return f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip()}", NormalRange(
                        low, high, unit
                    )
        return text, None

    def _beside(self, found: Result, normal: NormalRange | None) -> Result:
        """A result with the range that stands beside it, where both are in one unit; either may be without."""
        if normal is None or (found.unit and normal.unit and found.unit != normal.unit):
            return found
        unit = found.unit or normal.unit
        return replace(found, unit=unit, low=normal.low, high=normal.high) if unit else found

    def _value(self, text: str) -> Result | None:
        match = self._whole.fullmatch(text)
        if match is None:
            return None
        value, comparator = parse_number(match["number"]), self._comparator(match["comparator"])
        if value is None or comparator is None:
            return None
        rest = match["rest"].strip()
        if self._out_of_ten.fullmatch(rest):
            return Result(value, comparator, None) if value <= 10 else None
        rest = self._without_flag(rest)
        if not rest:
            return Result(value, comparator, None)
        unit = self._units.normalise(rest)
        return None if unit is None else Result(value, comparator, unit)

    def _without_flag(self, rest: str) -> str:
        """Take a laboratory's flag off: ``mg/dL (H)`` and ``(H) mg/dL`` are mg/dL; a lone ``L`` stays, it may be litres."""
        rest = rest.rstrip("*! ")
        head, _, last = rest.rpartition(" ")
        if self._is_flag(last, bool(head)):
            return self._without_flag(head)
        first, _, tail = rest.partition(" ")
        if tail and self._is_flag(first, True):
            return tail
        return rest[1:-1] if rest[:1] == "(" and rest[-1:] == ")" else rest

    def _is_flag(self, written: str, beside_a_unit: bool) -> bool:
        flag = written.strip("()[]*")
        return flag in self._flags or flag.lower() in self._flags or (flag == "L" and (beside_a_unit or written != "L"))


def _signs(text: str) -> str:
    return text.replace("≤", "<=").replace("≥", ">=")


def _number(text: str | None) -> Decimal | None:
    return parse_number(text) if text else None


_BRACKETS = str.maketrans("()[]", "    ")
_LONGEST_RESULT = 80
_LONGEST_SENTENCE = 300
_PLAIN = r"[0-9]+(?:[.,][0-9]+)?"
_UNIT = r"[A-Za-z%\u00b5\u03bc][^\s()\[\]]{0,20}"
_SIGNS: dict[str, Comparator] = {
    **dict.fromkeys(("", "="), ""),
    **dict.fromkeys((">", "gt", "&gt;"), ">"),
    **dict.fromkeys((">=", "=>", "≥", "⩾", "ge", "&gt;="), ">="),
    **dict.fromkeys(("<", "lt", "&lt;"), "<"),
    **dict.fromkeys(("<=", "=<", "≤", "⩽", "le", "&lt;="), "<="),
}
_FLAGS = frozenset({"H", "HH", "LL", "A", "AA", "N"})
"""Codes of HL7 v3 for the interpretation of a result."""
