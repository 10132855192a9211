"""Well-managed patients with stable bone metastases hear next to nothing: at most two cards in ten openings of the chart."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.clinical.asking import (
    LOINC,
    SNOMED,
    Resource,
    administration,
    coded,
    condition,
    observation,
    prescription,
    report,
    view,
)

OPENINGS = range(0, 182, 14)
"""Days into the half year that is followed; what recurs is as old then as its interval leaves it."""
MOST = 0.2


def last(every: int, opening: int, first: int = 3) -> int:
    """Days since the last time of what recurs, at an opening."""
    return (first + opening) % every + 1


def common(opening: int) -> list[Resource]:
    """What a clinic does for both: blood, pain, teeth, images, supplements, the team's plan."""
    blood, seen, image = last(28, opening), last(28, opening), last(84, opening)
    return [
        condition(coded(SNOMED, "94222008", "Metastasis to bone"), 300 + opening),
        observation(coded(LOINC, "2000-8"), 2.35, "mmol/L", blood),
        observation(coded(LOINC, "61151-7"), 42, "g/L", blood),
        observation(coded(LOINC, "2160-0"), 70, "umol/L", blood),
        observation(coded(LOINC, "62292-8"), 80, "nmol/L", last(168, opening)),
        observation(coded(LOINC, "72514-3"), 0, "{score}", seen),
        observation(coded(LOINC, "89247-1"), 0, "{score}", seen),
        report("CT chest abdomen pelvis", "Stable bone metastases. No new lesion.", image),
        report("Dental review", "Dentally fit.", last(168, opening)),
        report("MDT outcome", "Discussed in the tumour board: continue.", 280 + opening),
        prescription(coded(SNOMED, "387264003", "Calcium carbonate 1250 mg"), 290 + opening),
        prescription(coded(SNOMED, "18414002", "Colecalciferol 800 units"), 290 + opening),
    ]


def breast(opening: int) -> list[Resource]:
    given = last(84, opening)
    return [
        condition(coded(SNOMED, "254837009", "Breast cancer"), 900 + opening),
        prescription({"text": "Letrozole 2.5 mg tablets once daily"}, 290 + opening),
        prescription({"text": "Zoledronic acid 4 mg infusion every 12 weeks"}, 290 + opening),
        administration({"text": "Zoledronic acid 4 mg"}, 4, given),
        observation(coded(LOINC, "6875-9"), 20, "U/mL", last(84, opening)),
        *common(opening),
    ]


def prostate(opening: int) -> list[Resource]:
    return [
        condition(coded(SNOMED, "399068003", "Prostate cancer"), 900 + opening),
        prescription({"text": "Abiraterone 1000 mg once daily"}, 290 + opening),
        prescription({"text": "Denosumab 120 mg subcutaneously every 4 weeks"}, 290 + opening),
        administration({"text": "Denosumab 120 mg"}, 120, last(28, opening)),
        observation(coded(LOINC, "2857-1"), 0.4, "ng/mL", last(84, opening)),
        *common(opening),
    ]


@pytest.mark.parametrize(("patient", "sex"), [(breast, "female"), (prostate, "male")])
def test_a_well_managed_patient_gets_two_cards_in_ten_openings_at_most(
    patient: Callable[[int], list[Resource]], sex: str
) -> None:
    shown = [sorted(view(*patient(opening), sex=sex).by_topic) for opening in OPENINGS]
    assert sum(map(len, shown)) <= MOST * len(shown), shown


@pytest.mark.parametrize(
    ("lacks", "topic"),
    [
        ("dental", "bma-dental-review"),
        ("ct chest", "surveillance-imaging"),
        ("colecalciferol", "bma-calcium-vitamin-d"),
    ],
)
def test_what_is_left_out_is_said(lacks: str, topic: str) -> None:
    rest = [one for one in prostate(0) if lacks not in json.dumps(one).lower()]
    assert topic in view(*rest, sex="male").topics
