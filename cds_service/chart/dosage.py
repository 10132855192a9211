"""What a dosage says: one dose, what a day amounts to, and how many days lie between doses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from msgspec import Raw

from cds_service.chart.wire import Dosage, Timing, WireQuantity
from cds_service.terminology.quantities import Quantity, UnlikeUnits, normalise_unit

_HOUR = Decimal(1) / Decimal(24)
_DAYS_OF_UNIT = {
    "s": _HOUR / 3600,
    "min": _HOUR / 60,
    "h": _HOUR,
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal(28),  # oncology's "monthly" is four weeks
    "a": Decimal(365),
}
_PER_DAY_OF_CODE = {
    "QD": Decimal(1),
    "AM": Decimal(1),
    "PM": Decimal(1),
    "BED": Decimal(1),
    "BID": Decimal(2),
    "TID": Decimal(3),
    "QID": Decimal(4),
    "Q1H": Decimal(24),
    "Q2H": Decimal(12),
    "Q3H": Decimal(8),
    "Q4H": Decimal(6),
    "Q6H": Decimal(4),
    "Q8H": Decimal(3),
    "Q12H": Decimal(2),
    "QOD": Decimal("0.5"),
    "WK": Decimal(1) / 7,
    "MO": Decimal(1) / 28,
}
_DOSE_IN_WORDS = re.compile(
    r"(?<![\d.,])(\d{1,5}(?:[.,]\d{1,3})?)\s*(mg|mcg|micrograms?|ug|µg|g)\b(?!\s*/)", re.IGNORECASE
)
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "eight": 8, "twelve": 12}
_EVERY = re.compile(
    r"(?:\b(?:every|each|q)\s*)(\d{1,3}|one|two|three|four|six|eight|twelve)?[\s-]*(hours?|hrs?|h|days?|d|weeks?|wks?|wk|w|months?|mo)\b"
    r"|\b(\d{1,2}|three|four|six|twelve)[\s-]*(weekly|monthly|hourly)\b",
    re.IGNORECASE,
)
_PER_DAY_WORDS: tuple[tuple[re.Pattern[str], Decimal], ...] = (
    (re.compile(r"\b(twice (a |per )?da(y|ily)|twice daily|b\.?i\.?d\.?|bd)\b", re.IGNORECASE), Decimal(2)),
    (
        re.compile(
            r"\b(morning|breakfast|mane|8 ?am)\b[^.;]{0,20}(\band\b|,|&|\+)[^.;]{0,20}"
            r"\b(noon|midday|lunch\w*|afternoon|evening|night|nocte|2 ?pm)\b",
            re.IGNORECASE,
        ),
        Decimal(2),
    ),
    (re.compile(r"\b(three times (a |per )?da(y|ily)|t\.?i\.?d\.?|tds)\b", re.IGNORECASE), Decimal(3)),
    (re.compile(r"\b(four times (a |per )?da(y|ily)|q\.?i\.?d\.?|qds)\b", re.IGNORECASE), Decimal(4)),
    (
        re.compile(
            r"\b(once (a |per )?da(y|ily)|daily|o\.?d\.?|q\.?d\.?|every morning|each morning"
            r"|in the morning|mane|nocte|at night|/ ?day|per day)\b",
            re.IGNORECASE,
        ),
        Decimal(1),
    ),
    (re.compile(r"\b(weekly|once a week)\b", re.IGNORECASE), Decimal(1) / 7),
    (re.compile(r"\bmonthly\b", re.IGNORECASE), Decimal(1) / 28),
)


@dataclass(frozen=True, slots=True)
class Regimen:
    """The dosage of one order or administration."""

    dose: Quantity | None = None
    daily: Quantity | None = None
    interval_days: int | None = None
    route: str = ""
    text: str = ""


def read_dosage(raw: Raw) -> Regimen:
    """Read ``dosageInstruction`` (a list) or an administration's ``dosage`` (one); lines that contradict give no dose."""
    if not raw:
        return Regimen()
    try:
        lines = msgspec.json.decode(raw, type=list[Dosage], strict=False)
    except (msgspec.DecodeError, RecursionError):
        try:
            lines = [msgspec.json.decode(raw, type=Dosage, strict=False)]
        except (msgspec.DecodeError, RecursionError):
            return Regimen()
    text = ". ".join(line.text for line in lines if line.text)
    doses = [_dose(line) for line in lines]
    rates = [_per_day(line) for line in lines]
    dose = doses[0] if len(set(doses)) == 1 else None
    return Regimen(
        dose=dose,
        daily=_sum(zip(doses, rates, strict=True)),
        interval_days=_interval(rates),
        route=next((line.route.text or _first_display(line) for line in lines if line.route), ""),
        text=text,
    )


