"""Numbers keep their units; unlike units refuse; a limit is exact in every unit that it is stated in."""

from __future__ import annotations

import time
from decimal import Decimal
from fractions import Fraction

import pint
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cds_service.terminology.quantities import (
    Comparator,
    Limit,
    Measurement,
    Quantity,
    UnlikeUnits,
    above,
    at_least,
    at_most,
    below,
    parse_quantity,
)

TREAT = Limit((parse_quantity("3.00 mmol/L", "calcium"), parse_quantity("12.0 mg/dL", "calcium")))
LIMIT_14 = Limit((parse_quantity("14 mg/dL"),))


@pytest.mark.parametrize(
    ("text", "substance", "unit", "value"),
    [
        ("1 mmol/L", "calcium", "mg/dL", "4.008"),
        ("12.024 mg/dL", "calcium", "mmol/L", "3"),
        ("2.6 mmol/L", "calcium", "mg/dL", "10.4208"),
        ("5.2 mEq/L", "calcium", "mmol/L", "2.6"),
        ("1 mmol/L", "magnesium", "mEq/L", "2"),
        ("4 mEq/L", "potassium", "mmol/L", "4"),
        ("1 mg/dL", "creatinine", "umol/L", "88.4"),
        ("400 umol/L", "creatinine", "mg/dL", "4.524886877828054298642533936651584"),
        ("1 ng/mL", "vitamin-d", "nmol/L", "2.496"),
        ("1 pg/mL", "pth", "pmol/L", "0.106"),
        ("1 mg/dL", "magnesium", "mmol/L", "0.411"),
        ("1 mmol/L", "glucose", "mg/dL", "18.016"),
        ("1 mmol/L", "urea", "mg/dL", "2.8"),
        ("1 mmol/L", "phosphate", "mg/dL", "3.0974"),
        ("4 g/dL", "albumin", "g/L", "40"),
        ("0.91 1", "", "%", "91"),
        ("91 %", "", "1", "0.91"),
        ("800 cGy", "", "Gy", "8"),
        ("150 [lb_av]", "", "kg", "68.0388555"),
        ("70 [in_i]", "", "cm", "177.8"),
        ("250 K/uL", "", "10*9/L", "250"),
        ("30 U/L", "", "IU/L", "30"),
        ("1.5 g", "", "mg", "1500"),
        ("3.1 mmol/L", "", "mmol/L", "3.1"),
    ],
)
def test_a_quantity_converts_by_the_published_factor(text: str, substance: str, unit: str, value: str) -> None:
    assert parse_quantity(text, substance).to(unit).value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "substance", "unit"),
    [
        ("3 mmol/L", "", "mg/dL"),
        ("3 mmol/L", "albumin", "g/L"),
        ("3 mmol/L", "calcium", "mmol/kg"),
        ("3 mmol/L", "calcium", "mmol"),
        ("5 mEq/L", "creatinine", "mmol/L"),
        ("60 mL/min", "", "mL/min/1.73m2"),
        ("48 mmol/mol", "", "%"),
        ("37 Cel", "", "[degF]"),
        ("6 mo", "", "d"),
        ("4 mg", "", "%"),
        ("4 mg", "", "foo"),
    ],
)
def test_unlike_units_refuse(text: str, substance: str, unit: str) -> None:
    with pytest.raises(UnlikeUnits):
        parse_quantity(text, substance).to(unit)


def test_the_refusal_names_both_units_and_the_substance() -> None:
    with pytest.raises(UnlikeUnits, match=r"'mmol/L' into 'g/L' of albumin"):
        parse_quantity("3 mmol/L", "albumin").to("g/L")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("3.12 mmol/L", "3.12 mmol/L"),
        ("3.00 mmol/L", "3 mmol/L"),
        ("4.0 mg", "4 mg"),
        ("100 mg", "100 mg"),
        ("1E+2 mg", "100 mg"),
        ("0.91 1", "0.91"),
        ("91 %", "91%"),
        ("72 /min", "72/min"),
        ("62 mL/min/1.73m2", "62 mL/min/1.73 m2"),
        ("400 IU", "400 IU"),
        ("5 mEq/L", "5 mEq/L"),
        ("70 [lb_av]", "70 lb"),
        ("250 K/uL", "250 10^3/uL"),
        ("0.0 mg", "0 mg"),
        ("-0 mg", "0 mg"),
        ("2.9940119760 mmol/L", "2.994 mmol/L"),
        ("0.000123456789 mg", "0.0001235 mg"),
        ("1234567.891 ng/L", "1234568 ng/L"),
        ("1234567 ng/L", "1234567 ng/L"),
        ("123.456 mg", "123.456 mg"),
    ],
)
def test_a_quantity_is_written_without_trailing_zeros_and_noise(text: str, written: str) -> None:
    assert str(parse_quantity(text)) == written


