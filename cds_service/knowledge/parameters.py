"""Parameters: what a card file or a site writes becomes the typed, checked argument of a rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin

from cds_service.knowledge.errors import NotAmong
from cds_service.knowledge.rule_signature import KINDS, Value
from cds_service.knowledge.sources import Source, Sources, cited
from cds_service.terminology.dates import Span, parse_span
from cds_service.terminology.quantities import Limit, Quantity, normalise_unit

if TYPE_CHECKING:  # who takes up a snapshot reads no card files
    from cds_service.knowledge.card_file import AlternativeEntry, ParameterEntry

V = TypeVar("V", bool, str)

_STATED_APART = Decimal("0.03")
"""Limits stated in two units may differ by rounding, not by more."""
_HOURS_OF_A_MONTH = Decimal("730.5")
_NUMBER_AND_UNIT = re.compile(r"\s*([-+]?[0-9]+(?:\.[0-9]+)?)\s*(.*?)\s*")


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another guideline's value."""

    value: str
    why: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a rule with all that a reader must know of it."""

    name: str
    value: Value
    default: Value
    unit: str
    between: tuple[Decimal, Decimal] | None
    """In ``unit``."""
    one_of: tuple[str, ...]
    why: str
    source: Source
    alternatives: tuple[Alternative, ...]
    reviewed: date
    confirmed: bool
    """``False``: waits for clinical review."""
    annotation: Any
    substance: str = ""
    shared: str = ""
    """Name in ``parameters.yaml`` when several cards share it."""
    common: bool = False
    """One decision for all the cards that share it."""
    origin: str = "default"
    """``default``, or the file and line, or the ``--set``, that changed it."""
    origin_why: str = ""

    @property
    def kind(self) -> str:
        return KINDS.get(self.annotation, "str")

    @property
    def words(self) -> str:
        """The name as it stands in a sentence: ``doses second dose``."""
        return self.name.replace("_", " ").replace(".", " ")

    @property
    def changed(self) -> bool:
        return self.origin != "default"

    @property
    def text(self) -> str:
        """The value as a reader sees it, with its unit."""
        return write_value(self.value, self.unit)

    @property
    def range_text(self) -> str:
        """What a site may set instead."""
        if self.between:
            low, high = self.between
            highest = write_value(_from_parts(self.annotation, high, self.unit, {}, self.substance), self.unit)
            return f"{low.normalize():f} to {highest}" if low < high else "as published"
        return ", ".join(self.one_of) or ("true, false" if self.annotation is bool else "")


def kind_of(entry: ParameterEntry) -> Any:
    """The kind of a parameter that no rule takes, as its value and unit tell: a dose or a term of the card's words."""
    if isinstance(entry.value, bool):
        return bool
    if isinstance(entry.value, list):
        return tuple[str, ...]
    if isinstance(entry.value, str):
        return str
    try:
        parse_span(f"1 {entry.unit}")
    except ValueError:
        pass
    else:
        return Span
    if entry.unit and entry.unit != "1" and normalise_unit(entry.unit) is not None:
        return Limit if entry.also else Quantity
    return int if isinstance(entry.value, int) else Decimal


def bind(name: str, annotation: Any, entry: ParameterEntry, sources: Sources, shared: str = "") -> Parameter:
    """Make the parameter that a card file describes. Raises :class:`ValueError` with a message for its author."""
    value = _from_parts(annotation, entry.value, entry.unit, entry.also, entry.substance)
    parameter = Parameter(
        name=name,
        value=value,
        default=value,
        unit=entry.unit,
        between=_between(entry),
        one_of=(entry.value,) if entry.fixed and isinstance(entry.value, str) else tuple(entry.one_of or ()),
        why=entry.why,
        source=cited(entry.source, sources),
        alternatives=tuple(_alternative(entry, each, sources) for each in entry.alternatives),
        reviewed=entry.reviewed,
        confirmed=entry.confirmed,
        annotation=annotation,
        substance=entry.substance,
        shared=shared,
        common=entry.common or "." in shared,
    )
    _check_bounds(parameter)
    check_value(parameter, value)
    return parameter


