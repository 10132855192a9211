"""What an order for radiotherapy prescribes, and what was given."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.findings.radiotherapy import prescription, radiotherapy_courses, radiotherapy_in_hand
from cds_service.terminology.dates import Span
from tests.findings.scenes import scene

LOOKBACK = Span(days=90)


def read(words: str = "", **more: object) -> tuple[int, Decimal | None] | None:
    fact = {"draft": "radiotherapy", **({"detail": words} if words else {}), **more}
    (order,) = scene(fact, hook="order-select").selected_orders("radiotherapy")
    found = prescription(order)
    return None if found is None else (found.fractions, found.total.value if found.total else None)


@pytest.mark.parametrize(
    ("words", "fractions", "gray"),
    [
        ("30 Gy in 10 fractions", 10, 30),
        ("30Gy/10#", 10, 30),
        ("30 Gy/10", 10, 30),
        ("30 Gy in 10", 10, 30),
        ("10 x 3 Gy", 10, 30),
        ("10 × 3 Gy", 10, 30),
        ("3 Gy x 10", 10, 30),
        ("5 fractions of 4 Gy", 5, 20),
        ("3000 cGy in 10 fx", 10, 30),
        ("8 Gy x 1", 1, 8),
        ("8 Gy in 1 fraction", 1, 8),
        ("8 Gy single fraction", 1, 8),
        ("single fraction 8 Gy", 1, 8),
        ("8Gy/1#", 1, 8),
        ("20 Gy over 5 fractions", 5, 20),
        ("37.5 Gy in 15 fractions", 15, Decimal("37.5")),
    ],
)
def test_dose_and_fractions_are_read_as_people_write_them(words: str, fractions: int, gray: Decimal | int) -> None:
    assert read(words) == (fractions, Decimal(gray))


def test_fractions_without_a_dose_are_read() -> None:
    assert read("10 fractions to L3") == (10, None)


def test_a_quantity_counts_fractions_and_one_of_it_says_nothing() -> None:
    assert read(quantity="5 1") == (5, None)
    assert read(quantity="1 1") is None


@pytest.mark.parametrize("words", ["", "palliative to hip", "dose per protocol"])
def test_what_says_no_fractions_is_not_read(words: str) -> None:
    assert read(words) is None


@pytest.mark.parametrize(("when", "counts"), [("89 d", True), ("90 d", True), ("91 d", False)])
def test_a_course_is_in_hand_for_exactly_ninety_days(when: str, counts: bool) -> None:
    assert bool(radiotherapy_in_hand(scene({"procedure": "radiotherapy", "when": when}), LOOKBACK)) is counts


def test_a_referral_is_in_hand_and_no_course() -> None:
    case = scene({"order": "referral-radiation-oncology", "when": "3 d"})
    assert radiotherapy_in_hand(case, LOOKBACK)
    assert not radiotherapy_courses(case)
