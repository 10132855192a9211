"""Records as the profiles of registries and nations write them, in invented patients: each row is a line of docs/recognition.md."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chart.charts import bundle, read
from tests.clinical.asking import ICD10, LOINC, SNOMED, Resource, coded, condition, observation
from tests.clinical.profile_records import BREAST, ICD_GM, MCODE, MII, SNOMED_AU, shown, topics

UICC = "https://www.uicc.org/resources/tnm"
AJCC = "http://cancerstaging.org"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
NEW_BREAST = condition(coded(ICD_GM, "C50.4"), 20)
WEAK = condition(coded(SNOMED, "309774006", "Weakness of both legs"), 2)


def answered(question: Resource, answer: Resource, **more: Any) -> Resource:
    return observation(question, days=10, valueCodeableConcept=answer, **more)


M_CATEGORY = coded(SNOMED, "399387003", "cM category (observable entity)")
LOCATION = coded(SNOMED, "385421009")
STAGE = coded(SNOMED, "399588009")
SITES = ("OSS", "PUL", "HEP", "BRA", "LYM", "MAR", "PLE", "PER", "ADR", "SKI", "OTH", "GEN")
SPREAD: dict[str, tuple[Resource, ...]] = {
    # -- mCODE 4
    "M category asked in SNOMED CT": (BREAST, answered(M_CATEGORY, coded(SNOMED, "1229903009"))),
    "pM1b of the AJCC": (BREAST, answered(coded(SNOMED, "371497001"), coded(SNOMED, "1229920008"))),
    "M category asked in LOINC, bare AJCC code": (BREAST, answered(coded(LOINC, "21907-1"), coded(AJCC, "cM1"))),
    "secondary cancer of a code that only a display explains": (
        condition({"coding": [{"system": "urn:oid:2.999", "code": "7", "display": "Metastasis to rib"}]}, 10),
    ),
    # -- MII and oBDS
    **{f"Fernmetastasen {site}": (BREAST, answered(LOCATION, coded(MII + "fernmetastasen", site))) for site in SITES},
    "Fernmetastasen without a system": (BREAST, answered(LOCATION, {"coding": [{"code": "OSS"}]})),
    "Fernmetastasen as SNOMED CT structure": (BREAST, answered(LOCATION, coded(SNOMED, "258333005"))),
    "UICC M1 without display": (BREAST, answered(M_CATEGORY, coded(UICC, "M1"))),
    "UICC M1c without display": (BREAST, answered(M_CATEGORY, coded(UICC, "M1c"))),
    "UICC 1 without display": (BREAST, answered(M_CATEGORY, coded(UICC, "1"))),
    "older registry: J": (BREAST, answered(coded(LOINC, "21907-1"), {"coding": [{"code": "J"}]})),
    "Verlauf: distant metastases progress": (
        BREAST,
        observation(
            coded(SNOMED, "396432002"),
            days=10,
            component=[
                {
                    "code": coded(SNOMED, "399608002"),
                    "valueCodeableConcept": coded(MII + "verlauf-fernmetastasen", "P"),
                }
            ],
        ),
    ),
    "ICD-10-GM, certainty G": (condition({"coding": [{"system": ICD_GM, "code": "C79.5 G"}]}, 10),),
    "ICD-O-3 morphology of a metastasis": (
        condition({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/icd-o-3", "code": "8140/6"}]}, 10),
    ),
    # -- national editions
    "UK Core: ICD-10 of five characters": (condition(coded(ICD10, "C795X"), 10),),
    "CIE-10-ES": (condition(coded("http://hl7.org/fhir/sid/icd-10-es", "C79.51"), 10),),
    "AU Core: ICD-10-AM": (condition(coded("http://hl7.org/fhir/sid/icd-10-am", "C79.5"), 10),),
    "AU Core: SNOMED CT-AU": (condition(coded(SNOMED_AU, "94222008"), 10),),
    "AU Core: SNOMED CT-AU with its version": (condition(coded(f"{SNOMED}|{SNOMED_AU}", "94222008"), 10),),
    "AU Core: OID of ICD-10-AM": (condition(coded("urn:oid:2.16.840.1.113883.6.135", "C79.5"), 10),),
    "US Core: OID and no dot": (condition(coded("urn:oid:2.16.840.1.113883.6.90", "C7951"), 10),),
}
NO_SPREAD: dict[str, tuple[Resource, ...]] = {
    "cM0 of the AJCC": (BREAST, answered(M_CATEGORY, coded(SNOMED, "1229901006"))),
    "UICC M0": (BREAST, answered(M_CATEGORY, coded(UICC, "M0"))),
    "UICC 0": (BREAST, answered(M_CATEGORY, coded(UICC, "0"))),
    "UICC MX": (BREAST, answered(M_CATEGORY, coded(UICC, "MX"))),
    "M category not applicable": (BREAST, answered(M_CATEGORY, coded(ABSENT, "not-applicable"))),
    "UICC T1": (BREAST, answered(coded(SNOMED, "399504009"), coded(UICC, "1"))),
    "site of metastasis: none": (BREAST, answered(coded(LOINC, "44667-4"), coded(SNOMED, "260413007", "None"))),
    "Verlauf: no distant metastases": (
        BREAST,
        answered(coded(SNOMED, "399608002"), coded(MII + "verlauf-fernmetastasen", "K")),
    ),
    "ICD-10-GM, certainty A": (BREAST, condition({"coding": [{"system": ICD_GM, "code": "C79.5 A"}]}, 10)),
    "a body site that no question asks": (BREAST, answered(coded(LOINC, "39111-0"), coded(SNOMED, "272673000"))),
}


@pytest.mark.parametrize("record", SPREAD.values(), ids=SPREAD)
def test_a_metastasis_is_understood_as_the_profile_writes_it(record: tuple[Resource, ...]) -> None:
    assert "mdt-referral" in topics(*record)


@pytest.mark.parametrize("record", NO_SPREAD.values(), ids=NO_SPREAD)
def test_no_metastasis_is_made_of_a_denial_or_of_another_question(record: tuple[Resource, ...]) -> None:
    assert "mdt-referral" not in topics(*record)


def test_bone_among_the_registry_sites_is_bone_disease() -> None:
    bone = topics(BREAST, answered(LOCATION, coded(MII + "fernmetastasen", "OSS")))
    lung = topics(BREAST, answered(LOCATION, coded(MII + "fernmetastasen", "PUL")))
    assert "bma-start" in bone
    assert "bma-start" not in lung


def test_a_registry_site_is_called_by_our_name_and_is_proven_by_its_code() -> None:
    """A string is words, whatever it says; the card then asks to confirm it first."""
    coded_site = shown(BREAST, answered(LOCATION, coded(MII + "fernmetastasen", "OSS", "Knochen")))
    in_words = shown(BREAST, observation(LOCATION, days=10, valueString="OSS"))
    for cards in (coded_site, in_words):
        assert cards.summary("bma-start").startswith("Breast cancer, bone metastases: start")
    assert "words only" not in coded_site.detail("bma-start") and "words only" in in_words.detail("bma-start")
    assert 'Bone metastases: "Knochen", 10 days ago' in coded_site.detail("bma-start")


def test_a_site_that_nobody_understands_is_not_known() -> None:
    assert "mdt-referral" not in topics(BREAST, answered(LOCATION, coded("urn:oid:2.999", "Q7")))


@pytest.mark.parametrize(
    ("stage", "advanced"),
    [
        (answered(STAGE, coded(UICC, "IVC")), True),
        (answered(STAGE, coded(UICC, "IIIA")), True),
        (answered(STAGE, coded(UICC, "IIB")), False),
        (answered(coded(LOINC, "21908-9"), coded(AJCC, "3C")), True),
        (answered(coded(LOINC, "21908-9"), coded(AJCC, "1A")), False),
        (answered(coded(SNOMED, "399537006"), coded(SNOMED, "1222837003")), True),
    ],
    ids=["UICC IVC", "UICC IIIA", "UICC IIB", "AJCC 3C", "AJCC 1A", "mCODE SNOMED CT stage IV"],
)
def test_a_stage_group_is_read_by_its_bare_code(stage: Resource, advanced: bool) -> None:
    assert ("staging-pet" in topics(NEW_BREAST, stage)) is advanced


@pytest.mark.parametrize(("code", "advanced"), [("IV", True), ("IVB", True), ("4", True), ("IIA", False), ("I", False)])
def test_a_stage_on_the_problem_is_read_by_its_bare_code(code: str, advanced: bool) -> None:
    staged = condition(coded(ICD_GM, "C50.4"), 20, stage=[{"summary": coded(UICC, code)}])
    assert ("staging-pet" in topics(staged)) is advanced


@pytest.mark.parametrize(
    ("letter", "worse"),
    [("P", True), ("Y", True), ("V", False), ("T", False), ("K", False), ("B", False), ("X", False)],
)
def test_the_letters_of_a_follow_up_are_a_disease_status(letter: str, worse: bool) -> None:
    case = read(
        {"o": bundle(answered(coded(SNOMED, "396432002"), coded(MII + "verlauf-gesamtbeurteilung", letter)))},
        patient_id="p1",
    )
    (status,) = case.observations.of("disease-status")
    assert ("status-worsened" in status.answers) is worse
    assert status.answers
    assert not case.gaps


ECOG = coded(SNOMED, "423740007")


@pytest.mark.parametrize(
    ("answer", "grade"),
    [
        (coded(MII + "allgemeiner-leistungszustand-ecog", "3"), 3),
        ({"coding": [{"code": "0"}]}, 0),
        (coded(LOINC, "LA9625-0"), 3),
        (coded(SNOMED, "422894000"), 2),
        (coded(MII + "allgemeiner-leistungszustand-ecog", "U"), None),
        (coded(SNOMED, "422894000", "90 - 100 % by Karnofsky"), 2),
    ],
    ids=["oBDS", "bare code", "LOINC answer", "SNOMED CT finding", "unknown", "a display with other numbers"],
)
@pytest.mark.parametrize("inside", [False, True], ids=["value", "component"])
def test_a_coded_grade_is_its_number(answer: Resource, grade: int | None, inside: bool) -> None:
    part = {"code": ECOG, "valueCodeableConcept": answer}
    whole = observation(coded(SNOMED, "423690003"), days=3, component=[part]) if inside else answered(ECOG, answer)
    values = [
        one.value.value for one in read({"o": bundle(whole)}, patient_id="p1").observations.of("ecog") if one.value
    ]
    assert values == ([] if grade is None else [grade])


@pytest.mark.parametrize(
    ("url", "code", "lymphoma"),
    [
        (MCODE + "mcode-histology-morphology-behavior", "8500/3", False),
        (MCODE + "mcode-histology-morphology-behavior", "9680/3", True),
        (
            "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/StructureDefinition/mii-ex-onko-histology-morphology-behavior-icdo3",
            "9680/3",
            True,
        ),
        ("https://example.org/laterality", "9680/3", False),
    ],
)
def test_a_histology_extension_is_histology(url: str, code: str, lymphoma: bool) -> None:
    value = coded("http://terminology.hl7.org/CodeSystem/icd-o-3", code)
    problem = condition(coded(SNOMED, "363346000"), 100, extension=[{"url": url, "valueCodeableConcept": value}])
    (found,) = read({"c": bundle(problem)}, patient_id="p1").conditions.of("any-malignancy")
    assert ("lymphoma" in found.concepts) is lymphoma


@pytest.mark.parametrize(
    ("primary", "known"),
    [
        ({"reference": "Condition/primary", "display": "Multiple myeloma"}, True),
        ({"reference": "Condition/primary", "display": "Benign nevus"}, False),
        ({"reference": "Condition/primary"}, False),
        ({"reference": "#primary", "display": "Multiple myeloma"}, False),
    ],
)
def test_a_primary_that_only_a_reference_names_is_known_by_its_words(primary: Resource, known: bool) -> None:
    extension = {"url": f"{MCODE}mcode-related-primary-cancer-condition", "valueReference": primary}
    secondary = condition(coded(SNOMED, "94222008"), 100, extension=[extension], subject={"reference": "Patient/p"})
    found = read({"conditions": bundle(secondary)}).conditions
    assert bool(found.of("myeloma")) is known and len(found.of("bone-metastasis")) == 1


QUESTIONS = [
    *((one, "M1") for one in ("M-Kategorie", "cM", "pM", "catégorie M", "categoría M", "categoria M", "M-categorie")),
    *((one, "OSS") for one in ("Metastasenlokalisation", "Fernmetastasen Lokalisation", "Localisation des métastases")),
    *(
        (one, "Lunge")
        for one in ("Lokalisation der Fernmetastasen", "Localización de las metástasis", "Sede delle metastasi")
    ),
]


@pytest.mark.parametrize(("question", "answer"), QUESTIONS)
def test_a_registry_question_is_known_by_its_words(question: str, answer: str) -> None:
    assert "mdt-referral" in topics(BREAST, observation({"text": question}, days=10, valueString=answer))


@pytest.mark.parametrize(
    "written", ["cT2 cN1 cM1 (OSS)", "pT3 pN2a M1b", "T4 N3 M1a", "UICC IV, M1 (HEP, PUL)", "TNM: T2N0M1"]
)
def test_a_tnm_formula_behind_a_diagnosis_says_that_it_has_spread(written: str) -> None:
    assert "mdt-referral" in topics(condition({"text": f"Mammakarzinom {written}"}, 10))
    assert "mdt-referral" not in topics(condition({"text": "Mammakarzinom pT2 pN0 cM0 L0 V0 R0"}, 10))