def change(parameter: Parameter, written: Any, also: Mapping[str, Any], origin: str, why: str = "") -> Parameter:
    """Give a parameter another value, ``3.1 mmol/L``; the same checks hold. Raises :class:`ValueError`.

    A limit that was stated in several units is replaced in all of them, unless ``also`` states the others.
    """
    value = read_value(parameter, written, also)
    check_value(parameter, value)
    return replace(parameter, value=value, origin=origin, origin_why=why)


def read_value(parameter: Parameter, written: Any, also: Mapping[str, Any] | None = None) -> Value:
    """Read what a site, a ``--set`` or an example writes for a parameter: with its unit where there is one."""
    kind = parameter.annotation
    if kind is bool and isinstance(written, str) and written in {"true", "false"}:
        return written == "true"
    if kind == tuple[str, ...] and isinstance(written, str):
        return tuple(part.strip() for part in written.split(",") if part.strip())
    if kind in (Limit, Span, Quantity):
        number, unit = _split(written) if isinstance(written, str) else (written, "")
        if not unit:
            raise ValueError(f"{_plain(written)} has no unit; write it with one, such as '{_sample(parameter)}'")
        return _from_parts(kind, number, unit, also or {}, parameter.substance)
    if kind in (int, Decimal) and isinstance(written, str):
        number, unit = _split(written)
        if unit and unit not in (parameter.unit, _counted(parameter.unit, 1)):
            raise ValueError(f"{written!r} is in {unit!r}, the parameter is in {parameter.unit!r}")
        written = number
    return _from_parts(kind, written, parameter.unit, {}, "")


def check_value(parameter: Parameter, value: Value) -> None:
    """Refuse a value outside the parameter's range or list; units are converted. Raises :class:`ValueError`."""
    if parameter.between is not None:
        low, high = parameter.between
        for number in _numbers(value, parameter.unit):
            if not low <= number <= high:
                shown = write_value(value, parameter.unit)
                if low == high:
                    raise ValueError(f"{shown} cannot be chosen: {parameter.text} is as published")
                raise ValueError(f"{shown} lies outside {parameter.range_text}; a wider range needs clinical sign-off")
    allowed = parameter.one_of or (
        get_args(parameter.annotation) if get_origin(parameter.annotation) is Literal else ()
    )
    for word in (value if isinstance(value, tuple) else (value,)) if allowed else ():
        if word not in allowed:
            raise NotAmong(str(word), tuple(str(each) for each in allowed))


