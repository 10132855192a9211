"""The numbers that a parameter may be moved to: within its range, in steps as fine as its numbers are written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cds_service.knowledge.parameters import Parameter
from cds_service.terminology.dates import Span, parse_span
from cds_service.terminology.quantities import Limit, Quantity

STEPS = 20
"""Steps of a curve."""
_NUMERIC = frozenset({"Limit", "Quantity", "Span", "int", "Decimal"})
_HOURS_OF_A_MONTH = Decimal("730.5")


@dataclass(frozen=True, slots=True)
class Scale:
    """A range: numbers in the parameter's unit."""

    value: Decimal
    low: Decimal
    high: Decimal
    step: Decimal

    def as_dict(self) -> dict[str, Decimal]:
        return {"value": self.value, "low": self.low, "high": self.high, "step": self.step}

    def along(self, steps: int = STEPS) -> list[Decimal]:
        """Some values from low to high, the present one among them."""
        count = int((self.high - self.low) / self.step)
        jump = max(1, -(-count // steps))
        values = {self.low + self.step * number for number in range(0, count + 1, jump)}
        return sorted(values | {self.high, self.value})


def scale_of(parameter: Parameter) -> Scale | None:
    """The range of a parameter; ``None`` for words, and where there is nothing to choose."""
    if parameter.between is None or parameter.between[0] == parameter.between[1] or parameter.kind not in _NUMERIC:
        return None
    low, high = parameter.between
    value = number_of(parameter, parameter.value)
    whole = parameter.kind in {"int", "Span"}
    step = Decimal(1) if whole else _step(low, high, value)
    return Scale(value, low, high, step)


def number_of(parameter: Parameter, value: Any) -> Decimal:
    """A value as a number in the parameter's unit."""
    if isinstance(value, Limit):
        return value.stated[0].value
    if isinstance(value, Quantity):
        return value.value
    if isinstance(value, Span):
        return _hours(value) / _hours(parse_span(f"1 {parameter.unit}"))
    return Decimal(value)


def written_unit(parameter: Parameter) -> str:
    """What stands behind a number for :func:`parameters.read_value`: a limit of bare numbers has the unit 1."""
    bare = parameter.unit == "1" and parameter.kind not in {"Limit", "Quantity", "Span"}
    return "" if bare else parameter.unit


def _step(low: Decimal, high: Decimal, value: Decimal) -> Decimal:
    """As fine as the numbers are written, and at least forty steps in the range."""
    finest = min(int(number.as_tuple().exponent) for number in (low, high, value))
    step = Decimal(1).scaleb(min(finest, 0))
    while (high - low) / step < STEPS * 2:
        step /= 10
    return step


def _hours(span: Span) -> Decimal:
    return span.months * _HOURS_OF_A_MONTH + span.days * 24 + span.hours
