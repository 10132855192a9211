"""The number of a result as far as it can be trusted: with its unit, between what can be, or why not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import NamedTuple, cast

import msgspec
from msgspec import Raw

from cds_service.chart import wire
from cds_service.chart.decode import decoded, listed
from cds_service.chart.elements import Component, ReferenceRange, WireQuantity
from cds_service.chart.facts import Comparator
from cds_service.chart.gaps import Problem
from cds_service.chart.reading import code_of
from cds_service.terminology.quantities import Quantity, UnlikeUnits
from cds_service.terminology.results import Result
from cds_service.terminology.said import said
from cds_service.terminology.units import Units, displayed
from cds_service.terminology.value_sets import Codebook, Measure

Part = wire.Observation | Component
_QUANTITY = msgspec.json.Decoder(WireQuantity | None, strict=False)
_RANGE = msgspec.json.Decoder(ReferenceRange, strict=False)


class Measured(NamedTuple):
    """A number, or what is wrong with it."""

    value: Quantity | None = None
    comparator: Comparator = ""
    assumed: bool = False
    text: str = ""
    problem: Problem | None = None
    low: Quantity | None = None
    """The normal range that the words themselves give."""
    high: Quantity | None = None


def measured(part: Part, words: str, measure: Measure | None, codebook: Codebook) -> Measured:
    """Find the number in whichever ``value[x]`` holds it: quantity, integer, or words such as ``GT 45``.

    Raises :class:`msgspec.DecodeError` for a quantity that cannot be read.
    """
    if part.value_quantity:
        given = _QUANTITY.decode(part.value_quantity)
        if given is None or given.value is None:
            return Measured(problem="no-value")
        unit = _unit(given, codebook.units)
        named = (given.code or "").strip() or (given.unit or "").strip()
        return _plausible(_with_unit(given.value, _comparator(given.comparator), unit, named, measure), measure)
    if part.value_integer:
        try:
            number = Decimal(bytes(part.value_integer).decode().strip('"'))
        except (InvalidOperation, UnicodeDecodeError):
            return Measured(problem="not-understood", text=words)
        return _plausible(_with_unit(number, "", None, "", measure), measure)
    if measure is None:
        return Measured()
    if (ends := _ends(part, words, codebook)) is not None:
        return _of_range(*ends, measure)
    if not words:
        return Measured(problem="not-understood" if part.value_range or part.value_ratio else "no-value")
    result = codebook.results.read(words) or _in_sentence(codebook.results.within(words), measure)
    if result is None:
        return Measured(problem="not-understood", text=words)
    found = _plausible(_with_unit(result.value, result.comparator, result.unit, result.unit or "", measure), measure)
    if found.value is None or found.value.unit == "1":
        return found  # a score's range is its scale
    value = found.value
    low, high = (None if end is None else replace(value, value=end) for end in (result.low, result.high))
    return found._replace(low=low, high=high)


def normal_range(
    raw: Raw, found: Measured, measure: Measure | None, codebook: Codebook
) -> tuple[Quantity | None, Quantity | None]:
    """The normal range in the value's own unit, where the record gives one in that unit, or without a unit and one that can be.

    Several that differ, such as by sex or age, are none: nobody says which is the patient's.
    """
    if raw and found.value is not None:
        given = [one for one in listed(raw, _RANGE) if not one.type or code_of(one.type) in {"normal", ""}]
        stated = [_range(one, found.value, measure, codebook) for one in given]
        if any(one != stated[0] for one in stated):
            return None, None
        if stated and stated[0] != (None, None):
            return stated[0]
    return found.low, found.high


def _range(
    given: ReferenceRange, value: Quantity, measure: Measure | None, codebook: Codebook
) -> tuple[Quantity | None, Quantity | None]:
    ends = _limit(given.low, value, codebook.units), _limit(given.high, value, codebook.units)
    if given.low is None and given.high is None and given.text:
        written = codebook.results.normal(given.text)
        if written is not None and written.unit in {None, value.unit}:
            low, high = (None if end is None else replace(value, value=end) for end in (written.low, written.high))
            ends = low, high
    if measure is not None and any(end is not None and end.value and _can_be(end, measure) is False for end in ends):
        return None, None  # of another unit than the value: 2.15 to 2.65 beside 12 mg/dL
    return ends


def number_of(part: Part, units: Units, unit: str = "") -> Decimal | None:
    """A plain number as the answer to a question, whatever its unit, or in ``unit``; ``None`` when it is in none like it."""
    given: WireQuantity | None = decoded(part.value_quantity, _QUANTITY) if part.value_quantity else None
    if given is not None and given.value is not None and not given.comparator:
        if not (unit and (given.code or given.unit)):
            return given.value
        stated = _unit(given, units)
        found = Quantity(given.value, stated).converted(unit) if stated else None
        return None if found is None else found.value
    try:
        return Decimal(bytes(part.value_integer).decode().strip('"')) if part.value_integer else None
    except (InvalidOperation, UnicodeDecodeError):
        return None


def _ends(part: Part, words: str, codebook: Codebook) -> tuple[Result, Result] | None:
    """The two ends, in a unit, of a result that is a range, as a Range or in words."""
    given = decoded(part.value_range, _RANGE) if part.value_range else None
    if given is None or given.low is None or given.high is None:
        return codebook.results.span(words)
    low, high = given.low.value, given.high.value
    unit = _unit(given.high, codebook.units) or _unit(given.low, codebook.units)
    if low is None or high is None or unit is None:
        return None
    return Result(low, ">=", unit), Result(high, "<=", unit)


def _of_range(low: Result, high: Result, measure: Measure) -> Measured:
    """A range as its end that is nearer to the healthy: what it says holds all along; that it says no more is noted."""
    end = low if measure.alarming == "high" else high
    found = _plausible(_with_unit(end.value, end.comparator, end.unit, end.unit or "", measure), measure)
    text = said("{least} to {most}", least=f"{low.value}", most=f"{high.value} {displayed(high.unit or '')}".rstrip())
    return found._replace(text=text, problem=found.problem or "not-understood")


def _unit(given: WireQuantity, units: Units) -> str | None:
    return units.normalise(given.code or "") or units.normalise(given.unit or "")


def _in_sentence(results: tuple[Result, ...] | None, measure: Measure) -> Result | None:
    """The one result with an admissible unit that a sentence states."""
    admissible = [
        one
        for one in results or ()
        if one.unit and _admissible(Quantity(one.value, one.unit, measure.substance), measure)
    ]
    return admissible[0] if len(admissible) == 1 else None


def _with_unit(
    number: Decimal, comparator: Comparator, unit: str | None, named: str, measure: Measure | None
) -> Measured:
    """Give a number its unit: as stated; where none is stated, as the value set's plausible ranges allow; else refuse."""
    text = f"{comparator}{number}"
    if measure is None:
        return Measured(Quantity(number, unit) if unit else None, comparator, text=text)
    if unit is not None and unit != "1":
        quantity = Quantity(number, unit, measure.substance)
        if _admissible(quantity, measure):
            return Measured(quantity, comparator, text=text)
        return Measured(text=f"{text} {named}", problem="no-unit")
    if unit == "1" and "1" in measure.units:
        return Measured(Quantity(number, "1", measure.substance), comparator, text=text)
    if named and unit is None:
        return Measured(text=f"{text} {named}", problem="no-unit")
    for assumption in measure.assume:
        if assumption.low <= number <= assumption.high:
            natural = "1" in measure.units or assumption.unit == "1"
            quantity = Quantity(number, assumption.unit, measure.substance)
            return Measured(quantity, comparator, not natural, text)
    return Measured(text=text, problem="no-unit")


