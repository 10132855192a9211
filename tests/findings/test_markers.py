"""Tumour markers: missing, very high, rising."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cds_service.findings.markers import (
    MarkerReading,
    MarkersOf,
    UsualLimit,
    missing_markers,
    rising_markers,
    telling_markers,
    very_high_markers,
)
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity
from cds_service.terminology.tables import Table
from tests.findings.scenes import condition, scene

LOOKBACK = Span(days=90)
USUAL = Table(("psa",), (UsualLimit(Limit((Quantity(Decimal(4), "ng/mL"),))),))
MARKERS = Table(
    ("prostate-cancer", "breast-cancer", "germ-cell-tumour", "unknown-primary"),
    (
        MarkersOf("prostate-cancer", everybody=("psa",)),
        MarkersOf("breast-cancer", everybody=("ca15-3",)),
        MarkersOf("germ-cell-tumour", everybody=("afp", "ldh")),
        MarkersOf("unknown-primary", women=("ca125",), men=("psa",), young_men=("afp",)),
    ),
)
READING = MarkerReading(MARKERS, USUAL, young_below=40, very_high_times=Decimal(10), rise_percent=Decimal(25))
UNLIMITED = replace(READING, usual_limits=Table((), ()))


def psa(value: str, when: str = "5 d", high: str = "4 ng/mL", **more: Any) -> dict[str, Any]:
    return {"observation": "psa", "value": f"{value} ng/mL", "high": high, "when": when, **more}


def test_what_was_neither_measured_nor_ordered_is_missing() -> None:
    case = scene(psa("3"), {"order": "cea", "when": "2 d"})
    assert missing_markers(case, LOOKBACK, "psa", "cea", "afp") == ("afp",)


def test_one_of_the_two_breast_markers_is_enough() -> None:
    case = scene({"observation": "ca27-29", "value": "20 U/mL", "when": "90 d"})
    assert missing_markers(case, LOOKBACK, "ca15-3") == ()
    assert missing_markers(scene(), LOOKBACK, "ca15-3") == ("ca15-3",)


@pytest.mark.parametrize(
    ("fact", "high"),
    [
        (psa("39.9"), False),
        (psa("40"), True),
        (psa("40", high=""), True),
        (psa("39.9", high=""), False),
        (psa("45", high="6.5 ng/mL"), False),
        ({"observation": "psa", "value": "400 mg/dL", "when": "5 d"}, True),
        ({"observation": "psa", "value": "400 U/L", "when": "5 d"}, False),
        (psa("400", "91 d"), False),
        (psa("400", status="preliminary"), False),
        ({"observation": "psa", "string": ">100 ng/mL", "high": "4 ng/mL", "when": "5 d"}, True),
        ({"observation": "psa", "string": "<100 ng/mL", "high": "4 ng/mL", "when": "5 d"}, False),
    ],
)
def test_very_high(fact: dict[str, Any], high: bool) -> None:
    assert bool(very_high_markers(scene(fact), LOOKBACK, READING, "psa")) is high


@pytest.mark.parametrize(
    ("newest", "before", "rises"),
    [
        (psa("12.5"), psa("10", "60 d"), True),
        (psa("12.4"), psa("10", "60 d"), False),
        (psa("3.9"), psa("1", "60 d"), False),
        (psa("4"), psa("1", "60 d"), False),
        (psa("4.1"), psa("1", "60 d"), True),
        (psa("10"), psa("12", "60 d"), False),
        (psa("12.5"), psa("0", "60 d"), False),
        (psa("20", "91 d"), psa("10", "200 d"), False),
        (psa("20", comparator="<"), psa("10", "60 d"), False),
        (psa("20"), psa("10", "60 d", comparator=">"), False),
        (psa("20", status="preliminary"), psa("10", "60 d"), False),
        (psa("20"), psa("10", "60 d", status="preliminary"), False),
    ],
)
def test_rising(newest: dict[str, Any], before: dict[str, Any], rises: bool) -> None:
    assert bool(rising_markers(scene(newest, before), LOOKBACK, READING, "psa")) is rises


def test_two_results_of_one_day_are_no_rise() -> None:
    assert not rising_markers(scene(psa("20"), psa("10")), LOOKBACK, READING, "psa")


def test_without_any_limit_a_marker_is_neither_very_high_nor_rising() -> None:
    case = scene(psa("400", high=""), psa("100", when="60 d", high=""))
    assert very_high_markers(case, LOOKBACK, UNLIMITED, "psa") == ()
    assert rising_markers(case, LOOKBACK, UNLIMITED, "psa") == ()


def test_a_laboratory_limit_of_nothing_gives_way_to_the_usual_one() -> None:
    assert very_high_markers(scene(psa("39", high="0 ng/mL")), LOOKBACK, READING, "psa") == ()


def test_an_undated_marker_is_not_the_one_before() -> None:
    assert rising_markers(scene(psa("20"), psa("10", when="")), LOOKBACK, READING, "psa") == ()


def topics(*facts: dict[str, Any], **patient: Any) -> set[str]:
    case = scene(*facts, **patient)
    return set(telling_markers(case, READING))


def test_a_marker_belongs_to_its_cancer() -> None:
    assert topics(condition("lung-cancer", "900 d")) == set()
    assert topics(condition("prostate-cancer", "900 d"), condition("lung-cancer", "90 d")) == {"psa"}


def test_both_breast_markers_tell_and_ldh_does_not() -> None:
    assert topics(condition("breast-cancer", "900 d")) == {"ca15-3", "ca27-29"}
    assert topics(condition("germ-cell-tumour", "900 d")) == {"afp"}


def test_without_a_named_primary_any_marker_tells() -> None:
    assert topics(condition("bone-metastasis", "20 d")) == {"psa", "ca15-3", "ca27-29", "afp", "ca125"}
