"""What records say in words beside and instead of codes: values with their ranges, plans, doubts, other languages."""

from __future__ import annotations

import pytest

from tests.clinical.asking import (
    ICD10CM,
    LOINC,
    SNOMED,
    Cards,
    Resource,
    coded,
    condition,
    observation,
    prescription,
    select,
    view,
)

BREAST = condition(coded(ICD10CM, "C50.911"))
SPREAD = condition(coded(SNOMED, "94222008", "Secondary malignant neoplasm of bone"))

CORD = condition(coded(SNOMED, "71286001", "Spinal cord compression"), 1)


def calcium(text: str, **more: object) -> Resource:
    return observation(coded(LOINC, "17861-6", "Calcium"), valueString=text, **more)


@pytest.mark.parametrize(
    "text",
    [
        "3,62 mmol/L (N : 2,20-2,60)",
        "3.62 mmol/l [2.20 - 2.60]",
        "3.62 (H) mmol/L ref 2.2-2.6",
        "14.5 mg/dL (8.5-10.5)",
    ],
)
def test_a_value_with_its_range_raises_the_card_of_the_value(text: str) -> None:
    assert view(BREAST, SPREAD, calcium(text)).indicator("hypercalcaemia") == "critical"


@pytest.mark.parametrize("text", ["2,38 mmol/L (N : 2,20-2,60)", "9.6 mg/dL (8.5-10.5)", "2.3 mmol/L, Norm bis 2.6"])
def test_a_normal_value_with_its_range_is_silent(text: str) -> None:
    shown = view(BREAST, SPREAD, calcium(text))
    assert "hypercalcaemia" not in shown.topics
    if "Norm bis" not in text:
        assert "could-not-assess" not in shown.topics


def dexamethasone(text: str) -> Cards:
    draft = prescription({"text": "Dexamethasone 8 mg tablet"}, status="draft", dosageInstruction=[{"text": text}])
    return select(BREAST, SPREAD, CORD, drafts=[draft])


@pytest.mark.parametrize(
    "text", ["32 mg early each morning", "32 mg daily, early morning", "32 mg daily, review next year"]
)
def test_no_part_of_another_word_makes_a_steroid_local(text: str) -> None:
    assert "dexamethasone-safety" in dexamethasone(text).topics


@pytest.mark.parametrize(
    "text", ["1 drop into the left ear daily", "in beide Augen", "mouthwash 10 mL, swish and spit"]
)
def test_what_treats_a_place_is_no_systemic_steroid(text: str) -> None:
    assert "dexamethasone-safety" not in dexamethasone(text).topics
