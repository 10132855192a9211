"""What an order for radiotherapy prescribes, and what was given."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.findings.treatment import prescription, radiotherapy_courses, radiotherapy_in_hand
from cds_service.terminology.dates import Span
from tests.findings.scenes import scene

LOOKBACK = Span(days=90)


def read(words: str = "", **more: object) -> tuple[int | None, Decimal | None]:
    fact = {"draft": "radiotherapy", **({"detail": words} if words else {}), **more}
    (order,) = scene(fact, hook="order-select").selected_orders("radiotherapy")
    found = prescription(order)
    return found.fractions, found.total.value if found.total else None


def test_an_order_tells_dose_and_fractions_in_its_words() -> None:
    assert read("five fractions of 4 Gy") == (5, 20)
    assert read("10 fractions to L3") == (10, None)


def test_a_quantity_counts_fractions_and_one_of_it_says_nothing() -> None:
    assert read(quantity="5 1") == (5, None)
    assert read(quantity="1 1") == (None, None)


@pytest.mark.parametrize("words", ["", "palliative to hip", "dose per protocol"])
def test_what_says_no_fractions_is_not_read(words: str) -> None:
    assert read(words) == (None, None)


@pytest.mark.parametrize(("when", "counts"), [("89 d", True), ("90 d", True), ("91 d", False)])
def test_a_course_is_in_hand_for_exactly_ninety_days(when: str, counts: bool) -> None:
    assert bool(radiotherapy_in_hand(scene({"procedure": "radiotherapy", "when": when}), LOOKBACK)) is counts


def test_a_referral_is_in_hand_and_no_course() -> None:
    case = scene({"order": "referral-radiation-oncology", "when": "3 d"})
    assert radiotherapy_in_hand(case, LOOKBACK)
    assert not radiotherapy_courses(case)
