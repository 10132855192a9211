"""What an observation states counts as a problem would: compression, a fracture, the signs of an examination, a grade."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clinical.asking import ICD10CM, LOINC, SNOMED, Resource, coded, condition, observation, report, view

BREAST = condition(coded(ICD10CM, "C50.911"))
SPREAD = condition(coded(SNOMED, "94222008", "Secondary malignant neoplasm of bone"))
COMPRESSED = {"coding": [{"system": SNOMED, "code": "71286001", "display": "Spinal cord compression"}]}


def seen(name: str, **value: Any) -> Resource:
    return observation({"text": name}, **value)


@pytest.mark.parametrize(
    "found",
    [
        seen("Spinal cord compression", valueBoolean=True),
        seen("Spinal cord compression present?", valueString="Yes"),
        observation(coded(SNOMED, "71286001")),
        seen("MRI finding", valueString="spinal cord compression at T8"),
        seen("Imaging finding", valueCodeableConcept=COMPRESSED),
        observation(coded(LOINC, "19005-8", "Impression"), valueString="Epidural spinal cord compression at T8."),
        seen("Cauda equina syndrome", valueBoolean=True),
        seen("Rückenmarkskompression", valueCodeableConcept={"text": "ja"}),
    ],
)
def test_compression_that_an_observation_states_is_compression(found: Resource) -> None:
    assert view(BREAST, SPREAD, found).indicator("mscc-suspected") == "critical"


@pytest.mark.parametrize(
    "found",
    [
        seen("Spinal cord compression", valueBoolean=False),
        seen("Spinal cord compression", valueString="none"),
        seen("MRI finding", valueString="no spinal cord compression"),
        seen("Spinal cord compression alert card", valueBoolean=True),
        seen("Spinal cord compression", valueBoolean=True, days=400),
    ],
)
def test_compression_that_is_denied_or_long_past_is_none(found: Resource) -> None:
    assert not view(BREAST, SPREAD, found).topics & {"mscc-suspected", "could-not-assess"}


def test_compression_that_nobody_can_read_is_not_known() -> None:
    shown = view(BREAST, SPREAD, seen("Spinal cord compression", valueString="see letter of the ward"))
    assert "could-not-assess" in shown.topics


def test_a_pathological_fracture_and_hypercalcaemia_are_stated_as_well() -> None:
    assert "pathological-fracture" in view(BREAST, SPREAD, seen("Pathological fracture", valueBoolean=True)).topics
    assert "hypercalcaemia-test" in view(BREAST, SPREAD, seen("Hypercalcaemia", valueBoolean=True)).topics


@pytest.mark.parametrize(
    ("value", "indicator"),
    [
        ({"valueInteger": 3}, "critical"),
        ({"valueInteger": 2}, "critical"),
        ({"valueQuantity": {"value": 2, "unit": "{grade}"}}, "critical"),
        ({"valueString": "Grade III"}, "critical"),
        ({"valueCodeableConcept": {"text": "2 - compressed, CSF visible"}}, "critical"),
        ({"valueString": "1c"}, "critical"),
        ({"valueInteger": 1}, "critical"),
        ({"valueInteger": 0}, "silent"),
        ({"valueInteger": 7}, "silent"),
    ],
)
def test_a_bilsky_grade_says_whether_dura_or_cord_is_touched(value: dict[str, Any], indicator: str) -> None:
    shown = view(BREAST, SPREAD, seen("Bilsky grade T8", **value))
    assert shown.indicator("mscc-suspected") == indicator
    assert ("could-not-assess" in shown.topics) == (value == {"valueInteger": 7})


@pytest.mark.parametrize(
    ("examined", "found"),
    [
        ("Anal tone", "absent"),
        ("Analsphinktertonus", "schlaff"),
        ("Tono anal", "disminuido"),
        ("Bulbocavernosus reflex", "absent"),
        ("Plantar reflex", "upgoing bilaterally"),
        ("Babinski", "bds. positiv"),
        ("Réflexe cutané plantaire", "en extension"),
        ("Sensory level", "T10"),
        ("Sensibles Niveau", "ab Th10"),
        ("Restharn", "400 ml"),
        ("Post-void residual", "200 mL"),
        ("Post-void residual", "0.65 L"),
        ("Post-void residual", "> 400 ml"),
        ("Post-void residual", "650"),
        ("Plantar flexion strength", "4/5"),
    ],
)
def test_what_an_examination_of_the_cord_finds_is_a_sign(examined: str, found: str) -> None:
    assert view(BREAST, SPREAD, seen(examined, valueString=found)).indicator("mscc-suspected") == "critical"


@pytest.mark.parametrize(
    ("examined", "found"),
    [
        ("Anal tone", "normal"),
        ("Sphinktertonus", "regelrecht"),
        ("Bulbocavernosus reflex", "intact"),
        ("Plantars", "down"),
        ("Riflesso cutaneo plantare", "in flessione"),
        ("Sensory level", "none"),
        ("Post-void residual", "199 mL"),
        ("Post-void residual", "0.1 L"),
        ("Post-void residual", "< 50 ml"),
        ("Restharn", "0 ml"),
        ("Gastric residual volume", "300 mL"),
        ("Residual volume (lung function)", "2100 mL"),
        ("Plantar flexion strength", "5/5"),
    ],
)
def test_a_normal_examination_and_its_namesakes_are_silent(examined: str, found: str) -> None:
    shown = view(BREAST, SPREAD, seen(examined, valueString=found))
    assert not shown.topics & {"mscc-suspected", "could-not-assess"}


@pytest.mark.parametrize(
    "unclear",
    [
        seen("Plantar response", valueString="equivocal"),
        seen("Post-void residual", valueString="< 300 ml"),
        seen("Post-void residual", valueQuantity={"value": 65, "unit": "cL"}),
    ],
)
def test_an_examination_that_nobody_understands_is_not_known(unclear: Resource) -> None:
    assert "could-not-assess" in view(BREAST, SPREAD, unclear).topics


@pytest.mark.parametrize(("value", "unit"), [(650, "mL"), (0.65, "L"), (200, "cc"), (650, "")])
def test_residual_urine_counts_in_its_own_unit(value: float, unit: str) -> None:
    found = seen("Post-void residual", valueQuantity={"value": value, "unit": unit})
    assert view(BREAST, SPREAD, found).indicator("mscc-suspected") == "critical"


@pytest.mark.parametrize("name", ["Radiology", "Bericht 4711"])
def test_a_report_of_an_examination_without_a_known_name_still_states_compression(name: str) -> None:
    assert view(BREAST, SPREAD, report(name, "Cord compression at T8.", 1)).indicator("mscc-suspected") == "critical"
    asked = view(BREAST, SPREAD, report(name, "Indication: cord compression?\nFindings: none.", 1))
    assert "mscc-suspected" not in asked.topics


def test_a_report_of_unknown_status_raises_what_it_says() -> None:
    told = {**report("MRI whole spine", "Cord compression at T8.", 1), "status": "unknown"}
    assert "mscc-suspected" in view(BREAST, SPREAD, told).topics
    weak = condition({"text": "Leg weakness"}, 3)
    cleared = {**report("MRI whole spine", "No cord compression.", 1), "status": "unknown"}
    assert view(BREAST, SPREAD, weak, cleared).indicator("mscc-suspected") == "critical"
