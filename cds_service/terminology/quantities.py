"""Numbers with units: how records write them, how they convert, and how they stand to a limit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Clamped, Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow, Subnormal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple, Protocol

from cds_service.terminology.units import UnlikeUnits, alike, displayed, nearest_unit, normalise_unit, ratio
from cds_service.terminology.vocabulary import Comparator

__all__ = [
    "NUMBER",
    "Comparator",
    "Limit",
    "Measurement",
    "Quantity",
    "Result",
    "UnlikeUnits",
    "above",
    "at_least",
    "at_most",
    "below",
    "normalise_unit",
    "parse_number",
    "parse_quantity",
]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in a unit of our normal form, and of what substance when mass and amount must be joined.

    Raises :class:`ValueError` for a number that no measurement has: not finite, or so large, small or long that
    converting or writing it could take minutes.
    """

    value: Decimal
    unit: str
    substance: str = ""

    def __post_init__(self) -> None:
        try:
            finite = _SIZED.plus(self.value).is_finite()
        except DecimalException:
            finite = False
        if not finite:
            raise ValueError("not a number that a measurement can have")

    def to(self, unit: str) -> Quantity:
        """The same quantity in another unit; raises :class:`UnlikeUnits` when no known factor joins the two."""
        target = _known_unit(unit)
        if target == self.unit:
            return self
        return Quantity(
            _decimal(Fraction(self.value) * ratio(self.unit, target, self.substance)), target, self.substance
        )

    def converted(self, unit: str) -> Quantity | None:
        """The same as :meth:`to`; ``None`` when no known factor joins the two."""
        try:
            return self.to(unit)
        except UnlikeUnits:
            return None

    def __str__(self) -> str:
        figures, unit = self.parts
        gap = "" if not unit or unit[0] in "%/" else " "
        return f"{figures}{gap}{unit}"

    @property
    def parts(self) -> tuple[str, str]:
        """The figures, with a decimal point, and the unit as they are shown."""
        return _written(self.value), displayed(self.unit)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that may be stated once for each unit, so that 12.0 mg/dL and 3.00 mmol/L are both exactly the limit."""

    stated: tuple[Quantity, ...]
    """The first is the leading one."""

    def for_unit(self, unit: str) -> Quantity:
        """The limit in this unit: as stated, else scaled or converted; raises :class:`UnlikeUnits`.

        A stated limit of the same kind (mg/dL for mg/L) is scaled before the leading one is converted.
        """
        target = _known_unit(unit)
        return self._stated_for(target).to(target)

    def compare(self, quantity: Quantity) -> int:
        """-1, 0 or 1 as the quantity lies below, at or above the limit, exactly; raises :class:`UnlikeUnits`."""
        stated = self._stated_for(quantity.unit)
        if stated.unit == quantity.unit:
            return (quantity.value > stated.value) - (quantity.value < stated.value)
        factor = ratio(quantity.unit, stated.unit, quantity.substance or stated.substance)
        measured = _WIDE.multiply(quantity.value, Decimal(factor.numerator))
        limit = _WIDE.multiply(stated.value, Decimal(factor.denominator))
        return (measured > limit) - (measured < limit)

    def side(self, quantity: Quantity) -> int | None:
        """The same as :meth:`compare`; ``None`` when no known factor joins the two."""
        try:
            return self.compare(quantity)
        except UnlikeUnits:
            return None

    def __str__(self) -> str:
        first, *others = map(str, self.stated)
        return f"{first} ({', '.join(others)})" if others else first

    def _stated_for(self, unit: str) -> Quantity:
        for limit in self.stated:
            if limit.unit == unit:
                return limit
        for limit in self.stated:
            if alike(limit.unit, unit):
                return limit
        return self.stated[0]


def parse_quantity(text: str, substance: str = "") -> Quantity:
    """Read a number with its unit, such as ``3.1 mmol/L``; raises :class:`ValueError` that says what is wrong."""
    match = _NUMBER_FIRST.match(text.strip())
    value = parse_number(match[1]) if match else None
    if match is None or value is None:
        raise ValueError(f"not a quantity: {text!r}; write a number and a unit, such as '3.1 mmol/L'")
    written = match[2].strip()
    unit = normalise_unit(written) if written else None
    if unit is None:
        found = f"unknown unit {written!r}" if written else "no unit"
        near = nearest_unit(written)
        hint = f"; the nearest known unit is {near!r}" if near else "; write one such as 'mmol/L', '%' or '1'"
        raise ValueError(f"{found} in {text!r}{hint}")
    return Quantity(value, unit, substance)


def parse_number(text: str) -> Decimal | None:
    """Read a decimal number of any country's writing; ``None`` for what is no plain, finite, sensibly sized number.

    With both marks the last one is the decimal mark. A lone comma before exactly three digits marks thousands when one
    to three digits stand before it and they do not begin with ``0``: ``1,234`` is 1234, as American laboratories write,
    while ``0,123``, ``12,4`` and ``1234,567`` hold a decimal comma. A lone point is always decimal.
    """
    sign, digits, exponent = _parted(text.strip().replace("\u2212", "-"))
    if digits is None:
        return None
    plain = _plain(digits)
    if plain is None:
        return None
    value = Decimal(sign + plain + exponent)
    sized = not value or -_LARGEST_EXPONENT <= value.adjusted() <= _LARGEST_EXPONENT
    return value if sized else None


class Result(Protocol):
    """What can be held against a limit: a measured value, and on which side of it the true one lies."""

    @property
    def value(self) -> Quantity | None: ...

    @property
    def comparator(self) -> Comparator: ...


class Measurement(NamedTuple):
    """A value that no record states in this form, such as one that an equation gives."""

    value: Quantity
    comparator: Comparator = ""


def above(result: Result | None, limit: Limit | None) -> bool | None:
    """Whether the measured value lies above the limit.

    ``None``, as of its three sisters, when a comparator (``>12`` and 14) or a unit of another kind leaves it open, or there
    is no value or no limit.
    """
    side = _side(result, limit)
    if result is None or side is None:
        return None
    if result.comparator == ">":
        return True if side >= 0 else None
    if result.comparator == ">=":
        return True if side > 0 else None
    if result.comparator in {"<", "<="}:
        return False if side <= 0 else None
    return side > 0


def at_least(result: Result | None, limit: Limit | None) -> bool | None:
    """Whether the measured value lies at or above the limit; ``None`` when that is open."""
    side = _side(result, limit)
    if result is None or side is None:
        return None
    if result.comparator in {">", ">="}:
        return True if side >= 0 else None
    if result.comparator == "<":
        return False if side <= 0 else None
    if result.comparator == "<=":
        return False if side < 0 else None
    return side >= 0


def below(result: Result | None, limit: Limit | None) -> bool | None:
    """Whether the measured value lies below the limit; ``None`` when that is open."""
    answer = at_least(result, limit)
    return None if answer is None else not answer


def at_most(result: Result | None, limit: Limit | None) -> bool | None:
    """Whether the measured value lies at or below the limit; ``None`` when that is open."""
    answer = above(result, limit)
    return None if answer is None else not answer


def _side(result: Result | None, limit: Limit | None) -> int | None:
    return limit.side(result.value) if result is not None and result.value is not None and limit is not None else None


_LARGEST_EXPONENT = 15
NUMBER = r"[+\-\u2212]?(?:[0-9][0-9.,]*|[.,][0-9]+)(?:[eE][+\-]?[0-9]+(?![0-9A-Za-z]))?"
_NUMBER_FIRST = re.compile(rf"({NUMBER})(.*)", re.DOTALL)
_PARTS = re.compile(r"([+-]?)([0-9.,]{1,40})(?:[eE]([+-]?[0-9]{1,4}))?")
_THOUSANDS_THEN_DECIMALS = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]*)?")
_EXACT = Context(prec=34)
_SIZED = Context(
    prec=100,
    Emin=-60,
    Emax=60,
    traps=[Inexact, Overflow, Subnormal, Clamped, InvalidOperation],
)
"""Takes every number from 1e-60 to 1e60 with at most a hundred digits, and refuses all others."""
_WIDE = Context(prec=400, traps=[])
"""Products of any number that a laboratory writes are exact in it."""


def _known_unit(unit: str) -> str:
    target = normalise_unit(unit)
    if target is None:
        near = nearest_unit(unit)
        raise UnlikeUnits(f"unknown unit {unit!r}" + (f"; the nearest known unit is {near!r}" if near else ""))
    return target


def _decimal(exact: Fraction) -> Decimal:
    return _EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))


@lru_cache(maxsize=4096)
def _written(value: Decimal) -> str:
    """Write a value without trailing zeros, which get read as tenfold doses (ISMP), and long ones in four figures."""
    value = value.normalize(_EXACT)
    if len(value.as_tuple().digits) > _MOST_FIGURES and value != value.to_integral_value():
        decimals = max(0, _FIGURES - 1 - value.adjusted())
        value = value.quantize(Decimal(1).scaleb(-decimals), context=_EXACT)
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


_MOST_FIGURES = 6
_FIGURES = 4


def _parted(text: str) -> tuple[str, str | None, str]:
    match = _PARTS.fullmatch(text)
    if match is None:
        return "", None, ""
    return match[1], match[2], f"E{match[3]}" if match[3] else ""


def _plain(digits: str) -> str | None:
    """Give digits with at most one point; ``None`` when the marks make no sense."""
    points, commas = digits.count("."), digits.count(",")
    if not commas and points <= 1:
        return digits if digits != "." else None
    grouped = _THOUSANDS_THEN_DECIMALS.fullmatch(digits)
    if grouped:
        mark = grouped[1]
        return digits.replace(mark, "").replace(",", ".")
    if commas == 1 and not points and digits != ",":
        return digits.replace(",", ".")
    return None
