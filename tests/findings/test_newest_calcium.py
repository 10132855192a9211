"""Which of several results of calcium stand now, and which of them is the gravest."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.chart.facts import Observation
from cds_service.findings.calcium import current_calcium, standing_calcium
from tests.findings.results import (
    LIMITS,
    READING,
    WEEK,
    albumin,
    case,
    moment,
    result,
    total,
)


def standing(*facts: Observation) -> list[tuple[str, Decimal]]:
    return [(found.kind, found.value.value) for found in standing_calcium(case(*facts), WEEK, READING)]


def test_of_one_kind_the_later_result_of_a_day_stands() -> None:
    assert standing(total("3.2", when="2026-03-02T06:00:00Z"), total("2.4", when="2026-03-02T08:00:00Z")) == [
        ("total", Decimal("2.4"))
    ]


def test_a_day_without_a_time_and_an_hour_of_it_both_stand() -> None:
    found = standing(total("3.2", when="2026-03-02"), total("2.4", when="2026-03-02T08:00:00Z"))
    assert sorted(value for _, value in found) == [Decimal("2.4"), Decimal("3.2")]


def test_a_final_result_replaces_the_preliminary_one_of_the_same_time() -> None:
    assert standing(total("3.2", status="preliminary"), total("2.4")) == [("total", Decimal("2.4"))]


def test_a_preliminary_result_does_not_replace_an_earlier_final_one() -> None:
    found = standing(total("3.2", when="2026-03-02T06:00:00Z"), total("2.4", status="preliminary"))
    assert sorted(value for _, value in found) == [Decimal("2.4"), Decimal("3.2")]


def test_of_the_same_time_the_later_issued_result_stands() -> None:
    first = total("3.2", issued=moment("2026-03-02T08:20:00Z"))
    second = total("2.4", issued=moment("2026-03-02T08:40:00Z"))
    assert standing(first, second) == [("total", Decimal("2.4"))]


def test_a_corrected_or_ionised_value_replaces_the_bare_total_of_the_same_blood() -> None:
    assert standing(total("2.7"), result("calcium-corrected", "2.5", "mmol/L")) == [("corrected", Decimal("2.5"))]
    assert standing(total("2.7"), result("calcium-ionised", "1.2", "mmol/L")) == [("ionised", Decimal("1.2"))]


def test_a_later_bare_total_is_not_replaced_by_an_earlier_corrected_value() -> None:
    found = standing(
        total("3.3", when="2026-03-02T08:00:00Z"),
        result("calcium-corrected", "2.5", "mmol/L", "2026-03-02T01:00:00Z"),
    )
    assert ("total", Decimal("3.3")) in found


def test_the_laboratorys_correction_replaces_ours() -> None:
    assert standing(total("2.5"), albumin("20"), result("calcium-corrected", "2.55", "mmol/L")) == [
        ("corrected", Decimal("2.55"))
    ]


def test_the_gravest_of_the_standing_results_is_taken() -> None:
    normal, high = result("calcium-corrected", "2.5", "mmol/L"), result("calcium-ionised", "1.65", "mmol/L")
    found = current_calcium(case(normal, high), WEEK, LIMITS)
    assert found is not None
    assert (found.result.kind, found.level, len(found.together)) == ("ionised", "treat", 2)


def test_an_undated_result_does_not_stand_beside_those_of_the_newest_day() -> None:
    undated = result("calcium-corrected", "3.4", "mmol/L", when="")
    assert standing(undated, result("calcium-corrected", "2.7", "mmol/L")) == [("corrected", Decimal("2.7"))]


def test_without_results_nothing_is_gravest() -> None:
    assert current_calcium(case(), WEEK, LIMITS) is None
    assert standing_calcium(case(), WEEK, READING) == ()


@pytest.mark.parametrize(("drawn", "same"), [("2026-03-02T07:00:00Z", True), ("2026-03-02T06:59:00Z", False)])
def test_results_an_hour_apart_are_of_the_same_blood(drawn: str, same: bool) -> None:
    found = standing(total("2.7"), result("calcium-ionised", "1.2", "mmol/L", drawn))
    assert (("total", Decimal("2.7")) not in found) is same


def test_of_two_preliminary_results_of_one_time_the_later_issued_one_stands() -> None:
    first = total("3.2", status="preliminary", issued=moment("2026-03-02T08:20:00Z"))
    second = total("3.4", status="preliminary", issued=moment("2026-03-02T08:40:00Z"))
    assert standing(first, second) == [("total", Decimal("3.4"))]
    assert len(standing(first, total("3.2", status="preliminary", issued=first.issued))) == 2
