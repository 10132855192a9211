"""FHIR dosages: count times strength, every part of Timing, extensions, lines; structure and words that disagree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.chart.orders.reading import NOW, dosing, shown, taking

DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}


def quantity(value: object, unit: str | None = None, code: str | None = None, **more: object) -> dict[str, Any]:
    return {"value": value, **({"unit": unit} if unit else {}), **({"code": code} if code else {}), **more}


def dose(*args: Any, **more: Any) -> dict[str, Any]:
    return {"doseAndRate": [{"doseQuantity": quantity(*args, **more)}]}


@pytest.mark.parametrize(
    "stated",
    [
        dose(2, code="{pill}"),
        dose(2, "tablet"),
        dose(2, "TAB", "TAB"),
        dose(2, "tablet", "1"),
        dose(2, "tbl", "{tbl}"),
        dose(2, "Tabletten"),
        dose(2, "TABLET(S)"),
        dose(2, "comprimé(s)"),
        dose(2, "ea", "ea"),
        dose(2, code="385055001", system="http://snomed.info/sct"),
        dose("2", "comprimés"),
        dose(8, "mg", "mg"),
        dose(8, "milligram", "mg"),
        dose(8000, "mcg"),
        dose(0.008, "g", "g"),
        {"doseQuantity": quantity(8, "mg")},
        {
            "extension": [
                {"url": "https://open.epic.com/fhir/extensions/ordered-dose", "valueQuantity": quantity(8, "mg")}
            ]
        },
        {
            "extension": [
                {"url": "https://open.epic.com/fhir/extensions/admin-amount", "valueQuantity": quantity(2, "tablet")}
            ]
        },
        {"doseAndRate": [{"doseQuantity": quantity(8, "mg")}, {"doseQuantity": quantity(2, "tablet")}]},
        {"doseAndRate": [{"doseQuantity": quantity(8, "mg")}, {"doseQuantity": quantity("0.1", "mg/kg")}]},
    ],
)
def test_a_dose_is_count_times_strength(stated: dict[str, Any]) -> None:
    found = taking({**stated, "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}})
    assert (shown(found.dose), shown(found.daily), found.unclear) == ("8 mg", "16 mg", ())


@pytest.mark.parametrize(
    "stated",
    [
        dose(2),
        dose(2, code="1"),
        dose(2, "mcg", "mg"),
        dose(0, "mg"),
        dose(-2, "mg"),
        dose(2, "mg", comparator="<"),
        dose(2, "capsule"),
        dose(2, "puff"),
        dose("two", "mg"),
        {"doseAndRate": [{"rateQuantity": quantity(5, "mg/h")}]},
        {"doseAndRate": [{"doseQuantity": quantity(8, "mg")}, {"doseQuantity": quantity(3, "tablet")}]},
        {"doseAndRate": [{"doseRange": {"low": quantity(4, "mg")}}]},
    ],
)
def test_a_dose_that_may_mean_anything_is_not_readable(stated: dict[str, Any]) -> None:
    found = taking({**stated, "timing": DAILY})
    assert (found.dose, found.daily) == (None, None)
    assert found.unclear


@pytest.mark.parametrize(
    ("repeat", "daily"),
    [
        ({"frequency": 4, "period": 1, "periodUnit": "d"}, "16 mg"),
        ({"period": 6, "periodUnit": "h"}, "16 mg"),
        ({"frequency": 1, "period": 6, "periodUnit": "h"}, "16 mg"),
        ({"frequency": 3, "frequencyMax": 4, "period": 1, "periodUnit": "d"}, "12 to 16 mg"),
        ({"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}, "16 to 24 mg"),
        ({"timeOfDay": ["08:00:00", "14:00:00"]}, "8 mg"),
        ({"frequency": 2, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "14:00:00"]}, "8 mg"),
        ({"when": ["MORN", "NOON"]}, "8 mg"),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["MORN"]}, "4 mg"),
        ({"frequency": 3, "period": 1, "periodUnit": "d", "when": ["C"]}, "12 mg"),
        ({"dayOfWeek": ["mon", "wed", "fri"], "frequency": 1, "period": 1, "periodUnit": "d"}, "1.714 mg"),
        ({"dayOfWeek": ["mon"], "frequency": 1, "period": 1, "periodUnit": "wk"}, "0.571 mg"),
        ({"frequency": 1, "period": 2, "periodUnit": "d"}, "2 mg"),
        ({"frequency": "2", "period": "1", "periodUnit": "d"}, "8 mg"),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "boundsDuration": {"value": 5, "code": "d"}}, "4 mg"),
    ],
)
def test_every_part_of_a_timing_counts(repeat: dict[str, Any], daily: str) -> None:
    found = taking({**dose(4, "mg"), "timing": {"repeat": repeat}})
    assert (shown(found.daily), found.unclear) == (daily, ())


@pytest.mark.parametrize(
    "repeat",
    [
        {"frequency": 4},
        {"frequency": 4, "period": 1},
        {"frequency": 0, "period": 1, "periodUnit": "d"},
        {"frequency": 1, "period": 1, "periodUnit": "fortnight"},
        {"when": ["C"]},
        {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "14:00:00"]},
        {"dayOfWeek": ["mon", "wed"], "frequency": 1, "period": 1, "periodUnit": "wk"},
    ],
)
def test_a_timing_that_may_mean_anything_is_not_readable(repeat: dict[str, Any]) -> None:
    found = taking({**dose(4, "mg"), "timing": {"repeat": repeat}})
    assert found.daily is None
    assert found.unclear[0].part == "frequency"


@pytest.mark.parametrize(
    ("code", "daily"),
    [
        ({"coding": [{"code": "BID"}]}, "8 mg"),
        ({"coding": [{"code": "QID"}]}, "16 mg"),
        ({"coding": [{"code": "Q6H"}]}, "16 mg"),
        ({"coding": [{"code": "Q8H"}]}, "12 mg"),
        ({"coding": [{"code": "QOD"}]}, "2 mg"),
        ({"coding": [{"code": "AM"}]}, "4 mg"),
        ({"coding": [{"code": "BED"}]}, "4 mg"),
        ({"coding": [{"code": "WK"}]}, "0.571 mg"),
        ({"coding": [{"code": "229799001", "display": "Twice a day"}]}, "8 mg"),
        ({"coding": [{"system": "http://snomed.info/sct", "code": "307439001"}]}, "16 mg"),
        ({"text": "0900 & 1800"}, "8 mg"),
        ({"text": "4 times daily"}, "16 mg"),
    ],
)
def test_codes_of_timings_are_read(code: dict[str, Any], daily: str) -> None:
    found = taking({**dose(4, "mg"), "timing": {"code": code}})
    assert (shown(found.daily), found.unclear) == (daily, ())


def test_as_needed_is_a_ceiling_wherever_it_is_said() -> None:
    six_hours = {"repeat": {"frequency": 1, "period": 6, "periodUnit": "h"}}
    for line in (
        {"asNeededBoolean": True, "timing": six_hours},
        {"asNeededCodeableConcept": {"text": "pain"}, "timing": six_hours},
        {"asNeeded": True, "timing": six_hours},
        {"timing": {**six_hours, "code": {"text": "Q6H PRN"}}},
        {"timing": six_hours, "text": "4 mg every 6 hours as needed"},
    ):
        found = taking({**dose(4, "mg"), **line})
        assert (shown(found.daily), found.as_needed) == ("0 to 16 mg", True)


def test_a_maximum_caps_the_day() -> None:
    most = {"numerator": quantity(2, "tablet"), "denominator": quantity(1, "d", "d")}
    line = {**dose(1, "tablet"), "timing": {"repeat": {"period": 6, "periodUnit": "h"}}, "asNeededBoolean": True}
    assert shown(taking({**line, "maxDosePerPeriod": most}).daily) == "0 to 8 mg"


@pytest.mark.parametrize("text", ["4 mg once daily", "8 tablets daily", "4 mg", "four times a day", "16 mg daily"])
def test_structure_and_words_that_disagree_are_not_readable(text: str) -> None:
    found = taking({**dose(8, "mg"), "timing": DAILY, "text": text})
    assert found.daily is None
    assert found.unclear


@pytest.mark.parametrize(
    "text", ["8 mg once daily", "2 tablets daily", "8 mg", "daily", "4 mg twice daily", "with food", "see protocol 17b"]
)
def test_words_that_say_the_same_or_nothing_leave_the_structure_alone(text: str) -> None:
    found = taking({**dose(8, "mg"), "timing": DAILY, "text": text})
    assert (shown(found.daily), found.unclear) == ("8 mg", ())


@pytest.mark.parametrize(
    "line",
    [
        {**dose(8, "mg"), "text": "twice daily"},
        {**dose(8, "mg"), "text": "8 mg BD"},
        {"timing": {"code": {"text": "BID"}}, "text": "8 mg"},
        {"timing": {"code": {"text": "BID"}}, "text": "take 2 tablets"},
    ],
)
def test_words_fill_what_the_structure_leaves_open(line: dict[str, Any]) -> None:
    assert shown(taking(line).daily) == "16 mg"


def step(milligrams: int, **more: Any) -> dict[str, Any]:
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d", **more.pop("repeat", {})}
    return {**dose(milligrams, "mg"), "timing": {"repeat": repeat}, **more}


FIVE_DAYS = {"boundsDuration": {"value": 5, "unit": "d", "code": "d"}}


def test_lines_in_sequence_are_steps() -> None:
    lines = [step(16, sequence=1, repeat=FIVE_DAYS), step(8, sequence=2, repeat=FIVE_DAYS), step(4, sequence=3)]
    found = dosing(lines)
    assert [shown(each.daily) for each in found.steps] == ["16 mg", "8 mg", "4 mg"]
    for days, daily in ((0, "16 mg"), (4, "16 mg"), (5, "8 mg"), (9, "8 mg"), (10, "4 mg"), (30, "4 mg")):
        assert shown(found.at(NOW, NOW - timedelta(days=days)).daily) == daily


def test_lines_with_dates_are_steps() -> None:
    def dated(start: str, end: str) -> dict[str, Any]:
        return {"boundsPeriod": {"start": start, "end": end}}

    lines = [step(8, repeat=dated("2026-03-01", "2026-03-05")), step(16, repeat=dated("2026-02-20", "2026-02-28"))]
    assert shown(taking(*lines).daily) == "8 mg"


def test_lines_of_different_times_of_day_add_up() -> None:
    morning, noon = ({"when": ["MORN"]}, {"when": ["NOON"]})
    lines = [{**dose(8, "mg"), "timing": {"repeat": when}} for when in (morning, noon)]
    assert shown(taking(*lines).daily) == "16 mg"


@pytest.mark.parametrize(
    "lines",
    [
        [step(16), step(8)],
        [step(16, sequence=1), step(8, sequence=2)],
        [step(16, repeat=FIVE_DAYS), step(8, repeat=FIVE_DAYS)],
        [step(16), {"text": "see protocol 17b"}],
    ],
)
def test_lines_that_may_follow_or_join_each_other_are_not_readable(lines: list[dict[str, Any]]) -> None:
    found = taking(*lines)
    assert found.daily is None
    assert found.unclear


def test_an_extension_that_changes_the_meaning_makes_a_line_unreadable() -> None:
    line = {**dose(4, "mg"), "timing": DAILY, "modifierExtension": [{"url": "https://example.org/not-to-be-given"}]}
    assert taking(line).daily is None
    assert taking(line).unclear


def test_a_dosage_of_odd_shape_is_not_readable_and_a_missing_one_says_nothing() -> None:
    assert taking({"timing": "daily"}).unclear
    assert not taking().unclear


SNOMED = "http://snomed.info/sct"


@pytest.mark.parametrize(
    ("line", "text", "name"),
    [
        ({"route": {"text": "oral"}}, "oral", "oral"),
        ({"route": {"text": "Intravenous"}}, "Intravenous", "intravenous"),
        ({"route": {"coding": [{"system": SNOMED, "code": "47625008"}]}}, "intravenous", "intravenous"),
        (
            {"route": {"coding": [{"system": SNOMED, "code": "26643006", "display": "Oral route"}]}},
            "Oral route",
            "oral",
        ),
        ({"route": {"coding": [{"code": "PO", "display": "Swallow, oral"}]}}, "Swallow, oral", "oral"),
        ({"route": {"coding": [{"code": "IV"}]}}, "IV", "intravenous"),
        ({"route": {"text": "subkutan"}}, "subkutan", "subcutaneous"),
        ({"route": {"text": "through the PICC"}}, "through the PICC", ""),
        ({"text": "16 mg IV daily"}, "intravenous", "intravenous"),
        ({"text": "16 mg par voie orale"}, "oral", "oral"),
    ],
)
def test_a_route_is_as_written_and_by_our_name(line: dict[str, Any], text: str, name: str) -> None:
    route = dosing([line]).route
    assert (route.text, route.name) == (text, name)


def test_the_product_tells_the_route_where_nothing_else_does() -> None:
    assert dosing([{"text": "16 mg daily"}], "dexamethasone 4 MG Oral Tablet").route.name == "oral"
    assert dosing([{"text": "16 mg daily"}], "dexamethasone").route.name == ""


@pytest.mark.parametrize(
    ("more", "least", "most"),
    [
        ({"asNeededFor": [{"text": "vomiting"}]}, "0 mg", "32 mg"),
        ({"asNeededFor": []}, "32 mg", "32 mg"),
        ({"maxDosePerPeriod": [{"numerator": quantity(64, "mg"), "denominator": quantity(1, "d")}]}, "32 mg", "32 mg"),
        ({"maxDosePerPeriod": [{"numerator": quantity(16, "mg"), "denominator": quantity(1, "d")}]}, None, None),
        ({"text": "8 mg four times a day", "patientInstruction": "Take with food."}, "32 mg", "32 mg"),
        ({"text": "8 mg four times a day", "patientInstruction": "Take 2 tablets 4 times a day"}, "32 mg", "32 mg"),
        ({"text": "8 mg four times a day", "patientInstruction": "Take 4 tablets 4 times a day"}, None, None),
    ],
)
def test_what_r5_and_the_instruction_to_the_patient_say_counts(
    more: dict[str, Any], least: str | None, most: str | None
) -> None:
    four = {"repeat": {"frequency": 4, "period": 1, "periodUnit": "d"}}
    found = taking({**dose(8, "mg"), "timing": four, **more})
    ends = found.daily.bounds if found.daily else (None, None)
    assert [str(end) if end else None for end in ends] == [least, most]


@pytest.mark.parametrize(
    ("morning", "noon", "daily"),
    [
        ({"when": ["MORN"]}, {"when": ["NOON"]}, "12 mg"),
        ({"timeOfDay": ["08:00:00"]}, {"timeOfDay": ["14:00:00"]}, "12 mg"),
        ({"when": ["MORN"]}, {}, None),
    ],
)
def test_lines_at_times_of_their_own_hold_together(
    morning: dict[str, Any], noon: dict[str, Any], daily: str | None
) -> None:
    once = {"frequency": 1, "period": 1, "periodUnit": "d"}
    lines = [
        {"doseAndRate": [{"doseQuantity": {"value": dose, "unit": "mg"}}], "timing": {"repeat": {**once, **at}}}
        for dose, at in ((8, morning), (4, noon))
    ]
    assert shown(taking(*lines).daily) == daily
