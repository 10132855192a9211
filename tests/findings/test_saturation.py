"""Oxygen saturation: which reading counts, what is breathed, and whether oxygen is in hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds_service.chart.facts import Condition, Observation
from cds_service.findings.saturation import (
    breathing,
    hypercapnic_risk,
    oxygen_orders,
    saturation,
)
from cds_service.terminology.dates import Span
from tests.findings.results import case, condition, medicine, result

DAY = Span(hours=24)
YEAR = Span(months=12)


def spo2(value: str, unit: str = "%", when: str = "2026-03-02T08:00:00Z", **more: Any) -> Observation:
    return result("spo2", value, unit, when, **more)


@pytest.mark.parametrize(
    ("reading", "percent"),
    [
        (spo2("91"), "91"),
        (spo2("0.91", "1"), "91"),
        (spo2("50"), "50"),
        (spo2("100"), "100"),
        (spo2("90", "L/min"), None),
        (spo2("see note", ""), None),
        (spo2("90", when="2026-03-01T09:00:00Z"), "90"),
        (spo2("90", when="2026-03-01T08:59:00Z"), None),
        (spo2("90", when=""), None),
    ],
)
def test_a_reading_counts_when_it_is_recent(reading: Observation, percent: str | None) -> None:
    found = saturation(case(reading), DAY)
    assert (found.value.value if found else None) == (Decimal(percent) if percent else None)


def test_the_newest_reading_counts_and_of_one_time_the_lowest() -> None:
    readings = (
        spo2("93"),
        spo2("90", reference="Observation/other-probe"),
        spo2("80", when="2026-03-02T06:00:00Z"),
    )
    found = saturation(case(*readings), DAY)
    assert found is not None
    assert found.value.value == Decimal(90)


@pytest.mark.parametrize(
    ("entry", "on_oxygen"),
    [
        (result("inhaled-oxygen", "0", "L/min"), False),
        (result("inhaled-oxygen", "0.5", "L/min"), True),
        (result("inhaled-oxygen", "21", "%"), False),
        (result("inhaled-oxygen", "24", "%"), True),
        (result("inhaled-oxygen", "0.21", "1"), False),
        (result("inhaled-oxygen", "0.4", "1"), True),
        (result("inhaled-oxygen", text="Room air"), False),
        (result("inhaled-oxygen", text="RA"), False),
        (result("inhaled-oxygen", text="nasal cannula"), None),
        (result("inhaled-oxygen", text="repair pending"), None),
        (result("inhaled-oxygen", present=True), True),
        (result("inhaled-oxygen", "4", "L/min", "2026-02-27"), None),
    ],
)
def test_what_is_breathed_is_read_from_flow_fraction_or_words(entry: Observation, on_oxygen: bool | None) -> None:
    assert breathing(case(entry), DAY).on_oxygen is on_oxygen


def test_a_fraction_above_air_outweighs_a_flow_of_none_at_the_same_time() -> None:
    found = breathing(case(result("inhaled-oxygen", "0", "L/min"), result("inhaled-oxygen", "40", "%")), DAY)
    assert found.on_oxygen is True


def test_the_newest_word_on_what_is_breathed_counts() -> None:
    weaned = (
        result("inhaled-oxygen", "0", "L/min"),
        result("inhaled-oxygen", "4", "L/min", "2026-03-02T06:00:00Z"),
    )
    assert breathing(case(*weaned), DAY).on_oxygen is False


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"kind": "request", "status": "active"}, True),
        ({"kind": "request", "status": "active", "when": "2025-03-02"}, True),
        ({"kind": "request", "status": "active", "when": "2025-03-01"}, False),
        ({"kind": "request", "status": "active", "when": ""}, True),
        ({"kind": "request", "status": "active", "intent": "proposal"}, False),
        ({"kind": "request", "status": "stopped"}, False),
        ({"kind": "request", "status": "on-hold"}, False),
        ({"status": "completed"}, False),
    ],
)
def test_oxygen_is_in_hand_while_an_order_stands(more: dict[str, Any], counts: bool) -> None:
    assert bool(oxygen_orders(case(medicine("oxygen", **more)), YEAR)) is counts


@pytest.mark.parametrize(
    ("lungs", "risk"),
    [
        (condition("hypercapnic-risk", "2010-01-01"), True),
        (condition("hypercapnic-risk", suspected=True), False),
        (condition("hypercapnic-risk", state="past"), False),
    ],
)
def test_only_a_documented_risk_changes_the_target(lungs: Condition, risk: bool) -> None:
    assert bool(hypercapnic_risk(case(lungs))) is risk
