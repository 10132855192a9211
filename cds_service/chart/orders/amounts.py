"""How much and how often, as an order states it: exactly, as a range, or up to a maximum; and what was not understood."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from cds_service.terminology.quantities import Quantity, UnlikeUnits
from cds_service.terminology.said import Said, said

BARE = ""
"""The unit of a bare number: "take 2 twice daily"."""

Part = Literal["medicine", "dose", "strength", "frequency", "later steps", "route", "fractions", "order"]

_NOT_READABLE: Mapping[Part, Said] = {
    "medicine": said("medicine not readable: {why}"),
    "dose": said("dose not readable: {why}"),
    "strength": said("strength not readable: {why}"),
    "frequency": said("frequency not readable: {why}"),
    "later steps": said("later steps not readable: {why}"),
    "route": said("route not readable: {why}"),
    "fractions": said("fractions not readable: {why}"),
    "order": said("order not readable: {why}"),
}


class Unclear(Struct, frozen=True):
    """A part of an order that was not understood, in words for a clinician: unknown is said, never guessed."""

    part: Part
    why: str
    """Such as ``the strength of a tablet is not stated``."""

    def __str__(self) -> str:
        return self.phrase

    @property
    def phrase(self) -> Said:
        """The same, ready for another language; what stands in quotes is the record's."""
        quoted = self.why[:1] in {"'", '"'} and self.why[-1:] == self.why[:1]
        why = self.why if quoted or isinstance(self.why, Said) else said(self.why)
        return said(_NOT_READABLE[self.part].sentence, why=why)


class Amount(Struct, frozen=True):
    """A dose as stated: measured (``mg``, ``mL``, ``mg/kg``), or counted in a form of medicine (``tablet``)."""

    least: Decimal
    most: Decimal
    unit: str
    """Normal form of a unit of measurement; the name of a form, or :data:`BARE`, for what is counted."""
    counted: bool = False

    @property
    def exact(self) -> bool:
        return self.least == self.most

    @property
    def quantity(self) -> Quantity | None:
        """The amount when it is one number, not a range, and measured."""
        return Quantity(_plain(self.least), self.unit) if self.exact and not self.counted else None

    @property
    def bounds(self) -> tuple[Quantity, Quantity] | tuple[None, None]:
        """The least and the most, of what is measured."""
        if self.counted:
            return None, None
        return Quantity(_plain(self.least), self.unit), Quantity(_plain(self.most), self.unit)

    def __str__(self) -> str:
        least, most = (str(Quantity(_plain(value), "1")) for value in (self.least, self.most))
        written = least if self.exact else f"{least} to {most}"
        if not self.counted:
            return f"{written} {Quantity(Decimal(1), self.unit)}".replace(" 1 ", " ")
        return f"{written} {self.unit}{'s' if self.unit and self.most > 1 else ''}".rstrip()

    @property
    def phrase(self) -> Said:
        """The same, ready for another language."""
        if not (self.counted and self.unit):
            return said("{amount}", amount=str(self))
        number, _, form = str(self).rpartition(" ")
        return said("{number} {form}", number=number, form=form)

    def times(self, factor: Decimal | Fraction | int, unit: str | None = None) -> Amount:
        """The amount multiplied; with a unit, so many of a form become something measured."""
        changed = (self.unit, self.counted) if unit is None else (unit, False)
        return Amount(_product(self.least, factor), _product(self.most, factor), *changed)

    def to(self, unit: str) -> Amount | None:
        """The amount in another unit; ``None`` for unlike units and for what is counted."""
        if self.counted:
            return None
        try:
            least, most = (Quantity(value, self.unit).to(unit).value for value in (self.least, self.most))
        except UnlikeUnits:
            return None
        return Amount(least, most, unit)

    def same(self, other: Amount) -> bool:
        """Whether both say the same amount, in whatever like units."""
        if self.counted or other.counted:
            return self == other
        alike = other.to(self.unit)
        return alike is not None and all(
            abs(ours - theirs) <= _ROUNDING for ours, theirs in ((self.least, alike.least), (self.most, alike.most))
        )

    def nearly(self, other: Amount) -> bool:
        """Whether both say the same amount but for the rounding of a label: 120 mg in 1.7 mL is called 70 mg/mL."""
        alike = other.to(self.unit)
        return alike is not None and all(
            abs(ours - theirs) <= _LABEL_ROUNDING * ours
            for ours, theirs in ((self.least, alike.least), (self.most, alike.most))
        )

    def plus(self, other: Amount) -> Amount | None:
        """The sum; ``None`` for unlike units."""
        alike = other if (self.unit, self.counted) == (other.unit, other.counted) else other.to(self.unit)
        if alike is None or self.counted != alike.counted:
            return None
        return Amount(self.least + alike.least, self.most + alike.most, self.unit, self.counted)


def nearly(one: Quantity, other: Quantity) -> bool:
    """Whether both are the same dose but for the rounding of a label, whose 3.3 mg are 4.1 mL. Raises :class:`UnlikeUnits`."""
    return abs(one.to(other.unit).value - other.value) <= _LABEL_ROUNDING * other.value


GivenAs = Literal["rate", "day", "times", "share", "meals"]


class Frequency(Struct, frozen=True):
    """How many doses a day: ``1/28`` is every four weeks. A single dose has no daily rate."""

    least: Fraction
    most: Fraction
    given_as: GivenAs = "rate"
    """``times``: by times of day or days of the week, such as "in the morning and at noon"; ``day``: a mere "daily".

    ``share``: on so many of the days, "5 days a week"; ``meals``: with meals, which do not say how often.
    """
    once: bool = False
    times: frozenset[str] = frozenset()
    """The times of day (``morning``, ``0900``) and days of the week that tell it."""

    @property
    def exact(self) -> bool:
        return self.least == self.most


ONCE = Frequency(Fraction(0), Fraction(0), once=True)


def every(days: Fraction, longest: Fraction | None = None) -> Frequency:
    """One dose in so many days, or in ``days`` to ``longest``."""
    ends = sorted((days, longest or days))
    return Frequency(1 / ends[1], 1 / ends[0])


def per_day(least: Fraction, most: Fraction | None = None, *, given_as: GivenAs = "rate") -> Frequency:
    """So many doses a day."""
    return Frequency(least, least if most is None else most, given_as)


WITH_MEALS = Frequency(Fraction(0), Fraction(0), "meals")


DAYS_OF_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = frozenset(DAYS_OF_WEEK)


def at_times(times: frozenset[str]) -> Frequency:
    """At these times of day, or on these days of the week."""
    days = times & WEEK
    return Frequency(*(Fraction(len(days), 7) if days else Fraction(len(times)),) * 2, "times", times=times)


def daily(amount: Amount, frequency: Frequency) -> Amount:
    """What a day amounts to."""
    return Amount(
        _product(amount.least, frequency.least), _product(amount.most, frequency.most), amount.unit, amount.counted
    )


_ROUNDING = Decimal("0.0005")
_LABEL_ROUNDING = Decimal("0.02")
_THOUSANDTH = Decimal("0.001")


def _product(value: Decimal, factor: Decimal | Fraction | int) -> Decimal:
    """Exact where three decimals hold it; a weekly dose over a day has no end of decimals."""
    exact = Fraction(value) * Fraction(factor)
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _plain(value: Decimal) -> Decimal:
    value = value.quantize(_THOUSANDTH) if value != value.quantize(_THOUSANDTH) else value
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
