"""The laboratory's own normal range: as numbers, else in words; never one of another unit, sex or age."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from cds_service.chart.meanings import Meanings
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from cds_service.chart.wire import Prefetch
from cds_service.service.knowledge_files import load_knowledge

MEANINGS = Meanings(load_knowledge().codebook)
CALCIUM = {"coding": [{"system": "http://loinc.org", "code": "17861-6"}]}
ALKALINE_PHOSPHATASE = {"coding": [{"system": "http://loinc.org", "code": "6768-6"}]}


def limits(value: dict[str, Any], *ranges: dict[str, Any], code: dict[str, Any] = CALCIUM) -> tuple[str, str]:
    """The ends of the range that a result is read with; empty for none."""
    result = {
        "resourceType": "Observation",
        "id": "r",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": code,
        "effectiveDateTime": "2026-03-01",
        "referenceRange": ranges,
        **value,
    }
    prefetch = {"observations": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": result}]}}
    read = msgspec.json.decode(json.dumps(prefetch), type=Prefetch)
    circumstances = Circumstances(patient_id="p", hook="patient-view", as_of=datetime(2026, 3, 2, 9, tzinfo=UTC))
    (fact,) = read_case(read, circumstances, MEANINGS).observations
    return str(fact.low or ""), str(fact.high or "")


def quantity(value: float, unit: str) -> dict[str, Any]:
    return {"valueQuantity": {"value": value, "unit": unit}}


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2.15-2.65", "2.15", "2.65"),
        ("2.15 – 2.65 mmol/L", "2.15", "2.65"),
        ("(2,15 - 2,65)", "2.15", "2.65"),
        ("[2.15-2.65]", "2.15", "2.65"),
        ("2.15 to 2.65", "2.15", "2.65"),
        ("2,15 bis 2,65 mmol/l", "2.15", "2.65"),
        ("Normal: 2.15-2.65", "2.15", "2.65"),
        ("Referenzbereich 2,15-2,65", "2.15", "2.65"),
        ("VN: 2,15 à 2,65 mmol/L", "2.15", "2.65"),
        ("< 2.65", "", "2.65"),
        ("≤2.65 mmol/L", "", "2.65"),
        (">2.15", "2.15", ""),
    ],
)
def test_a_range_in_words_is_the_laboratory_s_own(text: str, low: str, high: str) -> None:
    unit = " mmol/L"
    expected = (low and low + unit, high and high + unit)
    assert limits(quantity(2.6, "mmol/L"), {"text": text}) == expected


@pytest.mark.parametrize(
    "text",
    [
        "NA",
        "",
        "see note",
        "2.65-2.15",
        "men 2.15-2.65, women 2.10-2.55",
        "12-14 y: 2.2 - 2.7; 15-64 y: 2.1 - 2.6",
        "8.6-10.6 mg/dL",
        "8.6-10.6",
        ">0.4 positive; 0.3 to 0.4 suspect",
        "2.15-2.65 x" * 20,
    ],
)
def test_words_that_give_no_one_range_in_the_value_s_unit_give_none(text: str) -> None:
    assert limits(quantity(2.6, "mmol/L"), {"text": text}) == ("", "")


def test_a_range_of_another_unit_is_known_by_numbers_that_cannot_be() -> None:
    assert limits(quantity(12, "mg/dL"), {"text": "2.15-2.65"}) == ("", "")
    assert limits(quantity(12, "mg/dL"), {"text": "8.6-10.6"}) == ("8.6 mg/dL", "10.6 mg/dL")
    assert limits(quantity(2.9, "mmol/L"), {"low": {"value": 8.6}, "high": {"value": 10.6}}) == ("", "")
    assert limits(quantity(2.9, "mmol/L"), {"low": {"value": 2.1}, "high": {"value": 2.6}})[1] == "2.6 mmol/L"


def test_a_range_that_begins_at_nothing_has_an_upper_end() -> None:
    read = limits(quantity(100, "U/L"), {"text": "0 to 129"}, code=ALKALINE_PHOSPHATASE)
    assert [end.partition(" ")[0] for end in read] == ["0", "129"]


def test_numbers_go_before_words_and_words_before_nothing() -> None:
    numbers = {"low": {"value": 2.1}, "high": {"value": 2.6}, "text": "2.15-2.65"}
    assert limits(quantity(2.6, "mmol/L"), numbers) == ("2.1 mmol/L", "2.6 mmol/L")
    other = {"low": {"value": 8.6, "unit": "mg/dL"}, "high": {"value": 10.6, "unit": "mg/dL"}}
    assert limits(quantity(2.6, "mmol/L"), other) == ("", "")


def test_several_ranges_count_when_they_say_the_same() -> None:
    men, women = {"high": {"value": 2.65}}, {"high": {"value": 2.55}}
    assert limits(quantity(2.6, "mmol/L"), men, men) == ("", "2.65 mmol/L")
    assert limits(quantity(2.6, "mmol/L"), men, women) == ("", "")
    assert limits(quantity(2.6, "mmol/L"), {"text": "< 2.65"}, men) == ("", "2.65 mmol/L")


def test_a_therapeutic_range_is_no_normal_one() -> None:
    aim = {"type": {"coding": [{"code": "therapeutic"}]}, "text": "2.0-2.2"}
    assert limits(quantity(2.6, "mmol/L"), aim, {"text": "2.15-2.65"}) == ("2.15 mmol/L", "2.65 mmol/L")
