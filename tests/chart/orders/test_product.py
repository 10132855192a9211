"""Products: form and strength from names of several countries, from ingredients; what they make of a count or a volume."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from cds_service.chart.orders.amounts import Amount, Unclear
from tests.chart.orders.reading import product, shown


def holds(name: str, count: int | str, unit: str, ingredients: list[dict[str, Any]] | None = None) -> str | None:
    found = product(*([name] if name else []), ingredients=json.dumps(ingredients) if ingredients else "")
    value = Decimal(count)
    measured = found.measure(Amount(value, value, unit, unit not in {"mL", "mg"}))
    return None if isinstance(measured, Unclear) else shown(measured)


@pytest.mark.parametrize(
    ("name", "count", "unit", "amount"),
    [
        ("Dexamethasone 4 MG Oral Tablet", 8, "tablet", "32 mg"),
        ("Dexamethasone 4 MG Oral Tablet", 8, "pill", "32 mg"),
        ("DEXAMETHASONE 4 MG PO TABS", 2, "tablet", "8 mg"),
        ("Dexamethasone 0.5 MG Oral Tablet [Decadron]", 3, "tablet", "1.5 mg"),
        ("Fortecortin 8 mg Tabletten", 2, "tablet", "16 mg"),
        ("Dexaméthasone 0,5 mg comprimé", 2, "tablet", "1 mg"),
        ("desametasone 4 mg compresse", 2, "tablet", "8 mg"),
        ("Dexamethasone 4 MG", 2, "tablet", "8 mg"),
        ("dexamethasone 4 MG/ML Injectable Solution", 4, "mL", "16 mg"),
        ("dexamethasone 2 mg/5 mL oral solution", 10, "mL", "4 mg"),
        ("zoledronic acid 4 mg/100 mL IV SOLN", 100, "mL", "4 mg"),
        ("zoledronic acid 4 mg/100 mL IV SOLN", 1, "bag", "4 mg"),
        ("5 ML zoledronic acid 0.8 MG/ML Injection", 1, "vial", "4 mg"),
        ("Zoledronic acid 4 mg/5 mL concentrate, vial", 1, "vial", "4 mg"),
        ("denosumab 120 mg/1.7 mL (70 mg/mL)", 1, "vial", "120 mg"),
        ("1.7 ML denosumab 70 MG/ML Injection [Xgeva]", "1.7", "mL", "119 mg"),
        ("MITOMYCIN 40 MG IV SOLR", 1, "vial", "40 mg"),
        ("12 HR Treprostinil 0.125 MG Extended Release Oral Tablet", 2, "tablet", "0.25 mg"),
        ("Cholecalciferol 1000 UNT Oral Capsule", 2, "capsule", "2000 IU"),
    ],
)
def test_names_of_products(name: str, count: int | str, unit: str, amount: str) -> None:
    assert holds(name, count, unit) == amount


@pytest.mark.parametrize(
    ("name", "count", "unit"),
    [
        ("dexamethasone", 2, "tablet"),
        ("Dexamethasone 4 MG Oral Tablet", 2, "capsule"),
        ("Dexamethasone 4 MG Oral Tablet", 2, "mL"),
        ("Dexamethasone 4 MG Oral Tablet", 2, "vial"),
        ("dexamethasone 4 MG/ML Injectable Solution", 1, "vial"),
        ("dexamethasone 4 MG/ML Injectable Solution", 1, "tablet"),
        ("Calcium Carbonate 1250 MG / Cholecalciferol 400 UNT Oral Tablet", 2, "tablet"),
        ("Dexamethasone 4 MG Oral Tablet", 2, "drop"),
        ("dexamethasone", 1, ""),
    ],
)
def test_what_a_name_does_not_say_is_not_guessed(name: str, count: int, unit: str) -> None:
    assert holds(name, count, unit) is None


def strength(value: float, unit: str, per: float = 1, of: str = "") -> dict[str, Any]:
    denominator = {"value": per, **({"unit": of, "code": of} if of else {})}
    return {
        "itemCodeableConcept": {"text": "x"},
        "strength": {"numerator": {"value": value, "unit": unit}, "denominator": denominator},
    }


@pytest.mark.parametrize(
    ("ingredient", "count", "unit", "amount"),
    [
        (strength(4, "mg", 1, "TAB"), 2, "tablet", "8 mg"),
        (strength(4, "mg"), 2, "tablet", "8 mg"),
        (strength(15, "mg", 5, "mL"), 10, "mL", "30 mg"),
        (strength(500, "mg", 1, "capsule"), 2, "tablet", None),
    ],
)
def test_strengths_of_ingredients(ingredient: dict[str, Any], count: int, unit: str, amount: str | None) -> None:
    assert holds("", count, unit, [ingredient]) == amount


def test_a_name_and_an_ingredient_that_disagree_are_not_readable() -> None:
    assert holds("Dexamethasone 4 MG Oral Tablet", 2, "tablet", [strength(2, "mg", 1, "TAB")]) is None
    assert holds("Dexamethasone 4 MG Oral Tablet", 2, "tablet", [strength(4, "mg", 1, "TAB")]) == "8 mg"
