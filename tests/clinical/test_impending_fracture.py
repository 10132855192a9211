"""A bone that is about to break, as problem lists and reports of six languages say it; and what only sounds like it."""

from __future__ import annotations

import pytest

from tests.clinical.asking import ICD10, SNOMED, coded, condition, observation, report, service, view

BREAST = condition(coded(ICD10, "C50.9"), 900)
BONE = condition(coded(ICD10, "C79.5"), 60)
TOPIC = "orthopaedic-assessment"

ABOUT_TO_BREAK = [
    "Impending fracture of femoral neck",
    "impending pathologic fracture left femur",
    "Impending fx L femur",
    "Imminent fracture of the humerus",
    "At risk of pathological fracture",
    "Lytic lesion of proximal femur at high risk of fracture",
    "High risk of pathological fracture, right humerus",
    "Femoral metastasis, fracture risk high",
    "Drohende pathologische Fraktur Humerus links",
    "drohende Fraktur des Schenkelhalses",
    "Frakturgefährdete Osteolyse im Femur",
    "Akute Frakturgefahr Femurschaft rechts",
    "Osteolyse BWK 8, frakturgefährdet",
    "Lytische Läsion Femur mit hohem Frakturrisiko",
    "Fracture imminente du col fémoral",
    "Menace de fracture du fémur",
    "Métastase fémorale à haut risque fracturaire",
    "Fractura inminente de fémur",
    "Fractura patológica inminente",
    "Alto riesgo de fractura patológica del húmero",
    "Frattura imminente del femore",
    "Metastasi femorale ad alto rischio di frattura",
    "Dreigende pathologische fractuur van het femur",
    "Hoog risico op pathologische fractuur",
    "Lytische laesie femur met verhoogd fractuurrisico",
]
NOT_ABOUT_TO_BREAK = [
    "No impending fracture",
    "Not at risk of pathological fracture",
    "Low risk of pathological fracture",
    "Impending fracture ruled out",
    "Fracture risk assessment (FRAX)",
    "Osteoporosis, high risk of fracture",
    "High fracture risk on aromatase inhibitor",
    "Education on risk of pathological fracture",
    "Mother had an impending fracture of the hip",
    "Keine drohende Fraktur",
    "Nicht frakturgefährdet",
    "Erhöhtes Frakturrisiko unter Aromatasehemmer",
    "Frakturgefährdung ausgeschlossen",
    "Osteoporose mit hohem Frakturrisiko",
    "Pas de fracture imminente",
    "Pas de risque fracturaire du fémur",
    "Ostéoporose à haut risque fracturaire",
    "Sin riesgo de fractura patológica",
    "Niega fractura inminente",
    "Nessun rischio di frattura patologica",
    "Geen dreigende fractuur",
    "Osteoporose met hoog fractuurrisico",
    "Stress fracture of the metatarsal",
]


@pytest.mark.parametrize("words", ABOUT_TO_BREAK)
def test_a_bone_that_is_about_to_break_is_shown_to_a_surgeon(words: str) -> None:
    cards = view(BREAST, condition({"text": words}, 3))
    assert cards.indicator(TOPIC) == "warning"
    assert "before it breaks" in cards.summary(TOPIC)
    assert "pathological-fracture" not in cards.topics
    assert [order["priority"] for order in cards.created(TOPIC, "ServiceRequest")] == ["urgent"]


@pytest.mark.parametrize("words", NOT_ABOUT_TO_BREAK)
def test_what_only_sounds_like_it_or_is_denied_says_nothing(words: str) -> None:
    assert TOPIC not in view(BREAST, condition({"text": words}, 3)).topics


@pytest.mark.parametrize(
    ("words", "fires"),
    [
        ("Large lytic lesion of the femoral shaft, impending fracture.", True),
        ("Lytische Läsion des Femurschafts, frakturgefährdet.", True),
        ("Small sclerotic lesion. No impending fracture.", False),
        ("Indication: impending fracture? Findings: normal femur.", False),
    ],
)
def test_a_report_says_it_too(words: str, fires: bool) -> None:
    assert (TOPIC in view(BREAST, report("X-ray femur", words, 2)).topics) is fires


def test_in_the_spine_it_is_the_spinal_surgeons() -> None:
    cards = view(BREAST, condition({"text": "Impending fracture of L2 vertebral body"}, 3))
    (order,) = cards.created(TOPIC, "ServiceRequest")
    assert "spin" in order["code"]["text"].lower()


def test_without_cancer_or_after_a_fixation_or_beside_a_referral_it_is_silent() -> None:
    about_to_break = condition({"text": "Impending fracture of femur"}, 3)
    nailing = {
        "resourceType": "Procedure",
        "id": "nail",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "code": {"text": "Intramedullary nailing of femur"},
        "performedDateTime": "2026-03-01",
    }
    asked = service({"text": "Referral to orthopaedic surgery"}, status="active", authoredOn="2026-03-01")
    assert TOPIC not in view(about_to_break).topics
    assert TOPIC not in view(BREAST, about_to_break, nailing).topics
    assert TOPIC not in view(BREAST, about_to_break, asked).topics
    assert TOPIC in view(BREAST, about_to_break).topics


def test_a_broken_bone_goes_before_one_that_is_about_to_break() -> None:
    broken = condition({"text": "Pathological fracture of left femur"}, 2)
    cards = view(BREAST, BONE, broken, condition({"text": "Impending fracture of right femur"}, 3))
    assert "pathological-fracture" in cards.topics and TOPIC not in cards.topics


@pytest.mark.parametrize(("points", "fires"), [(7, False), (8, True), (9, True), (10, True)])
def test_a_score_of_a_long_bone_says_that_a_long_bone_is_meant(points: int, fires: bool) -> None:
    """The coded metastasis names no bone."""
    for scored in (report("Letter", f"Mirels score {points}.", 5), condition({"text": f"Mirels {points}, leg"}, 5)):
        assert (TOPIC in view(BREAST, BONE, scored).topics) is fires


@pytest.mark.parametrize(("points", "fires"), [(6, False), (7, True), (13, True)])
def test_a_score_of_the_spine_says_that_the_spine_is_meant(points: int, fires: bool) -> None:
    scored = observation({"text": "SINS (spinal instability neoplastic score)"}, days=5, valueInteger=points)
    assert (TOPIC in view(BREAST, BONE, scored).topics) is fires


def test_radiotherapy_waits_for_the_surgeon() -> None:
    pain = observation(coded("http://loinc.org", "72514-3"), 7, "{score}", 1)
    shown = report("X-ray femur", "Lytic metastasis of the femoral shaft. Impending fracture.", 2)
    femur = condition(coded(SNOMED, "94300004"), 60)
    assert "palliative-radiotherapy" not in view(BREAST, femur, pain, shown).topics