def _plausible(found: Measured, measure: Measure | None) -> Measured:
    """Do not believe what cannot be, in either direction."""
    if found.value is None or measure is None or _can_be(found.value, measure) is not False:
        return found
    fitting = next((unit for unit in measure.units if _can_be(replace(found.value, unit=unit), measure)), "")
    text = said("{comparator}{value}", comparator=found.comparator, value=found.value)
    if fitting:  # 9.5 mmol/L of calcium is 9.5 mg/dL
        text = said("{value} (the number fits {unit})", value=text, unit=displayed(fitting))
    return Measured(text=text, problem="implausible")


def _can_be(value: Quantity, measure: Measure) -> bool | None:
    """Whether a value lies between what can be; ``None`` when nothing tells."""
    bounds = measure.plausible
    if bounds is None:
        return None
    try:
        return bounds.low.compare(value) >= 0 >= bounds.high.compare(value)
    except UnlikeUnits:
        return None


def _admissible(quantity: Quantity, measure: Measure) -> bool:
    if not measure.units or quantity.unit in measure.units:
        return True
    for unit in measure.units:
        try:
            quantity.to(unit)
        except UnlikeUnits:
            continue
        return True
    return False


def _comparator(text: str | None) -> Comparator:
    """A comparator of FHIR; what HL7 v2 leaks instead (``=``) says nothing."""
    return cast(Comparator, text) if text in {"<", "<=", ">", ">="} else ""


def _limit(given: WireQuantity | None, value: Quantity, units: Units) -> Quantity | None:
    if given is None or given.value is None:
        return None
    unit = _unit(given, units)
    if unit is None and (given.code or given.unit):
        return None
    return Quantity(given.value, unit or value.unit, value.substance) if unit in {None, value.unit} else None
