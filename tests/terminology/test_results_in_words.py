"""Numbers as laboratories write them: comparators, units behind them, decimal and thousands marks; and what is no number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.knowledge.cards import Knowledge
from cds_service.terminology.quantities import parse_number
from cds_service.terminology.results import Result, Results
from cds_service.terminology.units import normalise_unit
from cds_service.terminology.vocabulary import Comparator


@pytest.fixture(scope="module")
def results(knowledge: Knowledge) -> Results:
    return knowledge.codebook.results


@pytest.mark.parametrize(
    ("text", "value", "comparator", "unit"),
    [
        ("12.9", "12.9", "", None),
        ("GT 45", "45", ">", None),
        ("gt45", "45", ">", None),
        ("LT 5", "5", "<", None),
        (">15.0 mg/dL", "15.0", ">", "mg/dL"),
        ("> 15.0", "15.0", ">", None),
        ("<1.0", "1.0", "<", None),
        (">=90", "90", ">=", None),
        ("≥ 90", "90", ">=", None),
        ("≤3.1 mmol/L", "3.1", "<=", "mmol/L"),
        ("=> 5", "5", ">=", None),
        ("&gt;15", "15", ">", None),
        ("greater than 45", "45", ">", None),
        ("less  than 5 mg/dL", "5", "<", "mg/dL"),
        ("= 5", "5", "", None),
        ("> 60 mL/min/1.73m2", "60", ">", "mL/min/{1.73_m2}"),
        ("91 %", "91", "", "%"),
        ("91%", "91", "", "%"),
        ("12.4mg/dL", "12.4", "", "mg/dL"),
        ("12,4", "12.4", "", None),
        ("12,4 mg/dL", "12.4", "", "mg/dL"),
        ("12.9 H", "12.9", "", None),
        ("12.9 (H)", "12.9", "", None),
        ("12.9 mg/dL H", "12.9", "", "mg/dL"),
        ("12.9 mg/dL (High)", "12.9", "", "mg/dL"),
        ("1.9 mmol/L L", "1.9", "", "mmol/L"),
        ("12.9*", "12.9", "", None),
        ("12.9 (mg/dL)", "12.9", "", "mg/dL"),
        ("2 L", "2", "", "L"),
        ("2 L/min", "2", "", "L/min"),
        ("7/10", "7", "", None),
        ("7 out of 10", "7", "", None),
        ("250 x10^9/L", "250", "", "10*9/L"),
        ("-1.5", "-1.5", "", None),
        ("5.", "5", "", None),
        (".5", "0.5", "", None),
        ("0", "0", "", None),
        (" 3.1\n", "3.1", "", None),
    ],
)
def test_a_laboratory_value_in_words_is_read(
    results: Results, text: str, value: str, comparator: Comparator, unit: str | None
) -> None:
    assert results.read(text) == Result(Decimal(value), comparator, unit)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "see note",
            "haemolysed",
            "pending",
            "+",
            "++",
            "+++",
            "1+",
            "2+",
            "NaN",
            "nan",
            "inf",
            "-inf",
            "None",
            "null",
        ),
        *(
            "3-5",
            "3 - 5",
            "3.1-3.4 mmol/L",
            "1:20",
            "<1:20",
            "11/10",
            "7/12",
            "2026-03-02",
            "10:30",
            "3.1 see note",
            "3.1 foo",
        ),
        *(
            "<>5",
            "><5",
            ">",
            "<",
            "> mg/dL",
            "1e400",
            "1e-400",
            "1e99999999999",
            "9" * 30,
            "12..4",
            "1,2,3",
            "1,23,456",
            "--5",
            "٣",
        ),
        *("3.1 mmol/L see note", "approx 5", "x" * 5000, ">" * 5000, "1" * 5000, "1," * 5000),
    ],
)
def test_what_is_not_wholly_a_number_is_no_value(results: Results, text: str) -> None:
    assert results.read(text) is None


@pytest.mark.parametrize(
    ("text", "value", "unit", "low", "high"),
    [
        ("3,02 mmol/L (N : 2,20-2,60)", "3.02", "mmol/L", "2.20", "2.60"),
        ("3,12 mmol/L (N 2,15-2,55)", "3.12", "mmol/L", "2.15", "2.55"),
        ("3,12 mmol/L N 2,15-2,55", "3.12", "mmol/L", "2.15", "2.55"),
        ("2.9 mmol/l [2.20 - 2.60]", "2.9", "mmol/L", "2.20", "2.60"),
        ("3.02 (H) mmol/L ref 2.2-2.6", "3.02", "mmol/L", "2.2", "2.6"),
        ("14.5 mg/dL (8.5-10.5)", "14.5", "mg/dL", "8.5", "10.5"),
        ("3.02 H (2.20–2.60 mmol/L)", "3.02", "mmol/L", "2.20", "2.60"),
        ("12.4 mg/dL (normal <10.5)", "12.4", "mg/dL", None, "10.5"),
        ("55 mL/min (ref. >= 60)", "55", "mL/min", "60", None),
        ("3,1 mmol/l (Norm: 2,2 - 2,6 mmol/l)", "3.1", "mmol/L", "2.2", "2.6"),
        ("3.4 mmol/L H Referenzbereich 2,15-2,50", "3.4", "mmol/L", "2.15", "2.50"),
        ("3,05 mmol/L (VN: 2,20 à 2,60)", "3.05", "mmol/L", "2.20", "2.60"),
        ("2,95 mmol/L (V.R. 2,15-2,55)", "2.95", "mmol/L", "2.15", "2.55"),
        ("12,9 mg/dL (valori di riferimento 8,6-10,2)", "12.9", "mg/dL", "8.6", "10.2"),
        ("3,1 mmol/l, referentiewaarden 2,10-2,55", "3.1", "mmol/L", "2.10", "2.55"),
        ("ref 2.2-2.6: 3.02 mmol/L", "3.02", "mmol/L", "2.2", "2.6"),
        ("7 (0-10)", "7", None, None, None),  # without a unit it may be the scale
        ("12.4 mg/dL (2.2-2.6 mmol/L)", "12.4", "mg/dL", None, None),
    ],
)
def test_a_normal_range_beside_a_value_is_the_range_and_never_the_value(
    results: Results, text: str, value: str, unit: str | None, low: str | None, high: str | None
) -> None:
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    assert results.read(text) == Result(Decimal(value), "", unit, *ends)


@pytest.mark.parametrize(
    "text",
    [
        "(2.2-2.6)",
        "ref 2.2-2.6 mmol/L",
        "Norm: 2,2-2,6",
        "2.9 mmol/L (2-3 times)",
        "2.9 mmol/L (2.6-2.2)",
        "3.02 2.2-2.6",
    ],
)
def test_a_range_alone_or_of_something_else_makes_no_value(results: Results, text: str) -> None:
    assert results.read(text) is None


def test_a_sentence_tells_its_result_beside_the_normal_range(results: Results) -> None:
    (stated,) = results.within("Calcium 3,02 mmol/L (Norm 2,20-2,60), telefonisch durchgegeben") or ()
    assert (stated.value, stated.high) == (Decimal("3.02"), Decimal("2.60"))
    assert results.within("Calcium 3.1 mmol/L, previous 2.9 mmol/L (2.2-2.6)") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.4", "12.4"),
        ("12,4", "12.4"),
        ("12,45", "12.45"),
        ("12,4567", "12.4567"),
        ("1,234", "1234"),
        ("12,345", "12345"),
        ("999,999", "999999"),
        ("0,123", "0.123"),
        ("00,123", "0.123"),
        ("1234,567", "1234.567"),
        ("1.234", "1.234"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1,234,567.89", "1234567.89"),
        ("1e3", "1000"),
        ("1.5E-2", "0.015"),
        ("+5", "5"),
        ("−5", "-5"),
    ],
)
def test_a_comma_before_three_digits_marks_thousands_unless_that_makes_no_sense(text: str, number: str) -> None:
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["", ".", ",", "1,23,456", "1,2345,678", "1.2.3", "1,234,56", "1,234.567.890,1", "1e16", "1e-16", "0x10", "1_000"],
)
def test_marks_that_make_no_sense_make_no_number(text: str) -> None:
    assert parse_number(text) is None


@given(st.text(alphabet="0123456789.,eE+-<>=≥≤ %mgdL/GTLxµ()*H", max_size=40))
def test_any_text_is_a_finite_result_or_none(results: Results, text: str) -> None:
    result = results.read(text)
    if result is not None:
        assert result.value.is_finite()
        assert result.unit is None or normalise_unit(result.unit) == result.unit


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=2))
def test_the_same_number_is_read_with_point_comma_and_thousands(number: Decimal) -> None:
    american = f"{number:,.2f}"
    european = american.translate(str.maketrans(",.", ".,"))
    assert parse_number(f"{number:.2f}") == parse_number(american) == parse_number(european) == number
