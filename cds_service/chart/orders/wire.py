"""The shape in which dosages and the strengths of products are decoded: lenient, numbers as they are written."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec
from msgspec import Raw, Struct

from cds_service.chart.elements import ABSENT, CodeableConcept, Period
from cds_service.terminology.quantities import parse_number


class Quantity(Struct, gc=False):
    value: Raw = ABSENT
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Range(Struct, gc=False):
    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Struct, gc=False):
    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Extension(Struct, gc=False, rename="camel"):
    url: str = ""
    value_quantity: Quantity | None = None
    value_string: str | None = None
    value_range: Range | None = None
    value_unsigned_int: Raw = ABSENT
    value_integer: Raw = ABSENT
    value_positive_int: Raw = ABSENT
    value_decimal: Raw = ABSENT
    extension: list[Extension] | None = None


class Repeat(Struct, gc=False, rename="camel"):
    frequency: Raw = ABSENT
    frequency_max: Raw = ABSENT
    period: Raw = ABSENT
    period_max: Raw = ABSENT
    period_unit: str | None = None
    period_units: str | None = None
    """Its name in DSTU2, where ``when`` is one code."""
    day_of_week: list[str] | None = None
    time_of_day: list[str] | None = None
    when: list[str] | str | None = None
    count: Raw = ABSENT
    count_max: Raw = ABSENT
    bounds_duration: Quantity | None = None
    bounds_range: Range | None = None
    bounds_period: Period | None = None


class Timing(Struct, gc=False):
    repeat: Repeat | None = None
    code: CodeableConcept | None = None
    event: list[str] | None = None


class DoseAndRate(Struct, gc=False, rename="camel"):
    type: CodeableConcept | None = None
    dose_quantity: Quantity | None = None
    dose_range: Range | None = None
    rate_quantity: Raw = ABSENT
    rate_ratio: Raw = ABSENT
    rate_range: Raw = ABSENT


class Dosage(Struct, gc=False, rename="camel"):
    """A line of ``dosageInstruction``; an administration's ``dosage``, which has ``dose``; the older ``doseQuantity``."""

    sequence: Raw = ABSENT
    text: str | None = None
    patient_instruction: str | None = None
    timing: Timing | None = None
    as_needed: Raw = ABSENT
    """In R5."""
    as_needed_boolean: bool | None = None
    as_needed_codeable_concept: Raw = ABSENT
    as_needed_for: Raw = ABSENT
    """In R5."""
    route: CodeableConcept | None = None
    dose_and_rate: list[DoseAndRate] | None = None
    dose: Quantity | None = None
    dose_quantity: Quantity | None = None
    dose_range: Range | None = None
    quantity: Quantity | None = None
    quantity_quantity: Quantity | None = None
    quantity_range: Range | None = None
    """The dose that was given or taken, in DSTU2."""
    rate_quantity: Raw = ABSENT
    rate_ratio: Raw = ABSENT
    max_dose_per_period: Raw = ABSENT
    extension: list[Extension] | None = None
    modifier_extension: Raw = ABSENT


class Ingredient(Struct, gc=False, rename="camel"):
    is_active: bool | None = None
    strength: Ratio | None = None


def number(raw: Raw) -> Decimal | None:
    """The number that JSON holds, or the text of one; ``None`` for what is no finite number."""
    if not raw:
        return None
    text = bytes(raw).decode("utf-8", "replace").strip()
    if _JSON_NUMBER.fullmatch(text):
        return Decimal(text)
    return parse_number(text[1:-1]) if text[:1] == '"' else None


_JSON_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?")


def dosage_lines(raw: Raw) -> list[Dosage | None]:
    """The lines of a dosage (a list, or one); ``None`` stands for a line that cannot be decoded."""
    if not raw:
        return []
    try:
        return list(_DOSAGES.decode(raw))
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        parts = _PARTS.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        parts = [raw]
    return [_line(part) for part in parts]


def _line(raw: Raw) -> Dosage | None:
    try:
        return _DOSAGE.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


_DOSAGES = msgspec.json.Decoder(list[Dosage], strict=False)
_DOSAGE = msgspec.json.Decoder(Dosage, strict=False)
_PARTS = msgspec.json.Decoder(list[Raw])
