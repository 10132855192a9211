"""Medicines that matter with a raised calcium, by the names of six countries: known as ordered, and no namesake is."""

from __future__ import annotations

import pytest

from tests.clinical.asking import ICD10CM, LOINC, Resource, coded, condition, observation, prescription, select

BREAST = condition(coded(ICD10CM, "C50.911"), 900)
CALCIUM = observation(coded(LOINC, "29265-6", "Calcium corrected"), 3.1, "mmol/L")
HYPERKALAEMIA = condition(coded(ICD10CM, "E87.5"), 0)

RAISING = """
Vitamina D 25000 UI; Vitamina D 25 mcg; Vit. D3 800 IE; Vitamine D 1000 IE; Calcigen D 600/400; Calciumacetat 950 mg;
Acetato de calcio 500 mg; citrate de calcium; Calcio citrato 500
"""
CAUTION = "Novodigal 0,2; Beta-Acetyldigoxin 0,2 mg"
OF_NO_MATTER = """
Vitamin D 25-OH; Vitamin D level; Vitamine D-spiegel; Vitamin DA 5; vitamin B12; potassium acetate; sodium citrate;
Rosuvastatin calcium 10 mg; calcium folinate 50 mg; amlodipine (calcium channel blocker)
"""
INTO_A_VEIN = """
calcium gluconate 10% 10 mL iv; Calciumgluconat 10 %; gluconate de calcium 10 %; Gluconato de calcio 10%; Calcio gluconato;
Calciumgluconaat 10%; calcium chloride 10%; Cloruro de calcio
"""


@pytest.mark.parametrize(
    ("written", "indicator"), [(RAISING, "critical"), (CAUTION, "warning"), (OF_NO_MATTER, "silent")]
)
def test_a_medicine_is_known_by_the_name_it_is_ordered_by(written: str, indicator: str) -> None:
    for name in (part.strip() for part in written.split(";")):
        cards = select(BREAST, CALCIUM, drafts=[prescription({"text": name}, 0, status="draft")])
        assert cards.indicator("hypercalcaemia-medicines") == indicator, name


@pytest.mark.parametrize(("beside", "indicator"), [((), "critical"), ((HYPERKALAEMIA,), "silent")])
def test_calcium_into_a_vein_may_protect_the_heart_in_any_language(
    beside: tuple[Resource, ...], indicator: str
) -> None:
    for name in (part.strip() for part in INTO_A_VEIN.split(";")):
        draft = prescription({"text": name}, 0, status="draft")
        cards = select(BREAST, CALCIUM, *beside, drafts=[draft])
        assert cards.indicator("hypercalcaemia-medicines") == indicator, name
