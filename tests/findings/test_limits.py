"""Which values any patient's result can have."""

from __future__ import annotations

import pytest

from cds_service.findings.limits import PlausibleRange
from cds_service.terminology.quantities import Comparator
from tests.findings.results import limit, quantity

POTASSIUM = PlausibleRange(limit(("1.5", "mmol/L")), limit(("9.0", "mmol/L")))
HALF_STATED = PlausibleRange(limit(("1.5", "mmol/L")), limit(("9.0", "kg")))


@pytest.mark.parametrize(
    ("value", "comparator", "holds"),
    [
        ("1.4", "", False),
        ("1.5", "", True),
        ("9.0", "", True),
        ("9.1", "", False),
        ("1.4", ">", True),
        ("1.4", "<", False),
        ("9.1", "<=", True),
        ("9.1", ">=", False),
    ],
)
def test_a_value_can_be_one_within_both_ends_or_where_its_comparator_leaves_it_open(
    value: str, comparator: Comparator, holds: bool
) -> None:
    assert POTASSIUM.holds(quantity(value, "mmol/L"), comparator) is holds


@pytest.mark.parametrize("unit", ["mmol/L", "kg", "mm[Hg]"])
def test_a_unit_that_either_end_cannot_be_compared_with_speaks_against_it(unit: str) -> None:
    assert not HALF_STATED.holds(quantity("2", unit))
