"""Numbers as laboratories write them: comparators, units behind them, decimal and thousands marks; and what is no number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.terminology.quantities import (
    Comparator,
    Result,
    normalise_unit,
    parse_number,
    parse_result,
)


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
def test_a_laboratory_value_in_words_is_read(text: str, value: str, comparator: Comparator, unit: str | None) -> None:
    assert parse_result(text) == Result(Decimal(value), comparator, unit)


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
def test_what_is_not_wholly_a_number_is_no_value(text: str) -> None:
    assert parse_result(text) is None


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
def test_any_text_is_a_finite_result_or_none(text: str) -> None:
    result = parse_result(text)
    if result is not None:
        assert result.value.is_finite()
        assert result.unit is None or normalise_unit(result.unit) == result.unit


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=2))
def test_the_same_number_is_read_with_point_comma_and_thousands(number: Decimal) -> None:
    american = f"{number:,.2f}"
    european = american.translate(str.maketrans(",.", ".,"))
    assert parse_number(f"{number:.2f}") == parse_number(american) == parse_number(european) == number