@pytest.mark.parametrize(
    "text", ["", "3.1", "mmol/L", "> 3.1 mmol/L", "three mmol/L", "3.1 foo", "NaN mg", "1e999 mg", "3-5 mg"]
)
def test_a_number_without_a_unit_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="unit"):
        parse_quantity(text)


def test_a_mistyped_unit_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown unit 'mmoll' in '3.1 mmoll'.*'mmol/L'"):
        parse_quantity("3.1 mmoll")


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("3.00 mmol/L", 0),
        ("2.99 mmol/L", -1),
        ("3.01 mmol/L", 1),
        ("12.0 mg/dL", 0),
        ("11.9 mg/dL", -1),
        ("12.01 mg/dL", 1),
        ("6.00 mEq/L", 0),
        ("3000 umol/L", 0),
        ("120 mg/L", 0),
    ],
)
def test_a_result_is_compared_in_the_unit_it_was_reported_in(text: str, side: int) -> None:
    assert TREAT.compare(parse_quantity(text, "calcium")) == side


def test_a_limit_is_given_as_stated_scaled_or_converted() -> None:
    assert TREAT.for_unit("mg/dl") == parse_quantity("12.0 mg/dL", "calcium")
    assert TREAT.for_unit("mg/L") == parse_quantity("120 mg/L", "calcium")
    assert TREAT.for_unit("mEq/L") == parse_quantity("6 mEq/L", "calcium")
    assert str(TREAT) == "3 mmol/L (12 mg/dL)"
    assert str(LIMIT_14) == "14 mg/dL"


def test_the_limit_lends_its_substance_to_a_result_that_names_none() -> None:
    assert Limit((parse_quantity("88.4 umol/L", "creatinine"),)).compare(parse_quantity("1 mg/dL")) == 0


@pytest.mark.parametrize("unit", ["g/dL/kg", "%", "foo", "mmol"])
def test_a_limit_refuses_unlike_units(unit: str) -> None:
    with pytest.raises(UnlikeUnits):
        TREAT.for_unit(unit)


def test_comparing_unlike_units_or_nothing_is_open_and_never_a_no() -> None:
    for compare in (above, at_least, below, at_most):
        assert compare(Measurement(parse_quantity("15 %")), LIMIT_14) is None
        assert compare(None, LIMIT_14) is None
        assert compare(Measurement(parse_quantity("15 mg/dL")), None) is None
    assert LIMIT_14.side(parse_quantity("15 %")) is None
    assert parse_quantity("15 %").converted("mg/dL") is None
    with pytest.raises(UnlikeUnits):
        LIMIT_14.compare(parse_quantity("15 %"))


@pytest.mark.parametrize(
    ("comparator", "value", "is_above", "is_at_least"),
    [
        ("", "13", False, False),
        ("", "14", False, True),
        ("", "15", True, True),
        (">", "12", None, None),
        (">", "14", True, True),
        (">", "15", True, True),
        (">=", "13", None, None),
        (">=", "14", None, True),
        (">=", "15", True, True),
        ("<", "10", False, False),
        ("<", "14", False, False),
        ("<", "20", None, None),
        ("<=", "13", False, False),
        ("<=", "14", False, None),
        ("<=", "15", None, None),
    ],
)
def test_a_comparator_decides_only_what_it_can(
    comparator: Comparator, value: str, is_above: bool | None, is_at_least: bool | None
) -> None:
    result = Measurement(parse_quantity(f"{value} mg/dL"), comparator)
    assert above(result, LIMIT_14) is is_above
    assert at_least(result, LIMIT_14) is is_at_least
    assert at_most(result, LIMIT_14) is (None if is_above is None else not is_above)
    assert below(result, LIMIT_14) is (None if is_at_least is None else not is_at_least)


