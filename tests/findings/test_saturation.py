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
from tests.chart.charts import observation, of
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
        (result("inhaled-oxygen", answers=frozenset({"room-air"})), False),
        (result("inhaled-oxygen", answers=frozenset({"added-oxygen"})), True),
        (result("inhaled-oxygen", "0", "L/min", answers=frozenset({"added-oxygen"})), False),
        (result("inhaled-oxygen", text="repair pending"), None),
        (result("spo2", "86", "%", answers=frozenset({"added-oxygen"})), True),
        (result("spo2", "86", "%", answers=frozenset({"room-air"})), False),
        (result("spo2", "86", "%"), None),
        (result("inhaled-oxygen", present=True), True),
        (result("inhaled-oxygen", "4", "L/min", "2026-02-27"), None),
    ],
)
def test_what_is_breathed_is_read_from_flow_fraction_or_words(entry: Observation, on_oxygen: bool | None) -> None:
    assert breathing(case(entry), DAY)[0] is on_oxygen


@pytest.mark.parametrize(
    ("said", "on_oxygen"),
    [
        *(
            (words, True)
            for words in ("86 % met 3 l O2 (neusbril)", "86 % unter 2 l O2", "86% on 4 L/min", "86 % sous oxygène")
        ),
        *((words, True) for words in ("86 % con gafas nasales", "86 % in ossigeno", "86% via venturi 28%")),
        *(
            (words, False)
            for words in ("86% RA", "86 % on air", "86 % Raumluft", "86 % air ambiant", "86 % kamerlucht")
        ),
        *((words, None) for words in ("86 %", "SpO2 86 %", "86 % (links)")),
    ],
)
def test_the_words_of_a_saturation_say_what_was_breathed(said: str, on_oxygen: bool | None) -> None:
    spo2 = observation({"text": "SpO2"}, valueString=said, effectiveDateTime="2026-03-02T08:00:00Z")
    assert breathing(of(spo2), DAY)[0] is on_oxygen


@pytest.mark.parametrize(
    "said", ["88-89% unter Raumluft", "88 - 89 % RA", "88/89 % on 2 l O2", "88-89% on air", "88-89%"]
)
def test_what_is_breathed_does_not_make_a_saturation_understood(said: str) -> None:
    spo2 = observation({"text": "SpO2"}, valueString=said, effectiveDateTime="2026-03-02T08:00:00Z")
    read = of(spo2).read_all()
    assert [gap.written for gap in read.gaps if "spo2" in gap.concepts] == [said]


def test_a_fraction_above_air_outweighs_a_flow_of_none_at_the_same_time() -> None:
    assert breathing(case(result("inhaled-oxygen", "0", "L/min"), result("inhaled-oxygen", "40", "%")), DAY)[0] is True


def test_the_newest_word_on_what_is_breathed_counts() -> None:
    weaned = (
        result("inhaled-oxygen", "0", "L/min"),
        result("inhaled-oxygen", "4", "L/min", "2026-03-02T06:00:00Z"),
    )
    assert breathing(case(*weaned), DAY)[0] is False


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