def dose_in_words(text: str) -> Quantity | None:
    """The one dose that a text such as ``denosumab 120 mg/1.7 mL`` or ``give 16 mg`` names; two different ones name none."""
    found = {(number.replace(",", "."), unit) for number, unit in _DOSE_IN_WORDS.findall(text)}
    if len(found) != 1:
        return None
    number, unit = found.pop()
    known = normalise_unit(unit)
    return Quantity(Decimal(number), known) if known else None


def per_day_in_words(text: str) -> Decimal | None:
    """Doses a day in words: ``every 4 weeks``, ``q12h``, ``twice daily``; ``None`` when the text does not say."""
    match = _EVERY.search(text)
    if match:
        count, unit = (match[1], match[2]) if match[2] else (match[3], match[4])
        number = Decimal(_NUMBERS.get((count or "1").lower()) or count or 1)
        letter = unit[0].lower()
        days = {"h": _HOUR, "d": Decimal(1), "w": Decimal(7), "m": Decimal(28)}[letter]
        return 1 / (number * days) if number else None
    for pattern, rate in _PER_DAY_WORDS:
        if pattern.search(text):
            return rate
    return None


def _dose(line: Dosage) -> Quantity | None:
    wires = [rate.dose_quantity for rate in line.dose_and_rate or () if rate.dose_quantity] or (
        [line.dose] if line.dose else []
    )
    for wire in wires:
        dose = _quantity(wire)
        if dose is not None:
            return dose
    return dose_in_words(line.text or "")


def _quantity(wire: WireQuantity) -> Quantity | None:
    unit = normalise_unit(wire.code or "") or normalise_unit(wire.unit or "")
    return Quantity(wire.value, unit) if wire.value is not None and unit else None


def _per_day(line: Dosage) -> Decimal | None:
    rate = _timed(line.timing) if line.timing else None
    return rate if rate is not None else per_day_in_words(line.text or "")


def _timed(timing: Timing) -> Decimal | None:
    repeat = timing.repeat
    if repeat is not None and (repeat.period_unit or "d") in _DAYS_OF_UNIT and (repeat.frequency or repeat.period):
        days = (repeat.period or Decimal(1)) * _DAYS_OF_UNIT[repeat.period_unit or "d"]
        return (repeat.frequency or Decimal(1)) / days if days else None
    for coding in (timing.code.coding or ()) if timing.code else ():
        if coding.code and coding.code.upper() in _PER_DAY_OF_CODE:
            return _PER_DAY_OF_CODE[coding.code.upper()]
    return per_day_in_words(timing.code.text or "") if timing.code else None


def _sum(lines: Iterable[tuple[Quantity | None, Decimal | None]]) -> Quantity | None:
    """Dose times doses a day over all lines; a line that leaves either open leaves the sum open."""
    total: Quantity | None = None
    for dose, rate in lines:
        if dose is None or rate is None:
            return None
        part = Quantity((dose.value * rate).quantize(Decimal("0.001")).normalize(), dose.unit)
        try:
            total = part if total is None else Quantity(total.value + part.to(total.unit).value, total.unit)
        except UnlikeUnits:
            return None
    return Quantity(_plain(total.value), total.unit) if total else None


def _plain(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _interval(rates: list[Decimal | None]) -> int | None:
    known = {rate for rate in rates if rate}
    if len(known) != 1:
        return None
    rate = known.pop()
    return round(1 / rate) if rate <= 1 else None


def _first_display(line: Dosage) -> str:
    codings = line.route.coding if line.route else None
    return next((coding.display for coding in codings or () if coding.display), "")
