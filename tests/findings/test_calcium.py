"""Calcium: corrected once and never twice, and judged in its own unit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cds_service.chart.facts import Observation
from cds_service.findings.bone_agent_safety import CalciumLevels
from cds_service.findings.calcium import (
    firm_level,
    level,
    unreadable_calcium,
)
from cds_service.terminology.quantities import Limit
from tests.findings.results import (
    LIMITS,
    READING,
    WEEK,
    albumin,
    case,
    limit,
    quantity,
    result,
    results_of,
    total,
)


@pytest.mark.parametrize(
    ("calcium", "unit", "serum_albumin", "albumin_unit", "expected"),
    [
        ("3.1", "mmol/L", "20", "g/L", "3.50"),
        ("12.4", "mg/dL", "2.0", "g/dL", "14.00"),
        ("3.1", "mmol/L", "2.0", "g/dL", "3.50"),
        ("12.4", "mg/dL", "20", "g/L", "14.00"),
        ("2.5", "mmol/L", "40", "g/L", "2.5"),
        ("2.7", "mmol/L", "46", "g/L", "2.58"),
    ],
)
def test_calcium_is_corrected_in_its_own_unit(
    calcium: str, unit: str, serum_albumin: str, albumin_unit: str, expected: str
) -> None:
    (corrected,) = results_of(total(calcium, unit), albumin(serum_albumin, albumin_unit))
    assert (corrected.value.value, corrected.value.unit) == (Decimal(expected), unit)


def test_another_unit_of_calcium_is_brought_to_mmol_per_litre() -> None:
    (corrected,) = results_of(total("6.2", "meq/L"), albumin("20"))
    assert (corrected.value.value, corrected.value.unit) == (Decimal("3.5"), "mmol/L")


@pytest.mark.parametrize("concept", ["calcium-corrected", "calcium-ionised"])
def test_a_corrected_or_ionised_value_is_never_corrected_again(concept: str) -> None:
    (found,) = results_of(result(concept, "2.55", "mmol/L"), albumin("20"))
    assert found.value.value == Decimal("2.55")
    assert found.albumin is None


def test_a_value_corrected_for_total_protein_is_not_used() -> None:
    protein = result("calcium-protein-corrected", "3.2", "mmol/L")
    both = result(
        "calcium-corrected", "3.2", "mmol/L", concepts=frozenset({"calcium-corrected", "calcium-protein-corrected"})
    )
    assert results_of(protein, both) == ()


@pytest.mark.parametrize(
    ("when", "used"),
    [
        ("2026-03-01T08:00:00Z", True),
        ("2026-03-01T07:59:00Z", False),
        ("2026-03-03T08:00:00Z", True),
        ("2026-03-03T08:01:00Z", False),
        ("2026-03-01", True),
        ("2026-02-28", False),
        ("2026-03-02T09:30:00+02:00", True),
    ],
)
def test_albumin_corrects_within_its_window_on_either_side(when: str, used: bool) -> None:
    (found,) = results_of(total("2.5"), albumin("20", when=when))
    assert found.kind == ("corrected" if used else "total")


def test_the_albumin_nearest_in_time_corrects() -> None:
    (found,) = results_of(
        total("2.5"), albumin("20", when="2026-03-01T20:00:00Z"), albumin("30", when="2026-03-02T07:00:00Z")
    )
    assert found.albumin is not None
    assert found.albumin.value == quantity("30", "g/L", "albumin")


@pytest.mark.parametrize(
    "useless",
    [
        albumin("20", comparator="<"),
        albumin("3.2"),
        albumin("4.9"),
        albumin("71"),
        albumin("0.4", "g/dL"),
        albumin("none", ""),
        albumin("20", when=""),
    ],
)
def test_an_albumin_that_is_open_absurd_or_undated_corrects_nothing(useless: Observation) -> None:
    (found,) = results_of(total("2.5"), useless)
    assert (found.kind, found.value.value) == ("total", Decimal("2.5"))


@pytest.mark.parametrize("edge", [albumin("5"), albumin("70"), albumin("0.5", "g/dL"), albumin("7.0", "g/dL")])
def test_an_albumin_at_the_edge_of_what_can_be_corrects(edge: Observation) -> None:
    (found,) = results_of(total("2.5"), edge)
    assert found.kind == "corrected"


@pytest.mark.parametrize(
    ("when", "used"), [("2026-02-24", True), ("2026-02-23", True), ("2026-02-22", False), ("", False)]
)
def test_a_calcium_counts_for_seven_days(when: str, used: bool) -> None:
    assert bool(results_of(total("3.2", when=when))) is used


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("2.60", "mmol/L", "normal"),
        ("2.601", "mmol/L", "raised"),
        ("2.99", "mmol/L", "raised"),
        ("3.00", "mmol/L", "treat"),
        ("3.49", "mmol/L", "treat"),
        ("3.50", "mmol/L", "severe"),
        ("10.4", "mg/dL", "normal"),
        ("10.5", "mg/dL", "raised"),
        ("11.99", "mg/dL", "raised"),
        ("12.0", "mg/dL", "treat"),
        ("13.99", "mg/dL", "treat"),
        ("14.0", "mg/dL", "severe"),
        ("6.0", "meq/L", "treat"),
        ("5.99", "meq/L", "raised"),
    ],
)
def test_a_total_calcium_is_judged_in_the_unit_that_it_came_in(value: str, unit: str, expected: str) -> None:
    (found,) = results_of(total(value, unit))
    assert level(found, LIMITS) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("1.30", "mmol/L", "normal"),
        ("1.31", "mmol/L", "raised"),
        ("1.49", "mmol/L", "raised"),
        ("1.50", "mmol/L", "treat"),
        ("1.79", "mmol/L", "treat"),
        ("1.80", "mmol/L", "severe"),
        ("5.2", "mg/dL", "normal"),
        ("5.3", "mg/dL", "raised"),
        ("6.1", "mg/dL", "treat"),
        ("7.3", "mg/dL", "severe"),
    ],
)
def test_an_ionised_calcium_has_limits_of_its_own(value: str, unit: str, expected: str) -> None:
    (found,) = results_of(result("calcium-ionised", value, unit))
    assert level(found, LIMITS) == expected


@pytest.mark.parametrize(
    ("value", "unit", "kind", "expected"),
    [
        ("1.2", "mmol/L", "ionised", "normal"),
        ("1.89", "mmol/L", "ionised", "severe"),
        ("1.90", "mmol/L", "ionised", "severe"),
        ("1.91", "mmol/L", "total", "normal"),
        ("2.35", "mmol/L", "total", "normal"),
        ("3.2", "mmol/L", "total", "treat"),
        ("4.8", "mg/dL", "ionised", "normal"),
        ("9.2", "mg/dL", "total", "normal"),
        ("12.9", "mg/dL", "total", "treat"),
    ],
)
def test_a_calcium_named_by_its_symbol_alone_is_ionised_only_where_one_can_be(
    value: str, unit: str, kind: str, expected: str
) -> None:
    both = frozenset({"calcium-total", "calcium-ionised"})
    (found,) = results_of(result("calcium-ionised", value, unit, concepts=both))
    assert (found.kind, level(found, LIMITS)) == (kind, expected)


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [
        (">", "3.5", "severe"),
        (">", "3.8", "severe"),
        (">", "3.2", "treat"),
        (">", "2.7", "raised"),
        (">", "2.6", "raised"),
        (">", "2.2", "unknown"),
        (">=", "3.5", "severe"),
        ("<", "2.0", "normal"),
        ("<", "2.6", "normal"),
        ("<", "3.2", "unknown"),
        ("<=", "2.6", "normal"),
    ],
)
def test_a_comparator_says_as_much_as_it_can(comparator: str, value: str, expected: str) -> None:
    (found,) = results_of(total(value, comparator=comparator))
    assert level(found, LIMITS) == expected


@pytest.mark.parametrize(("high", "expected"), [("2.55", "raised"), ("2.58", "normal"), ("2.65", "normal")])
def test_the_laboratorys_own_upper_limit_wins(high: str, expected: str) -> None:
    (found,) = results_of(total("2.58", high=quantity(high, "mmol/L", "calcium")))
    assert level(found, LIMITS) == expected


def test_the_laboratorys_limit_does_not_move_the_treatment_level() -> None:
    (found,) = results_of(total("3.0", high=quantity("3.2", "mmol/L", "calcium")))
    assert level(found, LIMITS) == "treat"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4.8", True),
        (">4.8", True),
        ("13.2 of something", True),
        ("see note", False),
        ("haemolysed", False),
        ("", False),
    ],
)
def test_a_number_that_no_unit_fits_is_unreadable(text: str, found: bool) -> None:
    assert bool(unreadable_calcium(case(total("x", "", text=text)), WEEK, None)) is found


def test_an_old_or_a_readable_number_is_not_unreadable() -> None:
    assert unreadable_calcium(case(total("4.8", "", when="2026-02-20"), total("2.4")), WEEK, None) == ()


@pytest.mark.parametrize(
    ("value", "unit", "severe"),
    [
        ("13.2", "mg/dL", False),
        ("14", "mg/dL", True),
        ("15", "mg/dL", True),
        ("3.6", "mmol/L", False),
        ("13.9", "mmol/L", False),
        ("14", "mmol/L", True),
    ],
)
def test_a_number_without_a_unit_is_severe_only_when_it_is_in_every_unit(value: str, unit: str, severe: bool) -> None:
    (found,) = results_of(total(value, unit, unit_assumed=True))
    assert firm_level(found, LIMITS) == ("severe" if severe else "raised")


def test_less_than_fifteen_without_a_unit_is_not_severe() -> None:
    (found,) = results_of(total("15", "mg/dL", unit_assumed=True, comparator="<"))
    assert firm_level(found, LIMITS) != "severe"


def test_an_albumin_without_a_unit_leaves_the_measured_total_firm() -> None:
    (grave,) = results_of(total("3.6"), albumin("38", unit_assumed=True))
    assert (level(grave, LIMITS), firm_level(grave, LIMITS)) == ("severe", "severe")
    (mild,) = results_of(total("2.65"), albumin("20", unit_assumed=True))
    assert (level(mild, LIMITS), firm_level(mild, LIMITS)) == ("treat", "raised")


def lower(stated: Limit) -> CalciumLevels:
    return CalciumLevels(calcium_age=WEEK, reading=READING, calcium_lower_limit=stated)


@pytest.mark.parametrize(
    ("value", "comparator", "low", "expected"),
    [
        ("2.09", "", None, True),
        ("2.10", "", None, False),
        ("2.15", "", "2.2", True),
        ("2.05", "", "2.0", False),
        ("2.0", "<", None, True),
        ("2.5", "<", None, None),
    ],
)
def test_low_means_below_the_laboratorys_limit_else_below_ours(
    value: str, comparator: str, low: str | None, expected: bool | None
) -> None:
    given = total(value, comparator=comparator, low=quantity(low, "mmol/L", "calcium") if low else None)
    (found,) = results_of(given)
    assert lower(limit(("2.10", "mmol/L"), ("8.4", "mg/dL"), substance="calcium")).is_low(found) is expected


def test_a_limit_in_an_unlike_unit_leaves_the_level_open() -> None:
    odd = Limit((quantity("1", "kg"),))
    (found,) = results_of(total("3.2"))
    limits = replace(LIMITS, upper_limit=odd, treat_at=odd, severe_at=odd)
    assert level(found, limits) == "unknown"
    assert lower(odd).is_low(found) is None


def test_what_is_not_final_says_so() -> None:
    (final,) = results_of(total("3.0"), albumin("30"))
    assert (final.described, final.preliminary) == ("corrected", False)
    (open_albumin,) = results_of(total("3.0"), albumin("30", status="preliminary"))
    assert (open_albumin.described, open_albumin.preliminary) == ("preliminary corrected", True)
    (bare,) = results_of(total("3.0", status="preliminary"))
    assert bare.described == "preliminary total"


def test_a_final_albumin_goes_before_a_nearer_preliminary_one() -> None:
    (found,) = results_of(total("3.0"), albumin("30", status="preliminary"), albumin("40", when="2026-03-02T02:00:00Z"))
    assert found.value.value == Decimal("3.0")


def test_a_final_albumin_makes_the_corrected_value_firm() -> None:
    (found,) = results_of(total("2.9"), albumin("20"))
    assert firm_level(found, LIMITS) == "treat"
