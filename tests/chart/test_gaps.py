"""What concerns a card and cannot be used is a gap, with the value as it was written; what is usable is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chart.charts import (
    ANSWERED,
    BREAST_CANCER,
    LEG_WEAKNESS,
    LOINC,
    bundle,
    calcium,
    condition,
    flagged,
    observation,
    of,
    problems,
    read,
)


@pytest.mark.parametrize(
    ("value", "problem", "written"),
    [
        ({"valueQuantity": {"value": 4.8}}, "no-unit", "4.8"),
        ({"valueQuantity": {"value": 3.1, "unit": "furlong"}}, "no-unit", "3.1 furlong"),
        ({"valueQuantity": {"value": 3.1, "unit": "kg"}}, "no-unit", "3.1 kg"),
        ({"valueString": "haemolysed, repeat"}, "not-understood", "haemolysed, repeat"),
        ({"valueString": "previous 2.3 mmol/L"}, "not-understood", "previous 2.3 mmol/L"),
        ({"valueString": "3.2 mmol/L, was 2.4 mmol/L"}, "not-understood", "3.2 mmol/L, was 2.4 mmol/L"),
        ({"valueCodeableConcept": {"text": "see report"}}, "not-understood", "see report"),
        (
            {"valueRange": {"low": {"value": 3}, "high": {"value": 4}}},
            "not-understood",
            "an answer that is not understood",
        ),
        ({"dataAbsentReason": {"text": "insufficient sample"}}, "no-value", "insufficient sample"),
        ({"interpretation": [{"coding": [{"code": "HH", "display": "Critical high"}]}]}, "no-value", "Critical high"),
        ({}, "no-value", ""),
        ({"valueQuantity": {"value": "a lot", "unit": "mmol/L"}}, "unreadable", '{"value": "a lot", "unit": "mmol/L"}'),
        ({"valueQuantity": {"value": 9.5, "unit": "mmol/L"}}, "implausible", "9.5 mmol/L (the number fits mg/dL)"),
        ({"valueQuantity": {"value": 3.1, "unit": "mg/dL"}}, "implausible", "3.1 mg/dL (the number fits mmol/L)"),
    ],
)
def test_a_calcium_without_a_usable_number_is_a_gap(value: dict[str, Any], problem: str, written: str) -> None:
    case = of(calcium(**value))
    (gap,) = case.gaps
    assert (gap.need, gap.reference, gap.problem, gap.written) == ("observations", "Observation/o1", problem, written)
    assert "calcium-total" in gap.concepts
    assert not any(fact.value for fact in case.observations)


@pytest.mark.parametrize(
    "value",
    [
        ANSWERED,
        {"valueString": "Critical: >3.5 mmol/L, phoned to ward"},
        {"valueString": "3,2 mmol/l (HH)"},
        {"valueQuantity": {"value": 12.8, "unit": "mg/dL"}},
        {"valueQuantity": {"value": 2.9}},
    ],
)
def test_a_calcium_with_a_usable_number_is_none(value: dict[str, Any]) -> None:
    case = of(calcium(**value))
    assert problems(case) == []
    assert all(fact.value for fact in case.observations)


@pytest.mark.parametrize(
    ("code", "unit", "below", "lowest", "highest", "above"),
    [
        ("2000-8", "mmol/L", "0.9", "1.0", "6.0", "6.1"),
        ("2000-8", "mg/dL", "3.9", "4.1", "24.0", "24.1"),
        ("1994-3", "mmol/L", "0.4", "0.5", "3.5", "3.6"),
        ("1751-7", "g/L", "4.9", "5", "70", "70.1"),
        ("1751-7", "g/dL", "0.4", "0.5", "7.0", "7.1"),
        ("14682-9", "umol/L", "9", "10", "3000", "3001"),
        ("59408-5", "%", "49", "50", "100", "101"),
        ("29463-7", "kg", "0.9", "1", "400", "401"),
        ("777-3", "10*9/L", "0.9", "1", "3000", "3001"),
        ("777-3", "/uL", "900", "1000", "3000000", "3000100"),
        ("1989-3", "nmol/L", "1.9", "2", "1500", "1501"),
        ("1989-3", "ng/mL", "0.7", "0.9", "600", "602"),
        ("2339-0", "mmol/L", "0.4", "0.5", "120", "121"),
        ("2339-0", "mg/dL", "8", "10", "2100", "2200"),
        ("6768-6", "U/L", "2", "3", "10000", "10001"),
        ("718-7", "g/dL", "1.4", "1.5", "26", "26.1"),
        ("72514-3", "{score}", "-1", "0", "10", "11"),
        ("8302-2", "m", "0.2", "0.3", "2.6", "2.7"),
        ("8302-2", "cm", "29", "30", "260", "261"),
        ("98979-8", "mL/min/1.73 sq.m", "0.9", "1", "250", "251"),
        ("35591-7", "mL/min", "0.9", "1", "300", "301"),
        ("6301-6", "1", "0.4", "0.5", "20", "20.1"),
        ("2823-3", "mmol/L", "0.9", "1", "12", "12.1"),
        ("2823-3", "mEq/L", "0.9", "1", "12", "12.1"),
        ("2601-3", "mmol/L", "0.09", "0.1", "8", "8.1"),
        ("14879-1", "mmol/L", "0.09", "0.1", "10", "10.1"),
        ("22664-7", "mmol/L", "0.2", "0.3", "120", "121"),
        ("14866-8", "pmol/L", "0.04", "0.05", "1000", "1001"),
        ("2532-0", "U/L", "9", "10", "50000", "50001"),
        ("718-7", "g/L", "14", "15", "260", "261"),
        ("1994-3", "mEq/L", "0.9", "1", "7", "7.1"),
    ],
)
def test_what_cannot_be_is_not_believed_in_either_direction(
    code: str, unit: str, below: str, lowest: str, highest: str, above: str
) -> None:
    coding = {"coding": [{"system": LOINC, "code": code}]}
    for value, believed in ((below, False), (lowest, True), (highest, True), (above, False)):
        case = of(observation(coding, valueQuantity={"value": float(value), "unit": unit}))
        assert problems(case) == ([] if believed else ["implausible"]), value
        assert [fact.value is not None for fact in case.observations] == [believed], value


@pytest.mark.parametrize(
    ("dates", "problem"),
    [
        ({"effectiveDateTime": None}, "undated"),
        ({"effectiveDateTime": "2026"}, "vague-date"),
        ({"effectiveDateTime": "2026-02"}, "vague-date"),
        ({"effectiveDateTime": "2026-03-04T10:00:00Z"}, "future"),
        ({"effectiveDateTime": "2027"}, "future"),
        ({"effectiveDateTime": None, "issued": "2026-03-04T10:00:00Z"}, "future"),
        ({"effectiveDateTime": "2026-03-03T08:00:00Z"}, None),
        ({"effectiveDateTime": "2026-03-01"}, None),
        ({"effectiveDateTime": None, "issued": "2026-03-01T10:00:00Z"}, None),
        ({"effectiveDateTime": None, "effectivePeriod": {"end": "2026-03-01"}}, None),
    ],
)
def test_a_doubtful_date_is_a_gap_and_less_than_a_day_ahead_is_now(dates: dict[str, Any], problem: str | None) -> None:
    case = of(calcium(**ANSWERED, **dates))
    assert problems(case) == ([problem] if problem else [])
    assert len(case.observations) == (0 if problem == "future" else 1)


@pytest.mark.parametrize(
    ("status", "problem", "facts"),
    [
        ("registered", "conflict", 0),
        ("entered-in-error", None, 0),
        ("cancelled", None, 0),
        ("preliminary", None, 1),
        ("unknown", "not-understood", 1),
    ],
)
def test_a_state_that_says_no_result_makes_no_fact(status: str, problem: str | None, facts: int) -> None:
    case = of(calcium(**ANSWERED, status=status))
    assert problems(case) == ([problem] if problem else [])
    assert [fact.status for fact in case.observations] == ["preliminary"] * facts


def test_a_panel_without_a_value_of_its_own_is_no_gap() -> None:
    part = {"code": {"coding": [{"system": LOINC, "code": "2000-8"}]}, **ANSWERED}
    assert problems(of(calcium(component=[part]))) == []


def test_a_component_without_a_value_is_one() -> None:
    part = {"code": {"coding": [{"system": LOINC, "code": "2000-8"}]}, "dataAbsentReason": {"text": "clotted"}}
    case = of(observation({"text": "Bone profile"}, component=[part]))
    assert [(gap.problem, gap.written) for gap in case.gaps] == [("no-value", "clotted")]


def test_what_no_card_reads_is_no_gap() -> None:
    assert problems(of(observation({"text": "Favourite colour"}, effectiveDateTime=None))) == []


@pytest.mark.parametrize(
    ("more", "problem", "state"),
    [
        ({"abatementDateTime": "2026-02-25"}, "conflict", "past"),
        ({"abatementString": "after physiotherapy"}, "conflict", "past"),
        ({"abatementBoolean": True}, "conflict", "past"),
        ({"abatementDateTime": "2026-06-01"}, None, "active"),
        ({"abatementBoolean": False}, None, "active"),
    ],
)
def test_a_problem_that_is_active_and_over_is_a_conflict(more: dict[str, Any], problem: str | None, state: str) -> None:
    active = {"coding": [{"code": "active"}]}
    case = of(condition(LEG_WEAKNESS, clinicalStatus=active, **more))
    assert problems(case) == ([problem] if problem else [])
    assert [fact.state for fact in case.conditions] == [state]


def test_a_sign_without_a_date_is_a_gap_and_a_disease_without_one_is_on_record() -> None:
    myelopathy = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G99.2"}]}
    for sign in (LEG_WEAKNESS, myelopathy):
        assert problems(of(condition(sign, onsetDateTime=None))) == ["undated"]
    assert problems(of(condition(BREAST_CANCER, onsetDateTime=None))) == []


def test_a_problem_of_next_month_is_set_aside_by_name() -> None:
    case = of(condition(LEG_WEAKNESS, onsetDateTime="2026-04-01"))
    assert problems(case) == ["future"]
    assert [item.because for item in case.set_aside] == ["future"]
    assert not case.conditions


def test_gaps_are_asked_for_by_concept_and_a_missing_source_is_one() -> None:
    case = read({"laboratory": bundle(calcium(valueString="lipaemic"))})
    assert [gap.problem for gap in case.gaps_of("observations", ["calcium-total"])] == ["not-understood"]
    assert case.gaps_of("observations", ["albumin"]) == ()
    assert [gap.problem for gap in case.gaps_of("medications", ["dexamethasone"])] == ["missing"]


@pytest.mark.parametrize("status", ["unknown", "finale"])
def test_a_status_that_says_nothing_is_a_gap_beside_the_fact(status: str) -> None:
    case = of(calcium(**ANSWERED, status=status))
    assert [(gap.problem, gap.written) for gap in case.gaps] == [("not-understood", f"status {status}")]
    assert [fact.status for fact in case.observations] == ["preliminary"]


@pytest.mark.parametrize(
    ("status", "found"), [("active", []), ("unknown", ["not-understood"]), ("given", ["not-understood"])]
)
def test_a_medicine_of_which_nobody_knows_whether_it_is_taken_is_a_gap(status: str, found: list[str]) -> None:
    stated = {
        "resourceType": "MedicationStatement",
        "id": "m1",
        "status": status,
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "denosumab 120 mg"},
    }
    assert problems(of(stated)) == found


@pytest.mark.parametrize(
    ("value", "flag", "found"),
    [
        (2.3, "HH", [("conflict", "2.3 mmol/L, flagged HH")]),
        (2.6, "HH", [("conflict", "2.6 mmol/L, flagged HH")]),
        (2.61, "HH", []),
        (2.3, "LL", [("conflict", "2.3 mmol/L, flagged LL")]),
        (2.09, "LL", []),
        (2.3, "N", []),
        (2.3, "H", []),
    ],
)
def test_a_number_within_the_range_that_the_laboratory_calls_critical_contradicts_itself(
    value: float, flag: str, found: list[tuple[str, str]]
) -> None:
    ends = {"low": {"value": 2.1, "unit": "mmol/L"}, "high": {"value": 2.6, "unit": "mmol/L"}}
    stated = {"valueQuantity": {"value": value, "unit": "mmol/L"}, "referenceRange": [ends], **flagged(flag)}
    case = of(calcium(**stated))
    assert len(case.observations) == 1
    assert [(gap.problem, gap.written) for gap in case.gaps] == found
