"""A unit has one form, however a record spells it, in every language; what is no unit has none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.knowledge.cards import Knowledge
from cds_service.terminology.units import normalise_unit


@pytest.mark.parametrize(
    ("unit", "ways"),
    [
        (
            "mg/dL",
            [
                "mg/dL",
                "mg/dl",
                "MG/DL",
                "mg%",
                "Mg %",
                "mg/100 mL",
                "mg per dL",
                "mg.dL-1",
                " mg/dL ",
                "mg/dl.",
                "mg/dL{calc}",
            ],
        ),
        ("mmol/L", ["mmol/L", "mmol/l", "MMOL/L", "mmol.L-1", "mmol L-1", "mmol·L⁻¹", "mmol/litre", "millimol/L"]),
        ("umol/L", ["umol/L", "umol/l", "µmol/L", "μmol/L", "mcmol/L", "micromol/L", "UMOL/L"]),
        ("nmol/L", ["nmol/L", "NMOL/L"]),
        ("g/L", ["g/L", "g/l", "G/L", "gm/L"]),
        ("g/dL", ["g/dL", "gm/dL", "g/dl", "g%", "gm%", "G/DL"]),
        ("ng/mL", ["ng/mL", "ng/ml", "NG/ML"]),
        ("pg/mL", ["pg/mL", "PG/ML"]),
        ("pmol/L", ["pmol/L"]),
        ("meq/L", ["mEq/L", "meq/l", "MEQ/L", "mval/L"]),
        ("%", ["%", "{percent}", "percent", "%{saturation}", "pct"]),
        ("1", ["1", "{score}", "{INR}", "{}", "points", "lesions"]),
        ("kg", ["kg", "KG", "kgs", "kilograms"]),
        ("[lb_av]", ["[lb_av]", "lb", "lbs", "LB", "pounds"]),
        ("cm", ["cm", "CM"]),
        ("m", ["m", "metres"]),
        ("[in_i]", ["[in_i]", "in", "inches"]),
        ("mL/min", ["mL/min", "ml/min", "mL/minute", "cc/min"]),
        (
            "mL/min/{1.73_m2}",
            [
                *(
                    "mL/min/{1.73_m2}",
                    "mL/min/1.73m2",
                    "mL/min/1.73 m2",
                    "ml/min/1.73m²",
                    "mL/min/1.73 m^2",
                    "mL/min/1.73",
                ),
                *("mL/min/(1.73m2)", "mL/min/1.73 sqm", "mL/min per 1.73 m2", "mL/min/1.73_m2", "mL/min/{1.73m2}"),
            ],
        ),
        ("U/L", ["U/L", "u/l", "units/L"]),
        ("[IU]/L", ["IU/L", "[IU]/L", "[iU]/L"]),
        ("[IU]", ["[IU]", "IU", "iu", "international units"]),
        ("Gy", ["Gy", "GY", "gy"]),
        ("cGy", ["cGy", "CGY"]),
        ("mg", ["mg", "MG", "milligrams"]),
        ("ug", ["ug", "mcg", "µg", "μg", "micrograms"]),
        ("/min", ["/min", "1/min", "bpm", "beats/min", "{beats}/min", "breaths per minute"]),
        ("10*3/uL", ["10*3/uL", "K/uL", "k/µL", "10^3/uL", "x10E3/uL", "thou/mm3", "10³/µL", "Thousand/uL"]),
        ("10*9/L", ["10*9/L", "x10^9/L", "10e9/L", "×10⁹/L", "10*9/l"]),
        ("10*6/uL", ["10*6/uL", "M/uL", "mil/mm3"]),
        ("mm[Hg]", ["mm[Hg]", "mmHg", "mm Hg"]),
        ("mg/d", ["mg/d", "mg/day", "mg/24h", "mg/24 h"]),
        ("kg/m2", ["kg/m2", "kg/m^2", "kg/m²"]),
        ("mmol/mol", ["mmol/mol"]),
    ],
)
def test_a_unit_has_one_form_however_it_is_written(knowledge: Knowledge, unit: str, ways: list[str]) -> None:
    units = knowledge.codebook.units
    assert {way: units.normalise(way) for way in ways} == dict.fromkeys(ways, unit)
    assert normalise_unit(unit) == unit


@pytest.mark.parametrize(
    ("unit", "ways"),
    [
        ("d", ["Tage", "jours", "días", "giorni", "dagen", "days"]),
        ("mg/d", ["mg pro Tag", "mg par jour", "mg por día", "milligrammes/jour"]),
        ("/min", ["Schläge/min", "beats per minute", "Atemzüge pro Minute"]),
        ("a", ["Jahre", "ans", "años", "anni", "jaar"]),
    ],
)
def test_units_are_spelt_in_every_language(knowledge: Knowledge, unit: str, ways: list[str]) -> None:
    units = knowledge.codebook.units
    assert {way: units.normalise(way) for way in ways} == dict.fromkeys(ways, unit)


@pytest.mark.parametrize(
    "text", ["", " ", "foo", "see note", "mg//dL", "mg/", "/", "mg/foo", "mmoll", "12", "5 mg", "x" * 500]
)
def test_what_is_no_unit_has_no_form(text: str) -> None:
    assert normalise_unit(text) is None


def test_very_long_text_is_no_unit() -> None:
    assert normalise_unit("mg" + " " * 5000) is None


@given(st.text(max_size=60))
def test_any_text_is_a_unit_or_none_and_its_form_is_stable(text: str) -> None:
    unit = normalise_unit(text)
    assert unit is None or normalise_unit(unit) == unit