_PINT: pint.UnitRegistry[Fraction] = pint.UnitRegistry(non_int_type=Fraction)
_IN_PINT = {
    "mass": {"g": "g", "kg": "kg", "mg": "mg", "ug": "ug", "ng": "ng", "pg": "pg", "[lb_av]": "lb", "[oz_av]": "oz"},
    "amount": {"mol": "mol", "mmol": "mmol", "umol": "umol", "nmol": "nmol", "pmol": "pmol"},
    "volume": {"L": "L", "dL": "dL", "mL": "mL", "uL": "uL"},
    "length": {"m": "m", "cm": "cm", "mm": "mm", "[in_i]": "inch", "[ft_i]": "foot"},
    "time": {"s": "s", "min": "min", "h": "hour", "d": "day", "wk": "week"},
    "dose": {"Gy": "Gy", "cGy": "cGy", "mGy": "mGy"},
    "radioactivity": {"Bq": "Bq", "kBq": "kBq", "MBq": "MBq"},
    "fraction": {"1": "dimensionless", "%": "percent"},
}
_ALIKE = [(a, b) for kind in _IN_PINT.values() for a in kind.items() for b in kind.items()]
_NUMBERS = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal("99999"), places=4)


@given(
    st.sampled_from(_ALIKE),
    st.sampled_from([("", ""), ("/L", "/L"), ("/dL", "/dL"), ("/kg", "/kg"), ("/h", "/hour")]),
    _NUMBERS,
)
def test_like_units_convert_as_pint_says(
    pair: tuple[tuple[str, str], tuple[str, str]], over: tuple[str, str], number: Decimal
) -> None:
    (unit, in_pint), (target, target_in_pint) = pair
    ours = Quantity(number, unit + over[0]).to(target + over[0]).value
    theirs = _PINT.Quantity(Fraction(number), in_pint + over[1]).to(target_in_pint + over[1]).magnitude
    assert abs(Fraction(ours) - theirs) <= abs(theirs) * Fraction(1, 10**20)


_SUBSTANCES = {
    "calcium": ("mmol/L", "mg/dL", "umol/L", "mg/L", "mEq/L"),
    "creatinine": ("umol/L", "mg/dL", "mmol/L"),
    "vitamin-d": ("nmol/L", "ng/mL", "ug/L"),
    "pth": ("pmol/L", "pg/mL", "ng/L"),
    "glucose": ("mmol/L", "mg/dL"),
    "albumin": ("g/L", "g/dL", "mg/dL"),
}
_MEASURES = st.sampled_from([(s, a, b) for s, units in _SUBSTANCES.items() for a in units for b in units])


@given(_MEASURES, _NUMBERS)
def test_there_and_back_is_the_same_quantity(measure: tuple[str, str, str], number: Decimal) -> None:
    substance, unit, other = measure
    start = parse_quantity(f"{number} {unit}", substance)
    back = start.to(other).to(unit)
    assert abs(back.value - start.value) <= abs(start.value) * Decimal("1e-30")


@given(_MEASURES, _NUMBERS, _NUMBERS)
def test_conversion_keeps_the_order_of_quantities(measure: tuple[str, str, str], one: Decimal, two: Decimal) -> None:
    substance, unit, other = measure
    limit = Limit((parse_quantity(f"{two} {unit}", substance),))
    converted = parse_quantity(f"{one} {unit}", substance).to(other)
    assume(one != two)
    assert limit.compare(converted) == (one > two) - (one < two)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6, places=3))
def test_a_written_quantity_of_few_figures_is_read_back(number: Decimal) -> None:
    assume(len(number.normalize().as_tuple().digits) <= 6)
    quantity = Quantity(number, "mL/min/{1.73_m2}")
    assert parse_quantity(str(quantity)) == quantity


@pytest.mark.parametrize(
    ("written", "is_one"),
    [
        ("0", True),
        ("-0.00", True),
        ("3.10", True),
        ("1e60", True),
        ("1e61", False),
        ("-1e61", False),
        ("1e-60", True),
        ("1e-61", False),
        ("1.5e-60", True),
        (f"1.{'5' * 99}", True),
        (f"1.{'5' * 100}", False),
        ("0E-10000000", False),
        ("0E+10000000", False),
        ("1e-10000000", False),
        ("1e10000000", False),
        ("NaN", False),
        ("sNaN", False),
        ("Infinity", False),
        ("-Infinity", False),
    ],
)
def test_a_quantity_takes_no_number_that_no_measurement_has(written: str, is_one: bool) -> None:
    began = time.thread_time()
    try:
        assert str(Quantity(Decimal(written), "mg/dL"))
        taken = True
    except ValueError as refused:
        assert not isinstance(refused, UnlikeUnits)
        taken = False
    assert taken is is_one
    assert time.thread_time() - began < 0.1
