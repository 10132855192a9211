"""Results and signs, read: in whatever form a value comes, in a credible unit or in none, the newest of many."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds_service.chart.read_fhir import NEWEST_OF_A_CODE
from tests.chart.charts import LOINC, SNOMED, bundle, calcium, coded, read


@pytest.mark.parametrize(
    ("value", "number", "unit", "assumed"),
    [
        ({"valueQuantity": {"value": 12.4, "unit": "mg/dL"}}, "12.4", "mg/dL", False),
        (
            {"valueQuantity": {"value": 12.4, "code": "mg/dL", "unit": "milligram per decilitre"}},
            "12.4",
            "mg/dL",
            False,
        ),
        ({"valueQuantity": {"value": 3.1, "unit": "MMOL/L"}}, "3.1", "mmol/L", False),
        ({"valueQuantity": {"value": 13.2}}, "13.2", "mg/dL", True),
        ({"valueQuantity": {"value": 2.9}}, "2.9", "mmol/L", True),
        ({"valueString": "12,4 mg/dL"}, "12.4", "mg/dL", False),
        ({"valueCodeableConcept": {"text": "12.4 mg/dL"}}, "12.4", "mg/dL", False),
    ],
)
def test_a_calcium_is_read_in_whatever_form_it_comes(
    value: dict[str, Any], number: str, unit: str, assumed: bool
) -> None:
    (fact,) = read({"laboratory": bundle(calcium(**value))}).observations
    assert fact.value is not None
    assert (fact.value.value, fact.value.unit, fact.unit_assumed) == (Decimal(number), unit, assumed)


@pytest.mark.parametrize(
    "value",
    [
        {"valueQuantity": {"value": 4.8}},
        {"valueQuantity": {"value": 3.1, "unit": "furlong"}},
        {"valueQuantity": {"value": 3.1, "unit": "kg"}},
        {"valueString": "see note"},
        {"dataAbsentReason": {"text": "haemolysed"}},
        {"valueQuantity": None},
    ],
)
def test_a_number_without_a_credible_unit_is_no_quantity(value: dict[str, Any]) -> None:
    (fact,) = read({"laboratory": bundle(calcium(**value))}).observations
    assert fact.value is None


@pytest.mark.parametrize(
    ("value", "comparator"),
    [
        ({"valueQuantity": {"value": 15, "unit": "mg/dL", "comparator": ">"}}, ">"),
        ({"valueString": "GT 15 mg/dL"}, ">"),
        ({"valueString": "<1.0 mmol/L"}, "<"),
        ({"valueQuantity": {"value": 15, "unit": "mg/dL", "comparator": "="}}, ""),
    ],
)
def test_comparators_are_kept_and_stray_ones_dropped(value: dict[str, Any], comparator: str) -> None:
    (fact,) = read({"laboratory": bundle(calcium(**value))}).observations
    assert fact.comparator == comparator


@pytest.mark.parametrize(
    "value",
    [
        {"valueBoolean": False},
        {"valueString": "No"},
        {"valueCodeableConcept": coded(SNOMED, "2667000")},
    ],
)
def test_a_sign_that_is_said_to_be_absent_is_absent(value: dict[str, Any]) -> None:
    sign = {**calcium(), "id": "s1", "code": coded(SNOMED, "309774006"), **value}
    assert [fact.present for fact in read({"observations": bundle(sign)}).observations] == [False]


def test_a_finding_may_stand_in_the_value_of_a_general_observation() -> None:
    sign = {**calcium(), "code": coded(LOINC, "75325-1"), "valueCodeableConcept": coded(SNOMED, "309774006")}
    assert read({"observations": bundle(sign)}).observations.of("limb-weakness")


def test_components_of_a_panel_are_observations_of_their_own() -> None:
    panel = {**calcium(), "code": {"text": "Bone profile"}}
    panel["component"] = [
        {"code": coded(LOINC, "17861-6"), "valueQuantity": {"value": 12.4, "unit": "mg/dL"}},
        {"code": coded(LOINC, "1751-7"), "valueQuantity": {"value": 2.0, "unit": "g/dL"}},
    ]
    case = read({"laboratory": bundle(panel)})
    assert [fact.reference for fact in (*case.observations.of("calcium-total"), *case.observations.of("albumin"))] == [
        "Observation/o1",
        "Observation/o1",
    ]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered"])
def test_results_that_do_not_stand_are_no_facts(status: str) -> None:
    assert not read({"laboratory": bundle(calcium(status=status))}).observations


def test_the_newest_of_many_results_are_kept_and_come_first() -> None:
    many = [
        calcium(id=f"ca{day}", effectiveDateTime=f"2026-01-{day:02d}", valueQuantity={"value": day, "unit": "mg/dL"})
        for day in range(1, 29)
    ]
    found = read({"laboratory": bundle(*many)}).observations.of("calcium-total")
    assert len(found) == NEWEST_OF_A_CODE
    assert found[0].reference == "Observation/ca28"


def test_many_results_of_another_patient_do_not_crowd_out_this_patients() -> None:
    others = [calcium(id=f"q{n}", subject={"reference": "Patient/q"}) for n in range(NEWEST_OF_A_CODE + 5)]
    mine = calcium(effectiveDateTime="2026-02-01", valueQuantity={"value": 12, "unit": "mg/dL"})
    case = read({"laboratory": bundle(*others, mine)})
    assert [fact.reference for fact in case.observations] == ["Observation/o1"]
    assert len(case.set_aside) == len(others)


def test_a_result_of_next_year_is_set_aside_as_future() -> None:
    case = read({"laboratory": bundle(calcium(effectiveDateTime="2027-03-01"))}).read_all()
    assert [item.because for item in case.set_aside] == ["future"]


def test_a_normal_range_counts_in_the_unit_of_the_value_only() -> None:
    high = [{"high": {"value": 10.2, "unit": "mg/dL"}}]
    (fact,) = read(
        {"laboratory": bundle(calcium(valueQuantity={"value": 12, "unit": "mg/dL"}, referenceRange=high))}
    ).observations
    assert fact.high is not None
    (fact,) = read(
        {"laboratory": bundle(calcium(valueQuantity={"value": 3, "unit": "mmol/L"}, referenceRange=high))}
    ).observations
    assert fact.high is None