@lru_cache(maxsize=4096)  # each answer keeps the parameters behind it
def write_value(value: Value, unit: str = "") -> str:
    """Write a value for readers: limits in every unit that they are stated in, numbers with their unit."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, (int, Decimal)):
        return f"{value} {_counted(unit, value)}".strip() if unit != "1" else str(value)
    return str(value)


def _counted(unit: str, number: int | Decimal) -> str:
    """The unit beside a number: ``1 symptom``, ``2 symptoms``."""
    return unit.removesuffix("s") if number == 1 else unit


def _from_parts(kind: Any, value: Any, unit: str, also: Mapping[str, Any], substance: str) -> Value:
    if kind is bool:
        return _expect(value, bool, "true or false")
    if kind is str or get_origin(kind) is Literal:
        return _expect(value, str, "a word")
    if kind == tuple[str, ...]:
        if not isinstance(value, (list, tuple)):
            raise ValueError(f"{_plain(value)} is not a list")
        return tuple(str(each) for each in value)
    if kind is int:
        return int(_number(value, whole=True))
    number = _number(value)
    if kind is Decimal:
        return number
    if not unit:
        raise ValueError(f"{_plain(value)} has no unit")
    if kind is Span:
        return _span(number, unit)
    leading = _quantity(number, unit, substance)
    if kind is Quantity:
        return leading
    return _limit(leading, also, substance)


def _limit(leading: Quantity, also: Mapping[str, Any], substance: str) -> Limit:
    stated = [leading]
    for unit, value in also.items():
        other = _quantity(_number(value), unit, substance)
        converted = leading.to(other.unit)
        if abs(converted.value - other.value) > _STATED_APART * abs(converted.value):
            raise ValueError(
                f"{other} and {leading} are not the same limit: {leading} is {converted.value:.2f} {other.unit}"
            )
        stated.append(other)
    return Limit(tuple(stated))


def _quantity(number: Decimal, unit: str, substance: str) -> Quantity:
    normal = normalise_unit(unit)
    if normal is None:
        raise ValueError(f"{unit!r} is not a unit that we know")
    return Quantity(number, normal, substance)


def _span(number: Decimal, unit: str) -> Span:
    if number != number.to_integral_value():
        raise ValueError(f"a span is a whole number, found {number} {unit}")
    return parse_span(f"{int(number)} {unit}")


def _numbers(value: Value, unit: str) -> tuple[Decimal, ...]:
    """The value as numbers in the unit of its range: one for each unit that a limit is stated in."""
    if isinstance(value, Limit):
        return (value.stated[0].to(_normal(unit)).value,)
    if isinstance(value, Quantity):
        return (value.to(_normal(unit)).value,)
    if isinstance(value, Span):
        return (_hours(value) / _hours(parse_span(f"1 {unit}")),)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return (Decimal(value),)
    return ()


def _hours(span: Span) -> Decimal:
    return span.months * _HOURS_OF_A_MONTH + span.days * 24 + span.hours


def _normal(unit: str) -> str:
    return normalise_unit(unit) or unit


def _between(entry: ParameterEntry) -> tuple[Decimal, Decimal] | None:
    """The range of a number; of a fixed one it holds the number alone."""
    if entry.fixed and not isinstance(entry.value, bool | str | list):
        return Decimal(entry.value), Decimal(entry.value)
    return (Decimal(entry.between[0]), Decimal(entry.between[1])) if entry.between else None


def _check_bounds(parameter: Parameter) -> None:
    numeric = parameter.annotation in (Limit, Span, Quantity, int, Decimal)
    if numeric and parameter.between is None:
        raise ValueError("it needs 'between': the range that a site may choose from")
    if parameter.annotation is str and not parameter.one_of:
        raise ValueError("it needs 'one_of': the words that a site may choose from")
    if parameter.between is not None and parameter.between[0] > parameter.between[1]:
        raise ValueError(f"'between' runs from {parameter.between[0]} down to {parameter.between[1]}")


def _alternative(entry: ParameterEntry, each: AlternativeEntry, sources: Sources) -> Alternative:
    unit = each.unit or entry.unit
    shown = f"{_plain(each.value)} {unit}".strip() if unit != "1" else _plain(each.value)
    return Alternative(shown, each.why, cited(each.source, sources) if each.source else None)


def _number(value: Any, whole: bool = False) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, (int, str, Decimal)) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or (whole and number != number.to_integral_value()):
        raise ValueError(f"{_plain(value)} is not a {'whole ' if whole else ''}number")
    return number


def _split(text: str) -> tuple[str, str]:
    match = _NUMBER_AND_UNIT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a number with its unit, such as '3.1 mmol/L'")
    return match[1], match[2]


def _expect(value: Any, kind: type[V], called: str) -> V:
    if isinstance(value, kind):
        return value
    raise ValueError(f"{_plain(value)} is not {called}")


def _sample(parameter: Parameter) -> str:
    value = parameter.default
    return str(value.stated[0]) if isinstance(value, Limit) else write_value(value, parameter.unit)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, str) else str(value)
