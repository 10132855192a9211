"""Drafts as EHRs send them: counted tablets, references, vendors' extensions, and what nobody can read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clinical.asking import (
    ICD10CM,
    LOINC,
    RXNORM,
    SNOMED,
    Cards,
    Resource,
    ask,
    coded,
    condition,
    observation,
    prescription,
    select,
    service,
)

EPIC = "https://open.epic.com/fhir/extensions/"
FOUR_TIMES = {"repeat": {"frequency": 4, "period": 1, "periodUnit": "d"}}
TABLETS = {"text": "Dexamethasone 4 MG Oral Tablet", **coded(RXNORM, "197582")}


def cord(*drafts: Resource) -> Cards:
    """Select drafts for a woman with breast cancer and new leg weakness, whose stomach is protected."""
    omeprazole = prescription({"text": "omeprazole 20 mg"})
    weakness = condition(coded(SNOMED, "309774006"), 2)
    return select(condition(coded(ICD10CM, "C50.911"), 900), weakness, omeprazole, drafts=list(drafts))


def tablets(count: float, unit: dict[str, str], **more: Any) -> Resource:
    dose = {"doseAndRate": [{"doseQuantity": {"value": count, **unit}}]}
    return prescription(TABLETS, 0, status="draft", dosageInstruction=[{"timing": FOUR_TIMES, **dose}], **more)


@pytest.mark.parametrize("unit", [{"code": "{pill}"}, {"unit": "tablet"}, {"unit": "TAB", "code": "TAB"}])
def test_two_tablets_of_4_mg_four_times_a_day_are_32_mg(unit: dict[str, str]) -> None:
    cards = cord(tablets(2, unit))
    assert "32 mg" in cards.summary("dexamethasone-safety")


@pytest.mark.parametrize(
    ("onset", "tablets_at_once", "expected"),
    [
        (-270, 2, "dexamethasone-safety"),  # 32 mg a day, and a weakness dated ahead of now
        (-270, 1, "could-not-assess"),  # 16 mg a day may be right or too little
        (2, 2, "dexamethasone-safety"),
        (200, 2, ""),  # an old weakness: the dose has another reason
    ],
)
def test_a_dose_above_the_maximum_is_named_although_nobody_knows_whether_the_cord_is_compressed(
    onset: float, tablets_at_once: int, expected: str
) -> None:
    omeprazole, weakness = prescription({"text": "omeprazole 20 mg"}), condition(coded(SNOMED, "309774006"), onset)
    draft = tablets(tablets_at_once, {"code": "{pill}"}, authoredOn="2026-11-29")
    known = (condition(coded(ICD10CM, "C50.911"), 900), weakness, omeprazole)
    topics = select(*known, drafts=[draft]).topics & {"dexamethasone-safety", "could-not-assess"}
    assert topics == ({expected} if expected else set())


def test_a_bare_code_of_a_product_tells_drug_and_strength() -> None:
    bare = tablets(2, {"unit": "tablet"}, medicationCodeableConcept=coded(RXNORM, "197582"))
    assert "32 mg" in cord(bare).summary("dexamethasone-safety")


def test_one_tablet_of_4_mg_four_times_a_day_is_16_mg() -> None:
    assert "dexamethasone-safety" not in cord(tablets(1, {"unit": "tablet"})).topics


def test_a_medication_beside_the_draft_gives_the_strength() -> None:
    medication = {
        "resourceType": "Medication",
        "id": "dex",
        "code": {"text": "dexamethasone"},
        "ingredient": [
            {
                "itemCodeableConcept": {"text": "dexamethasone"},
                "strength": {"numerator": {"value": 4, "unit": "mg"}, "denominator": {"value": 1, "unit": "TAB"}},
            }
        ],
    }
    draft = prescription({}, 0, status="draft")
    del draft["medicationCodeableConcept"]
    draft["medicationReference"] = {"reference": "Medication/dex", "display": "DEXAMETHASONE PO TABS"}
    draft["dosageInstruction"] = [
        {
            "extension": [{"url": f"{EPIC}admin-amount", "valueQuantity": {"value": 2, "unit": "tablet"}}],
            "timing": FOUR_TIMES,
        }
    ]
    assert "32 mg" in cord(draft, medication).summary("dexamethasone-safety")


def test_the_ordered_dose_may_stand_in_the_extension_only() -> None:
    line = {
        "extension": [{"url": f"{EPIC}ordered-dose", "valueQuantity": {"value": 8, "unit": "mg", "code": "mg"}}],
        "timing": {"code": {"text": "0900 & 1800"}},
        "route": {"text": "Intravenous"},
    }
    assert (
        "dexamethasone-safety"
        not in cord(prescription({"text": "dexamethasone"}, 0, status="draft", dosageInstruction=[line])).topics
    )
    line["extension"][0]["valueQuantity"]["value"] = 16  # type: ignore[index]
    assert "32 mg" in cord(
        prescription({"text": "dexamethasone"}, 0, status="draft", dosageInstruction=[line])
    ).summary("dexamethasone-safety")


@pytest.mark.parametrize(
    "dosage",
    [
        {"text": "as directed"},
        {"text": "2 tablets", "timing": {"code": {"text": "see MAR"}}},
        {"doseAndRate": [{"doseQuantity": {"value": 2, "unit": "tablet"}}], "timing": FOUR_TIMES},
        {"doseAndRate": [{"doseQuantity": {"value": 4, "unit": "mg"}}], "timing": {"repeat": {"frequency": 4}}},
    ],
)
def test_a_dose_that_nobody_can_read_is_said_and_is_no_number(dosage: dict[str, Any]) -> None:
    cards = cord(prescription({"text": "dexamethasone"}, 0, status="draft", dosageInstruction=[dosage]))
    assert "dexamethasone-safety" not in cards.topics
    assert "not readable" in cards.detail("could-not-assess")
    assert cards.by_topic["could-not-assess"]["extension"]["evidence"][0]["reference"].startswith("MedicationRequest/")


def test_a_draft_whose_medicine_was_not_sent_is_said() -> None:
    draft = prescription({}, 0, status="draft")
    del draft["medicationCodeableConcept"]
    draft["medicationReference"] = {"reference": "Medication/unknown"}
    assert "Medication/unknown" in cord(draft).detail("could-not-assess")


INJECTION = {"text": "Dexamethasone 4 MG/ML Injectable Solution"}


@pytest.mark.parametrize(
    ("medicine", "route", "corrected"),
    [
        (INJECTION, {"text": "IV"}, "Intravenous route"),
        (INJECTION, {"coding": [{"system": SNOMED, "code": "47625008"}]}, "Intravenous route"),
        (TABLETS, None, "Oral route"),
        (TABLETS, {"text": "PO"}, "Oral route"),
        (INJECTION, None, None),
        (INJECTION, {"text": "intramuscular"}, None),
    ],
)
def test_a_corrected_dose_goes_the_way_of_the_draft(medicine: Resource, route: Any, corrected: str | None) -> None:
    once = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
    dose = {"doseAndRate": [{"doseQuantity": {"value": 8, "unit": "mg"}}], **({"route": route} if route else {})}
    cards = cord(prescription(medicine, 0, status="draft", dosageInstruction=[once | dose]))
    assert "8 mg" in cards.summary("dexamethasone-safety")
    updates = [action["resource"] for action in cards.actions("dexamethasone-safety") if action["type"] == "update"]
    assert [one["dosageInstruction"][0]["route"]["coding"][0]["display"] for one in updates] == (
        [corrected] if corrected else []
    )


JUST_OPENED = {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft"}
NO_STUDY = {"resourceType": "ServiceRequest", "id": "r", "status": "draft", "intent": "plan", "code": {"coding": [{}]}}


@pytest.mark.parametrize(
    ("form", "silent"),
    [
        (JUST_OPENED, True),
        (JUST_OPENED | {"medicationCodeableConcept": {"coding": [], "text": ""}}, True),
        (NO_STUDY, True),
        (JUST_OPENED | {"intent": "order"}, False),
        (NO_STUDY | {"intent": "order"}, False),
        (JUST_OPENED | {"medicationReference": {"reference": "Medication/elsewhere"}}, False),
        (JUST_OPENED | {"medicationCodeableConcept": {"coding": [{"code": "1"}]}}, False),
    ],
)
def test_a_form_that_has_just_been_opened_is_no_order_that_nobody_understands(form: Resource, silent: bool) -> None:
    assert ("could-not-assess" not in cord(form).topics) == silent


NOBODY_KNOWS_WHAT = """
Studienmedikation XJ-12; XJ-12; XJ-12 10 mg; Blinded study drug 10 mg daily; Prüfpräparat AB-123; IMP kit 4711; ABT-199;
farmaco in studio; médicament de l'étude; medicamento en investigación; Fármaco del ensayo; studiemedicatie 2 tabl; MK-3475;
Patient's own medication; Non-formulary drug; free text order; Unbekanntes Medikament; See note; -; ?; 4711; Medication;
geblindeerde medicatie; Prüfmedikation; Infusion laut Plan; other; Verum/Placebo; study treatment arm A; autre médicament
"""
OF_NO_CARD = """
paracetamol 1 g; ASS 100; 5-FU; Vitamin B12; B12 1000; NaCl 0.9%; KCl 20; Co-codamol 30/500; IL-2; T4; Novalgin 500; MST 30;
Ibu 600; insulin NPH; PEG-3350; Protocol: FOLFOX; Other opioids for pain: morphine; Research grade caffeine
"""


@pytest.mark.parametrize(("written", "open_"), [(NOBODY_KNOWS_WHAT, True), (OF_NO_CARD, False)])
def test_words_in_the_place_of_a_name_leave_the_checks_of_medicines_open(written: str, open_: bool) -> None:
    for name in (part.strip() for part in written.split(";")):
        cards = cord(prescription({"text": name}, 0, status="draft"))
        assert ("could-not-assess" in cards.topics) == open_, name
        if open_:
            words = cards.detail("could-not-assess")
            assert name in words and "zoledronic acid" in words and "cement" not in words


def test_a_medicine_that_is_named_beside_the_words_of_a_trial_is_that_medicine() -> None:
    cards = cord(prescription({"text": "AMG 162 (denosumab) or placebo, study drug"}, 0, status="draft"))
    assert "could-not-assess" not in cards.topics and "denosumab-safety" in cards.topics


@pytest.mark.parametrize(
    ("medicine", "said"),
    [
        ("dexamethasone 8 mg", "could-not-assess"),  # how often?
        ("dexamethasone 4 mg IV", "could-not-assess"),
        ("dexamethasone", "could-not-assess"),
        ("dexamethasone 0.15 mg/kg daily", "could-not-assess"),
        ("dexamethasone 8 mg bd", ""),
        ("dexamethasone 16 mg IV", ""),
        ("dexamethasone 8 mg once", ""),
        ("dexamethasone 4 mg bd", "dexamethasone-safety"),
        ("dexamethasone 40 mg", "dexamethasone-safety"),
        ("dexamethasone mouthwash 0.5 mg/5 mL, swish and spit 10 mL qid", ""),
        ("Dexamethason Augentropfen 1 mg/ml 3x tgl.", ""),
        ("dexaméthasone collyre 1 goutte 4 fois par jour", ""),
    ],
)
def test_a_steroid_in_words_alone(medicine: str, said: str) -> None:
    topics = cord(prescription({"text": medicine}, 0, status="draft")).topics
    assert topics & {"could-not-assess", "dexamethasone-safety"} == ({said} if said else set())


WITH_CONTRAST = """
CECT abdomen; contrast-enhanced CT of the neck; triple phase CT liver; CT PE protocol; CT enterography; CT TAP c+; KM-CT Thorax;
CT thorax/abdomen mit Kontrastmittel; TDM thoraco-abdomino-pelvien avec injection; TC con contraste; TC torace addome con mdc;
CT met contrast; CT chest without and with contrast; CT abdomen with IV and oral contrast; CT-Angio
"""
WITHOUT_CONTRAST = """
CT chest without contrast; CT Thorax nativ; TDM sans injection; TC sin contraste; TC senza mdc; CT zonder contrast; CT abdomen;
non-contrast CT head; unenhanced CT KUB; CT abdomen with oral contrast only; MRI with gadolinium; ultrasound contrast
"""
IODINE = """
Kontrastmittelallergie; Jodhaltiges Kontrastmittel; produit de contraste iodé; contraste yodado; mezzo di contrasto iodato;
jodiumhoudend contrastmiddel; Iopromid; iodine contrast; IV dye
"""
NO_IODINE = (
    "Gadolinium-Kontrastmittel; MRT-Kontrastmittel; produit de contraste gadoliné; seafood; Betadine; Penicillin"
)


def contrast(study: str, *facts: Resource) -> bool:
    """Whether contrast is spoken of when this study is ordered."""
    draft = service({"text": study})
    return "contrast-safety" in select(condition(coded(ICD10CM, "C50.911"), 900), *facts, drafts=[draft]).topics


@pytest.mark.parametrize(("written", "warned"), [(WITH_CONTRAST, True), (WITHOUT_CONTRAST, False)])
def test_a_study_with_iodinated_contrast_is_known_by_its_words(written: str, warned: bool) -> None:
    kidney = observation(coded(LOINC, "62238-1", "eGFR"), 20, "mL/min/{1.73_m2}")
    studies = [study.strip() for study in written.split(";")]
    assert [study for study in studies if contrast(study, kidney) is not warned] == []


@pytest.mark.parametrize(("written", "warned"), [(IODINE, True), (NO_IODINE, False)])
def test_an_allergy_to_iodinated_contrast_is_known_by_its_words(written: str, warned: bool) -> None:
    for name in (part.strip() for part in written.split(";")):
        noted = {"resourceType": "AllergyIntolerance", "id": "a1", "patient": {"reference": "Patient/p1"}}
        assert contrast("CT chest with contrast", noted | {"code": {"text": name}}) is warned, name


def test_a_bare_code_that_no_value_set_has_may_be_of_any_drug() -> None:
    hcpcs = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
    unlisted = prescription(coded(hcpcs, "J9999"), 0, status="draft")
    prostate, bone = condition(coded(ICD10CM, "C61"), 900), condition(coded(SNOMED, "94222008"), 300)
    assert "could-not-assess" in select(prostate, bone, drafts=[unlisted]).topics
    abiraterone = prescription({"text": "abiraterone 1000 mg daily"}, 20)
    radium = prescription(coded(hcpcs, "A9606"), 0, status="draft")
    assert "radium-safety" in select(prostate, bone, abiraterone, drafts=[radium]).topics


def zoledronic_acid(url: str, selection: str, *beside: Resource, **changed: Any) -> Cards:
    """Select a draft without an id that its full URL names, for a woman whose clearance is 45 mL/min."""
    dose = {"text": "4 mg intravenously every 4 weeks"}
    draft = prescription({"text": "Zoledronic acid 4 mg"}, 0, status="draft", dosageInstruction=[dose])
    del draft["id"]
    entries = [
        {"fullUrl": url, "resource": draft | changed},
        *({"fullUrl": MEDICATION, "resource": one} for one in beside),
    ]
    context = {
        "patientId": "p1",
        "draftOrders": {"resourceType": "Bundle", "entry": entries},
        "selections": [selection],
    }
    known = [condition(coded(ICD10CM, "C50.911"), 900), condition(coded(SNOMED, "94222008"), 300)]
    clearance = {"entry": [{"resource": observation(coded(LOINC, "2164-2"), 45, "mL/min", 1)}]}
    prefetch: dict[str, Any] = {
        "patient": {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1964-05-01"},
        "conditions": {"resourceType": "Bundle", "entry": [{"resource": one} for one in known]},
        "laboratory": {"resourceType": "Bundle", **clearance},
    }
    for key in ("observations", "reports", "procedures", "medicationRequests", "allergies"):
        prefetch[key] = {"resourceType": "Bundle", "total": 0}
    return ask("order-select", context, prefetch)


UUID, MEDICATION = "urn:uuid:4c1b4b5e-6a0f-4a53-9f10-0c7d0a6f1a01", "urn:uuid:4c1b4b5e-6a0f-4a53-9f10-0c7d0a6f1a02"
ADDRESS = "https://ehr.example.org/fhir/MedicationRequest/77"


@pytest.mark.parametrize(
    ("url", "selection", "changed"),
    [
        (UUID, UUID, []),  # it has no id that an action could name
        (ADDRESS, "MedicationRequest/77", ["MedicationRequest/77"]),
        (ADDRESS, ADDRESS, ["MedicationRequest/77"]),
    ],
)
def test_a_draft_is_selected_by_its_full_url(url: str, selection: str, changed: list[str]) -> None:
    cards = zoledronic_acid(url, selection)
    assert "could-not-assess" not in cards.topics
    acting = [one for one in cards.actions("zoledronate-renal-dose") if one["type"] != "create"]
    named = [one.get("resourceId") or f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in acting]
    assert sorted(set(named)) == changed


def test_a_medication_among_the_drafts_is_found_by_its_full_url() -> None:
    medication = {"resourceType": "Medication", "code": coded(RXNORM, "77655")}
    cards = zoledronic_acid(
        ADDRESS,
        "MedicationRequest/77",
        medication,
        medicationCodeableConcept=None,
        medicationReference={"reference": MEDICATION},
    )
    assert "zoledronate-renal-dose" in cards.topics
