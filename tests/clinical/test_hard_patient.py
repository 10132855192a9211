"""One patient with everything at once: the answer reads like a registrar's list, the gravest first, each with its act."""

from __future__ import annotations

import json

import pytest

from cds_service.workbench.fixture_files import fixtures_folder
from tests.clinical.asking import Cards, ask

REQUEST = fixtures_folder() / "requests" / "hard-patient-cord-calcium-kidneys-patient-view.json"


@pytest.fixture(scope="module")
def answer() -> Cards:
    call = json.loads(REQUEST.read_text(encoding="utf-8"))
    return ask(call["hook"], call["context"], call["prefetch"])


def test_the_gravest_comes_first_and_each_line_names_the_cancer_the_fact_and_the_act(answer: Cards) -> None:
    assert [f"{card['indicator']}: {card['summary']}" for card in answer.answer["cards"]] == [
        "critical: Urinary retention, limb weakness (2 days), breast cancer: cord compression? "
        "Whole-spine MRI by 21:00",
        "critical: Severe hypercalcaemia, corrected calcium 3.58 mmol/L (2 h ago), breast cancer: treat now",
        "warning: SpO2 90% (1 h ago), lung metastases: repeat, prescribe oxygen to a target",
        "warning: Corrected calcium 3.58 mmol/L (2 h ago): review calcium carbonate, hydrochlorothiazide, ibuprofen",
        "warning: Lung metastases: contrast CT of chest, abdomen and pelvis is due, none within 60 days",
    ]


def test_what_the_cap_held_back_is_named(answer: Cards) -> None:
    held_back = answer.answer["extension"]["heldBack"]
    assert held_back == ["pain-control", "staging-bone-scan", "tumour-markers"]


def test_the_acts_are_those_of_today(answer: Cards) -> None:
    labels = {
        topic: [suggestion["label"] for suggestion in card.get("suggestions", ())]
        for topic, card in answer.by_topic.items()
    }
    assert labels["mscc-suspected"] == [
        "Order MRI of the whole spine, stat",
        "Start dexamethasone 16 mg a day",
        "Refer to spinal surgery, emergency",
        "Refer to radiation oncology, emergency",
    ]
    assert labels["hypercalcaemia"] == [
        "Start intravenous 0.9% sodium chloride",
        "Give denosumab 120 mg",
        "Give calcitonin 244 IU every 12 hours, at most 3 days",
        "Repeat calcium, albumin and creatinine",
        "Measure PTH once",
        "Record an ECG now",
        "Refer to nephrology, urgent",
    ]


def test_a_medicine_that_the_patient_must_not_have_is_named_with_its_reason(answer: Cards) -> None:
    detail = answer.detail("hypercalcaemia")
    assert "Zoledronic acid is not offered: clearance 26.1 mL/min, below 30 mL/min." in detail
    assert "Plan glucose checks and insulin before dexamethasone (diabetes)." in answer.detail("mscc-suspected")
