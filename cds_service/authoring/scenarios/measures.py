"""Dates and quantities of short facts as FHIR writes them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from cds_service.terminology.dates import Span, parse_moment, parse_span

_UCUM = "http://unitsofmeasure.org"
_UCUM_CODES = {
    "%": "%",
    "1": "1",
    "mmol/l": "mmol/L",
    "umol/l": "umol/L",
    "µmol/l": "umol/L",
    "nmol/l": "nmol/L",
    "pmol/l": "pmol/L",
    "mg/dl": "mg/dL",
    "g/dl": "g/dL",
    "g/l": "g/L",
    "ng/ml": "ng/mL",
    "pg/ml": "pg/mL",
    "ng/l": "ng/L",
    "ug/l": "ug/L",
    "u/ml": "U/mL",
    "u/l": "U/L",
    "iu/l": "[IU]/L",
    "iu": "[IU]",
    "ml/min": "mL/min",
    "ml/min/1.73m2": "mL/min/{1.73_m2}",
    "ml/min/{1.73_m2}": "mL/min/{1.73_m2}",
    "kg": "kg",
    "g": "g",
    "mg": "mg",
    "ug": "ug",
    "cm": "cm",
    "m": "m",
    "mm[hg]": "mm[Hg]",
    "/min": "/min",
    "cel": "Cel",
    "mmol/mol": "mmol/mol",
    "l/min": "L/min",
    "ml": "mL",
    "gy": "Gy",
    "cgy": "cGy",
    "mbq": "MBq",
    "kbq": "kBq",
    "10*9/l": "10*9/L",
    "10*3/ul": "10*3/uL",
    "{score}": "{score}",
    "{fraction}": "{fraction}",
    "h": "h",
    "d": "d",
}
_NUMBER_AND_UNIT = re.compile(r"^\s*([-+]?\d+(?:\.\d+)?)\s*(.*?)\s*$")


def number(text: str) -> int | float:
    """A number as JSON writes it, without digits that the scenario did not give."""
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() and "." not in text else float(value)


def quantity(text: str, *, coded: bool = True) -> dict[str, Any]:
    """Write ``3.1 mmol/L`` as a FHIR Quantity; without ``coded`` the unit stands in words only."""
    match = _NUMBER_AND_UNIT.match(text)
    if not match:
        raise ValueError(f"a quantity is a number and a unit, such as '3.1 mmol/L', not {text!r}")
    written: dict[str, Any] = {"value": number(match[1])}
    unit = match[2]
    if unit:
        written["unit"] = unit
        code = _UCUM_CODES.get(unit.lower())
        if code and coded:
            written |= {"system": _UCUM, "code": code}
    return written


def unit_of(text: str) -> str:
    match = _NUMBER_AND_UNIT.match(text)
    return match[2] if match else ""


def instant(when: str, as_of: datetime) -> str:
    """Write a moment to the second: ``3 h`` is that long before ``as_of``; a FHIR date stands as written."""
    return _written(when) or _iso(_before(as_of, _span(when)))


def day(when: str, as_of: datetime) -> str:
    """Write a moment to the day, save one that is counted in hours."""
    written = _written(when)
    if written:
        return written
    span = _span(when)
    before = _before(as_of, span)
    return _iso(before) if span.hours else before.date().isoformat()


def birth_date(age: int, as_of: datetime) -> str:
    """A birthday about five months back, so that no age changes while an example looks some weeks around."""
    return _before(as_of, Span(months=age * 12 + 5)).date().isoformat()


def repeat(every: str) -> dict[str, Any]:
    """Write ``28 d`` as the repetition of a Timing."""
    span = _span(every)
    period, unit = (span.months, "mo") if span.months else (span.days, "d") if span.days else (span.hours, "h")
    return {"frequency": 1, "period": period, "periodUnit": unit}


def _written(when: str) -> str:
    return when.strip() if re.match(r"^\s*\d{4}(-|\s*$)", when) and parse_moment(when.strip()) else ""


def _span(text: str) -> Span:
    try:
        return parse_span(text.strip().removeprefix("-").strip())
    except ValueError as error:
        raise ValueError(
            f"{text!r} is neither a FHIR date nor a span such as '900 d', '3 h' or '5 mo': {error}"
        ) from None


def _before(as_of: datetime, span: Span) -> datetime:
    months = as_of.year * 12 + as_of.month - 1 - span.months
    year, month = divmod(months, 12)
    month += 1
    last = monthrange(year, month)[1]
    return as_of.replace(year=year, month=month, day=min(as_of.day, last)) - timedelta(days=span.days, hours=span.hours)


def _iso(moment: datetime) -> str:
    text = moment.isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z" if moment.utcoffset() == UTC.utcoffset(None) else text
