"""What makes a puncture of bone bleed."""

from __future__ import annotations

import pytest

from cds_service.findings.bleeding import Bleeding, BleedingLimits, bleeding
from cds_service.terminology.dates import Span
from tests.findings.results import limit
from tests.findings.scenes import scene

AGE = Span(days=30)


def of(*facts: dict[str, object]) -> Bleeding:
    return bleeding(scene(*facts), BleedingLimits(AGE, limit(("1.5", "1")), limit(("50", "10*9/L")), Span(days=30)))


@pytest.mark.parametrize(("value", "high"), [("1.4 1", False), ("1.5 1", False), ("1.6 1", True)])
def test_an_inr_is_high_above_its_limit(value: str, high: bool) -> None:
    assert of({"observation": "inr", "value": value}).notes["inr_high"] is high


@pytest.mark.parametrize(
    ("value", "low"), [("49 10*9/L", True), ("50 10*9/L", False), ("51 10*9/L", False), ("49 10*3/uL", True)]
)
def test_platelets_are_low_below_their_limit_in_either_unit(value: str, low: bool) -> None:
    assert of({"observation": "platelets", "value": value}).notes["platelets_low"] is low


def test_old_results_count_as_unknown() -> None:
    assert of(
        {"observation": "inr", "value": "3.0 1", "when": "31 d"},
        {"observation": "platelets", "value": "9 10*9/L", "when": "31 d"},
    ).notes["bleeding_unknown"]


def test_an_anticoagulant_in_use_is_named_and_a_stopped_one_is_not() -> None:
    assert of({"medication": "apixaban"}).anticoagulants
    assert not of({"medication": "apixaban", "status": "stopped"}).anticoagulants


@pytest.mark.parametrize(
    "known", [{"observation": "inr", "value": "1.0 1"}, {"observation": "platelets", "value": "200 10*9/L"}]
)
def test_one_result_of_the_two_leaves_bleeding_unknown(known: dict[str, object]) -> None:
    assert of(known).notes["bleeding_unknown"]
