"""Questions, scores and scales of many instruments and languages: what denies raises nothing, what affirms is heard."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.patient_state import Grade, PerformanceLimit, performance_status
from cds_service.terminology.dates import Span
from tests.chart.charts import bundle, read
from tests.clinical.asking import LOINC, SNOMED, Resource, coded, condition, observation, view
from tests.findings.shared_tables import shared_table

BREAST = condition(coded(SNOMED, "254837009"), 1000)
BONE = condition(coded(SNOMED, "94222008"), 150)
WEAK = condition(coded(SNOMED, "309774006", "Weakness of both legs"), 2)
MILD_CALCIUM = (
    observation(coded(LOINC, "17861-6"), 2.7, "mmol/L", 1),
    observation(coded(LOINC, "1751-7"), 40, "g/L", 1),
)
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
TIRED = coded(LOINC, "44254-1")
FATIGUE = {"coding": [{"system": SNOMED, "code": "84229001", "display": "Fatigue"}]}


def answered(question: str | Resource, answer: Any, **more: Any) -> Resource:
    """A question, in words or coded, and its answer: a number, a boolean, words, or a coding."""
    code = question if isinstance(question, dict) else {"text": question}
    if isinstance(answer, tuple):
        more["valueCodeableConcept"] = coded(*answer)
    elif isinstance(answer, str):
        more["valueString"] = answer
    elif isinstance(answer, bool):
        more["valueBoolean"] = answer
    elif answer is not None:
        more["valueInteger"] = answer
    return observation(code, days=1, **more)


DENIED = [
    *[
        (one, 15)
        for one in ("Glasgow-Koma-Skala", "Score de Glasgow", "Escala de coma de Glasgow", "Glasgow Coma Schaal")
    ],
    ("Glasgow prognostic score", 2),
    ("Level of consciousness", "Alert and oriented x3"),
    *[("DOS score", 2), ("Ramsay sedation scale", 2), ("NEWS2 consciousness", "A"), ("Übelkeit", "nicht")],
    ("Nausea", (SNOMED, "410516002")),
    *[("Glasgow Coma Scale", one) for one in (15, 14, "15/15", "E4V5M6", "GCS 15")],
    *[("RASS", one) for one in (0, 1, "+1", "-1", "alert and calm")],
    *[("AVPU", one) for one in ("A", "Alert")],
    *[("CAM-ICU", one) for one in ("negative", 0)],
    ("4AT score", 3),
    ("FOUR score (full outline of unresponsiveness)", 16),
    ("Montreal cognitive assessment", 29),
    *[(TIRED, (LOINC, code)) for code in ("LA6568-5", "LA6569-3")],
    ("PHQ-9: Müdigkeit oder Gefühl, keine Energie zu haben", "Überhaupt nicht"),
    ("In the past 7 days: I feel fatigued [PROMIS]", (LOINC, "LA6568-5")),
    ("Did you feel tired? [SF-36]", (LOINC, "LA6270-8")),
    ("ESAS nausea", 3),
    ("EORTC QLQ-C30 Q18 Were you tired?", "Not at all"),
    ("FACT-G GP1 I have a lack of energy", "Not at all"),
    *[("CTCAE fatigue grade", one) for one in (0, 1, "Grade 1", "mild")],
    ("PRO-CTCAE nausea severity at its worst", "None"),
    ("MDASI drowsy (sleepy)", 4),
    *[("IPOS poor appetite", one) for one in ("Slightly", 1)],
    *[("Nausea NRS", one) for one in (3, "3/10")],
    ("Estreñimiento", "Niega"),
    ("Nausées", "Non"),
    ("Misselijkheid", "Geen"),
    ("Nausea", "Assente"),
    ("Verwirrtheit", "Nein"),
    ("Constipation", False),
    *[
        (FATIGUE, one)
        for one in ((LOINC, "LA32-8"), (LOINC, "LA9634-2"), (SNOMED, "373067005"), (SNOMED, "260415000"), (YES_NO, "N"))
    ],
]
AFFIRMED = [
    *[
        (one, 9)
        for one in ("Glasgow-Koma-Skala", "Score de Glasgow", "Punteggio di Glasgow", "Escala de coma de Glasgow")
    ],
    *[("DOS score", 4), ("Ramsay sedation scale", 5), ("NEWS2 consciousness", "C")],
    ("Nausea", (SNOMED, "410515003")),
    *[("Übelkeit", one) for one in ("Sehr", "ziemlich")],
    *[("Nausea", one) for one in ("beaucoup", "mucho", "molto", "heel erg", "Quite a bit")],
    *[("Glasgow Coma Scale", one) for one in (13, "E3V4M5 = 12", "GCS 9", "E3 V4 M6")],
    (coded(SNOMED, "248241002"), 9),
    *[("RASS", one) for one in (-2, "-3", "\u22124")],
    ("AVPU", "V"),
    *[("Confusion Assessment Method", one) for one in ("positive", "ja")],
    ("4AT score", 4),
    *[(TIRED, (LOINC, code)) for code in ("LA6570-1", "LA6571-9")],
    ("In the past 7 days: I feel fatigued [PROMIS]", (LOINC, "LA13914-9")),
    ("ESAS nausea", 4),
    ("EORTC QLQ-C30 Have you felt nauseated?", "Very much"),
    *[("CTCAE nausea grade", one) for one in (2, "Grade 3", "severe", "mäßig")],
    ("PRO-CTCAE nausea severity at its worst", "Severe"),
    ("MDASI nausea", 5),
    *[("IPOS constipation", one) for one in ("Severely", 2)],
    *[("Nausea NRS", one) for one in (4, "8/10")],
    ("Obstipation", "Ja"),
    ("Estreñimiento", "Sí"),
    ("Confusion", "Oui"),
    ("Stipsi", "Sì, da una settimana"),
    ("Obstipatie", "Ja, sinds 3 dagen"),
    *[
        ({"coding": [{"system": SNOMED, "code": "422587007", "display": "Nausea"}]}, one)
        for one in (
            *((LOINC, code) for code in ("LA33-6", "LA9633-4", "LA6751-7")),
            *((SNOMED, code) for code in ("373066001", "24484000", "260373001")),
            (YES_NO, "Y"),
        )
    ],
]


@pytest.mark.parametrize(("question", "answer"), DENIED)
def test_an_answer_that_denies_makes_no_symptom_of_hypercalcaemia(question: Any, answer: Any) -> None:
    assert view(BREAST, BONE, *MILD_CALCIUM, answered(question, answer)).indicator("hypercalcaemia") == "warning"


@pytest.mark.parametrize(("question", "answer"), AFFIRMED)
def test_an_answer_that_affirms_makes_a_symptom_of_hypercalcaemia(question: Any, answer: Any) -> None:
    assert view(BREAST, BONE, *MILD_CALCIUM, answered(question, answer)).indicator("hypercalcaemia") == "critical"


WELL = [
    *[("Gait", one) for one in ("steady", "not unsteady", "no longer unsteady", "normal")],
    *[("Babinski", one) for one in ("negative bilaterally", "not positive")],
    *[("Anal tone", one) for one in ("normal", "not reduced", "not assessed")],
    *[("Perianal sensation", one) for one in ("present", "intact", "not absent")],
    *[("Sensation legs", one) for one in ("normal", "not reduced")],
    *[("Clonus", one) for one in ("absent", "none")],
    *[(one, "leg weakness") for one in ("Family history", "Mother", "Red flags explained", "Counselling about")],
    *[("Gang", one) for one in ("sicher", "nicht unsicher")],
    *[("Marche", one) for one in ("normale", "non instable")],
    *[
        (one, "5/5")
        for one in ("Kraft Beine", "Fuerza MMII", "Forza arti inferiori", "Force musculaire MI", "Kracht benen")
    ],
    *[(one, "3/5") for one in ("Grip strength", "Handkraft")],
    *[("Barthel index bladder", one) for one in (10, 5, "continent")],
    ("Barthel index - bowels", 10),
    *[("ASIA impairment scale", one) for one in ("E", "AIS E")],
    ("Urinary continence [Minimum Data Set]", "Always continent"),
    ("Power left leg (MRC)", "5/5"),
    ("Kraftgrad Bein rechts nach Janda", 5),
    ("Harnkontinenz", "kontinent"),
    ("Neurologie", "keine Paraparese, keine Blasenstörung"),
    ("Exploración neurológica", "niega debilidad de piernas"),
    ("Esame neurologico", "nega ipostenia agli arti inferiori"),
    ("Neurologisch onderzoek", "geen krachtsverlies van de benen"),
    ("Examen neurologique", "pas de paraparésie, pas de troubles sphinctériens"),
    ({"coding": [{"code": "7", "display": "Weakness of legs"}]}, (LOINC, "LA32-8")),
]
UNWELL = [
    *[("Gait", one) for one in ("unsteady", "ataxic")],
    *[("Anal tone", one) for one in ("reduced", "absent")],
    ("Perianal sensation", "absent"),
    ("Saddle sensation", "reduced"),
    ("Babinski", "positive"),
    ("Plantar reflexes", "upgoing"),
    ("Analtonus", "schlaff"),
    ("Gang", "unsicher"),
    ("Sensibilität Beine", "vermindert"),
    ("Marche", "instable"),
    *[
        (one, "3/5")
        for one in ("Kraft Beine", "Fuerza MMII", "Forza arti inferiori", "Force musculaire MI", "Kracht benen")
    ],
    ("Kraft Beine", "KG 3"),
    *[("Barthel index bladder", one) for one in (0, "incontinent or catheterised")],
    *[("ASIA impairment scale", one) for one in ("C", "AIS D")],
    ("Frankel grade", "B"),
    ("Power left leg (MRC)", "3/5"),
    ("Kraftgrad Bein rechts", "2 von 5"),
    ("Neurologisch onderzoek", "krachtsverlies benen"),
    ("Paraparesis", (SNOMED, "373066001")),
]


@pytest.mark.parametrize(("question", "answer"), WELL)
def test_an_answer_that_denies_makes_no_sign_of_the_cord(question: Any, answer: Any) -> None:
    assert not view(BREAST, BONE, answered(question, answer)).topics & {"mscc-suspected", "could-not-assess"}


@pytest.mark.parametrize(("question", "answer"), UNWELL)
def test_an_answer_that_affirms_makes_a_sign_of_the_cord(question: Any, answer: Any) -> None:
    assert view(BREAST, BONE, answered(question, answer)).indicator("mscc-suspected") == "critical"


MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-allgemeiner-leistungszustand-"
ECOG, KARNOFSKY = coded(LOINC, "89247-1"), coded(LOINC, "89243-0")
GRADED = [
    *[(ECOG, one, 2) for one in (2, "2", "ECOG 2", "Grade 2", "PS 2", "2 - Ambulatory", (LOINC, "LA9624-3"))],
    (ECOG, "Ambulatory and capable of all selfcare but unable to carry out any work activities", 2),
    (ECOG, "Fully active, able to carry on all pre-disease performance without restriction", 0),
    (coded(SNOMED, "423740007"), (SNOMED, "422894000"), 2),
    (coded(SNOMED, "423740007"), "Eastern Cooperative Oncology Group performance status - grade 1 (finding)", 1),
    ("ECOG-Leistungszustand", "Grad 3", 3),
    ("WHO performance status", "WHO 3", 3),
    *[(KARNOFSKY, one, 3) for one in (40, "40 %", "KPS 40", (LOINC, "LA29181-7"), (MII + "karnofsky", "40%"))],
    (KARNOFSKY, "Cares for self; unable to carry on normal activity or do active work", 1),
    (coded(SNOMED, "761869008"), 90, 0),
    ("Lansky play-performance", 60, 2),
]
NO_GRADE = [
    *[(ECOG, one) for one in ("1-2", "0 or 1", "capable", (SNOMED, "261665006"))],
    (coded(SNOMED, "423740007"), (MII + "ecog", "U")),
    (KARNOFSKY, "70-80"),
]


def performance(question: Any, answer: Any, **more: Any) -> tuple[int | None, bool]:
    """The ECOG grade, and whether anything was not understood."""
    score = answered(question, answer, subject={"reference": "Patient/p"}, **more)
    case = read({"observations": bundle(score)})
    found = performance_status(case, PerformanceLimit(Span(days=90), shared_table("performance_grades", Grade)))
    return (found.ecog if found else None), bool(case.gaps)


@pytest.mark.parametrize(("question", "answer", "grade"), GRADED)
def test_a_performance_status_is_read_by_number_code_and_words(question: Any, answer: Any, grade: int) -> None:
    assert performance(question, answer) == (grade, False)


@pytest.mark.parametrize(("question", "answer"), NO_GRADE)
def test_an_answer_without_one_grade_is_not_known(question: Any, answer: Any) -> None:
    assert performance(question, answer) == (None, True)


def test_a_grade_that_stands_in_the_interpretation_is_read() -> None:
    assert performance(ECOG, None, interpretation=[coded(LOINC, "LA9625-0")]) == (3, False)


UICC, AJCC = "https://www.uicc.org/resources/tnm", "http://cancerstaging.org"
INVASIVE = [
    (coded(SNOMED, "399504009"), (UICC, "T2")),
    (coded(LOINC, "21905-5"), (UICC, "1")),
    (coded(SNOMED, "384625004"), "American Joint Committee on Cancer pT3 (qualifier value)"),
    ("TNM cT category", "cT4b"),
    (coded(LOINC, "21906-3"), (AJCC, "cN1")),
    (coded(SNOMED, "371494008"), (UICC, "N2a")),
    (coded(LOINC, "21908-9"), (AJCC, "IIA")),
    ("Cancer stage", "Stage II"),
]
NOT_INVASIVE = [
    *[(coded(SNOMED, "399504009"), one) for one in ((UICC, "T0"), "TX", "Tis", "cT0")],
    *[(coded(LOINC, "21906-3"), one) for one in ((AJCC, "cN0"), "cNX")],
    (coded(LOINC, "21907-1"), (AJCC, "cM0")),
]


@pytest.mark.parametrize(("question", "answer"), INVASIVE)
def test_an_invasive_category_is_evidence_of_cancer_and_of_no_spread(question: Any, answer: Any) -> None:
    topics = view(answered(question, answer), WEAK).topics
    assert "mscc-suspected" in topics and "mdt-referral" not in topics


@pytest.mark.parametrize(("question", "answer"), NOT_INVASIVE)
def test_a_category_without_a_tumour_is_no_cancer(question: Any, answer: Any) -> None:
    assert not view(answered(question, answer), WEAK).topics & {"mscc-suspected", "could-not-assess"}


SIGNS = {
    "Can't feel her legs": True,
    "Numbness in both feet": True,
    "Legs giving way": True,
    "Carpal tunnel numbness hand": False,
    "Numbness of the left hand": False,
    "Education: signs of cord compression": False,
    "Fear of paralysis": False,
}


@pytest.mark.parametrize(("words", "sign"), SIGNS.items())
def test_a_sign_of_the_cord_is_hers_and_below_the_arms(words: str, sign: bool) -> None:
    assert ("mscc-suspected" in view(BREAST, BONE, condition({"text": words}, 2)).topics) is sign
