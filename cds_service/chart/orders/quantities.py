"""FHIR Quantities and Ranges as amounts: measured, or counted in a form of medicine."""

from __future__ import annotations

from decimal import Decimal

from cds_service.chart.orders import wire
from cds_service.chart.orders.amounts import Amount, Unclear
from cds_service.terminology.order_lexemes import DAYS, SHORT_TIME, VOLUME
from cds_service.terminology.order_words import OrderWords
from cds_service.terminology.quantities import normalise_unit
from cds_service.terminology.said import said

_EACH = frozenset({"each", "{each}", "piece", "{piece}"})


def amount_of(found: wire.Quantity | wire.Range, words: OrderWords) -> Amount | Unclear:
    """Read a dose. A number without a unit, a unit that contradicts its code, zero and less are no doses."""
    if isinstance(found, wire.Quantity):
        return _one(found, words)
    ends = [_one(end, words) for end in (found.low, found.high) if end is not None]
    unread = next((end for end in ends if isinstance(end, Unclear)), None)
    if unread is not None or len(ends) != 2:
        return unread or Unclear("dose", "a range without both ends")
    low, high = (end for end in ends if isinstance(end, Amount))
    if (low.unit, low.counted) != (high.unit, high.counted) or low.least > high.most:
        return Unclear("dose", said("from {low} to {high}", low=low.phrase, high=high.phrase))
    return Amount(low.least, high.most, low.unit, low.counted)


def written(found: wire.Quantity) -> str:
    """A Quantity as its record writes it, for a reader."""
    value = bytes(found.value).decode("utf-8", "replace").strip('"') if found.value else "no number"
    return " ".join(part for part in (found.comparator or "", value, found.unit or found.code or "") if part)[:60]


def _one(found: wire.Quantity, words: OrderWords) -> Amount | Unclear:
    value = wire.number(found.value)
    if value is None or value <= 0 or found.comparator:
        return Unclear("dose", f"{written(found)!r}")
    coded = words.said(found.system or "", found.code) if found.code else ""
    names = [name for text in (coded, found.unit) if text and (name := unit_of(text, words))]
    if not names:
        return Unclear("dose", said("{quantity} has no unit that says how much", quantity=repr(written(found))))
    if len(set(names)) > 1:
        return Unclear("dose", said("{quantity} is coded {code}", quantity=repr(written(found)), code=repr(found.code)))
    unit, counted = names[0]
    return Amount(value, value, unit, counted)


def unit_of(text: str, words: OrderWords) -> tuple[str, bool] | None:
    """A unit of measurement in normal form, or the name of a form of medicine and that it is counted; ``None``: neither."""
    plain = text.strip().strip("{}[]")
    if plain.lower() in _EACH:
        return "piece", True
    lexemes = words.read(plain)
    if len(lexemes) == 1 and lexemes[0].kind == "f":
        return lexemes[0].value[0], True
    if len(lexemes) == 1 and lexemes[0].kind in {"u", VOLUME}:
        return lexemes[0].value, False
    known = normalise_unit(text)
    if known in {None, "1"} or any(lexeme.kind in {DAYS, SHORT_TIME} for lexeme in lexemes[:1]):
        return None
    return known, False


def days_of(found: wire.Quantity, words: OrderWords) -> Decimal | None:
    """A duration in days, its unit by code or in words."""
    value, written = wire.number(found.value), found.code or found.unit or ""
    unit, lexemes = normalise_unit(written), words.read(written)
    days = _DAYS.get(unit or "")
    if days is None and len(lexemes) == 1 and lexemes[0].kind in {DAYS, SHORT_TIME}:
        days = Decimal(lexemes[0].value.numerator) / lexemes[0].value.denominator
    return value * days if value is not None and days is not None else None


_DAYS = {
    "s": Decimal(1) / 86400,
    "min": Decimal(1) / 1440,
    "h": Decimal(1) / 24,
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal(28),
    "a": Decimal(365),
}
