"""Radiotherapy that was given, is under way or has been asked for, and what an order prescribes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Order, Procedure
from cds_service.findings.studies import done_or_ordered, ordered, planned
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Quantity, UnlikeUnits

_RADIOTHERAPY = ("radiotherapy", "radiotherapy-palliative-bone")
_DOSE = r"(\d+(?:\.\d+)?) ?(c?Gy)\b"
_FRACTIONS = r"(?:#|fx\b|f\b|fr\b|fractions?\b|fracs?\b)"
_TOTAL_THEN_COUNT = re.compile(
    rf"{_DOSE}(?: total)?[,;]? ?(?:in|/|over|given in|as|:)? ?(\d+) ?(?:daily )?{_FRACTIONS}", re.I
)
_TOTAL_SLASH_COUNT = re.compile(rf"{_DOSE} ?(?:/|in) ?(\d+)\b(?! ?c?Gy)", re.I)
_COUNT_TIMES_DOSE = re.compile(rf"\b(\d+) ?(?:{_FRACTIONS})? ?(?:x|×|\*|of|at|@) ?{_DOSE}", re.I)
_DOSE_TIMES_COUNT = re.compile(rf"{_DOSE} ?(?:per fraction|each)?,? ?(?:x|×|\*) ?(\d+)\b", re.I)
_SINGLE = re.compile(
    rf"(?:\b(?:single|one)[- ](?:dose|fraction)\D{{0,12}}{_DOSE}|{_DOSE}\D{{0,8}}\b(?:single|one|stat)\b)", re.I
)
_COUNT = re.compile(rf"\b(\d+) ?{_FRACTIONS}|\b(?:number of )?fractions? ?[:=] ?(\d+)\b", re.I)


@dataclass(frozen=True, slots=True)
class Prescription:
    """How many fractions, and the total dose where it is told."""

    fractions: int
    total: Quantity | None


@finding
def radiotherapy_courses(case: Case) -> tuple[Procedure, ...]:
    """Courses on record, given or under way, newest first."""
    return tuple(
        course
        for course in case.procedures.of(*_RADIOTHERAPY)
        if course.status in {"completed", "in-progress", "stopped"}
    )


@finding
def radiotherapy_in_hand(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """A course, an order or a referral within the look-back: the radiotherapist knows of the patient."""
    return done_or_ordered(case, lookback, *_RADIOTHERAPY, "referral-radiation-oncology")


def treatments(orders: Iterable[Order]) -> tuple[Order, ...]:
    """Orders for radiotherapy itself; a referral to radiation oncology is none yet."""
    return tuple(order for order in orders if "referral-radiation-oncology" not in order.concepts)


@finding
def radiotherapy_within(case: Case, window: Span, order_age: Span) -> tuple[Fact, ...]:
    """Radiotherapy given within the window, under way, ordered or drafted."""
    given = (course for course in case.procedures.of("radiotherapy") if course.status in {"completed", "stopped"})
    standing = treatments(ordered(case, order_age, "radiotherapy"))
    return (*case.recent(given, window), *planned(case, "radiotherapy"), *standing)


def prescription(order: Order) -> Prescription | None:
    """Read dose and fractions from an order's words, else its quantity; ``None`` when it does not say how many."""
    text = order.text.replace("\u00a0", " ")
    return _in_words(text) or _in_quantity(order.quantity)


def _in_words(text: str) -> Prescription | None:
    if match := _SINGLE.search(text):
        value, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
        return Prescription(1, _gray(value, unit))
    if match := _COUNT_TIMES_DOSE.search(text):
        return _times(int(match[1]), _gray(match[2], match[3]))
    if match := _DOSE_TIMES_COUNT.search(text):
        return _times(int(match[3]), _gray(match[1], match[2]))
    if match := _TOTAL_THEN_COUNT.search(text) or _TOTAL_SLASH_COUNT.search(text):
        return Prescription(int(match[3]), _gray(match[1], match[2])) if int(match[3]) else None
    if match := _COUNT.search(text):
        count = int(match[1] or match[2])
        return Prescription(count, None) if count else None
    return None


def _in_quantity(quantity: Quantity | None) -> Prescription | None:
    """A quantity counts fractions; 1 without a word may as well mean one course."""
    if (
        quantity is None
        or quantity.unit != "1"
        or quantity.value <= 1
        or quantity.value != quantity.value.to_integral_value()
    ):
        return None
    return Prescription(int(quantity.value), None)


def _times(fractions: int, each: Quantity) -> Prescription | None:
    return Prescription(fractions, Quantity(each.value * fractions, each.unit)) if fractions else None


def _gray(value: str, unit: str) -> Quantity:
    dose = Quantity(Decimal(value), "cGy" if unit.lower() == "cgy" else "Gy")
    try:
        return dose.to("Gy")
    except UnlikeUnits:
        return dose
