"""Which values any patient's result can have."""

from __future__ import annotations

import pytest

from cds_service.findings.limits import PlausibleRange
from tests.findings.results import limit, quantity

POTASSIUM = PlausibleRange(limit(("1.5", "mmol/L")), limit(("9.0", "mmol/L")))
HALF_STATED = PlausibleRange(limit(("1.5", "mmol/L")), limit(("9.0", "kg")))


@pytest.mark.parametrize(
    ("value", "holds"), [("1.4", False), ("1.5", True), ("5", True), ("9.0", True), ("9.1", False)]
)
def test_a_value_can_be_one_within_both_ends(value: str, holds: bool) -> None:
    assert POTASSIUM.holds(quantity(value, "mmol/L")) is holds


@pytest.mark.parametrize("unit", ["mmol/L", "kg", "mm[Hg]"])
def test_a_unit_that_either_end_cannot_be_compared_with_speaks_against_it(unit: str) -> None:
    assert not HALF_STATED.holds(quantity("2", unit))
