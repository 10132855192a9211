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
    report,
    select,
    view,
)

BREAST = condition(coded(ICD10CM, "C50.911"))
SPREAD = condition(coded(SNOMED, "94222008", "Secondary malignant neoplasm of bone"))

LUNG = condition(coded(ICD10CM, "C34.90"))
WEAK = condition({"text": "Leg weakness"}, 3)
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


PLANNED = (
    *("pacemaker planned", "Pacemaker implantation scheduled for May", "awaiting pacemaker", "plan: pacemaker"),
    *("Schrittmacher geplant", "zur Schrittmacherimplantation vorgesehen", "Herzschrittmacher indiziert"),
    *("pose de pacemaker prévue", "en attente de pacemaker", "marcapasos programado", "pendiente de marcapasos"),
    *("impianto di pacemaker previsto", "in attesa di pacemaker", "pacemaker gepland", "cochlear implant planned"),
)
THERE = (
    *(
        "pacemaker in situ",
        "pacemaker, planned replacement",
        "planned pacemaker replacement",
        "pacemaker check scheduled",
    ),
    *("MRI planned, patient has a pacemaker", "pacemaker in situ MRI planned", "scheduled for MRI with pacemaker"),
    *("Schrittmacher 2019, Wechsel geplant", "geplanter Schrittmacherwechsel", "MRT geplant bei Schrittmacher"),
    *("recambio de marcapasos programado", "Sostituzione pacemaker programmata"),
)


@pytest.mark.parametrize(("text", "there"), [*((one, False) for one in PLANNED), *((one, True) for one in THERE)])
def test_a_device_that_is_planned_is_not_there_yet(text: str, there: bool) -> None:
    shown = view(BREAST, SPREAD, WEAK, condition({"text": text}, 100))
    assert ("may not be MRI-safe" in shown.detail("mscc-suspected")) is there


@pytest.mark.parametrize(
    "text",
    [
        "planned radiotherapy for bone metastases",
        "Geplante Bestrahlung der Knochenmetastasen",
        "Knochenmetastasen, Kyphoplastie geplant",
    ],
)
def test_what_a_plan_is_made_for_is_there(text: str) -> None:
    assert "bma-start" in view(BREAST, condition({"text": text}, 10)).topics


def test_a_medicine_that_is_planned_is_not_taken_and_an_order_is_its_own_plan() -> None:
    planned = {
        "resourceType": "MedicationStatement",
        "id": "s1",
        "status": "active",
        "subject": {"reference": "Patient/p1"},
    }
    planned |= {"medicationCodeableConcept": {"text": "denosumab geplant"}, "effectiveDateTime": "2026-02-20"}
    assert "bma-start" in view(BREAST, SPREAD, planned).topics
    ordered = prescription({"text": "denosumab 120 mg, planned every 4 weeks"}, days=10)
    assert "bma-start" not in view(BREAST, SPREAD, ordered).topics


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("posterior wall retropulsion at T10", "orthopaedic-assessment"),
        ("Hinterkantenbeteiligung BWK 8", "orthopaedic-assessment"),
        ("recul du mur postérieur de L1", "orthopaedic-assessment"),
        ("retropulsión del muro posterior de D12", "orthopaedic-assessment"),
        ("retropulsione del muro posteriore di L2", "orthopaedic-assessment"),
        ("retropulsie van de achterwand L1", "orthopaedic-assessment"),
        ("bulging of the posterior wall into the spinal canal at T7", "mscc-suspected"),
        ("retropulsed fragment narrowing the canal", "mscc-suspected"),
        ("Hinterkantenvorwölbung in den Spinalkanal LWK1", "mscc-suspected"),
        ("recul du mur postérieur de T8 dans le canal rachidien", "mscc-suspected"),
        ("muro posterior de T9 abombado hacia el canal medular", "mscc-suspected"),
        ("no posterior wall retropulsion", ""),
        ("kein Hinterkantenversatz", ""),
        ("mur postérieur respecté", ""),
        ("degenerative spinal canal stenosis L4/5", ""),
        ("tumour involves the posterior wall of the bladder", ""),
        ("ear canal clear, posterior pharyngeal wall normal", ""),
    ],
)
def test_a_vertebra_that_moves_backwards_is_judged(text: str, card: str) -> None:
    shown = view(BREAST, SPREAD, report("MRI thoracic spine", text, 2))
    cards = {"orthopaedic-assessment", "mscc-suspected"} & shown.topics
    assert cards == ({card} if card != "mscc-suspected" else {"mscc-suspected", "orthopaedic-assessment"}) - {""}
    if card == "mscc-suspected":
        assert shown.summary(card).startswith("Canal encroachment on record")


@pytest.mark.parametrize(
    "text",
    [
        "Multiple Rundherde bipulmonal, am ehesten Filiae.",
        "Nodules in both lungs suspicious for metastases.",
        "Nodules pulmonaires bilatéraux, évoquant des métastases.",
        "Multipele longnoduli, verdacht voor metastasen.",
    ],
)
def test_nodules_that_may_be_metastases_are_called_so(text: str) -> None:
    assert (
        view(LUNG, report("CT Thorax", text, 3)).summary("mdt-referral").startswith("Suspected metastasis (CT chest)")
    )


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Osteolyse LWK 3, DD Häman",
            "Osteolytic lesion of L3",
            "Lytic lesion L3, DD haemangioma",
            "lésion lytique de L3, DD",
        ),
        *("lesión lítica en L3 vs hemangioma", "lesione litica di L3", "lytische haard L3", "Osteolysen im Becken"),
    ],
)
def test_a_lytic_lesion_that_nobody_explains_asks_for_more(text: str) -> None:
    for fact in (report("CT Abdomen", text, 3), condition({"text": text}, 3)):
        assert "suspected-bone-metastasis" in view(LUNG, fact).topics


@pytest.mark.parametrize(
    "text", ["Keine Osteolysen", "no lytic lesion", "periprosthetic osteolysis", "pas de lésion lytique"]
)
def test_no_lytic_lesion_asks_for_nothing(text: str) -> None:
    assert "suspected-bone-metastasis" not in view(LUNG, report("CT Abdomen", text, 3)).topics


def test_a_whole_spine_mri_that_reports_an_extension_is_quoted_and_not_under_way() -> None:
    text = "T8 metastasis with epidural extension and"
    detail = view(BREAST, SPREAD, WEAK, report("MRI whole spine", text, 1)).detail("mscc-suspected")
    assert f'the whole-spine MRI says "{text}"' in detail
    assert "under way" not in detail
    compressed = view(BREAST, SPREAD, WEAK, report("MRI whole spine", "Cord compression at T8.", 1))
    assert "MRI under way" not in compressed.detail("mscc-suspected")


@pytest.mark.parametrize("code", ["26544005", "13791008"])
def test_the_narrower_name_of_the_words_stands_alone(code: str) -> None:
    legs = {
        "coding": [{"system": SNOMED, "code": code, "display": "Muscle weakness"}],
        "text": "Bilateral leg weakness",
    }
    assert (
        view(BREAST, SPREAD, condition(legs, 2)).summary("mscc-suspected").startswith("Limb weakness (2 days), breast")
    )


def back_pain(*evidence: Resource, onset: float = 3, **more: object) -> Resource:
    return condition({"text": "Back pain"}, onset, evidence=list(evidence), **more)


LEGS = {"code": [{"text": "Bilateral leg weakness"}]}


@pytest.mark.parametrize(
    ("problem", "named"),
    [
        (back_pain(LEGS), "Limb weakness"),
        (back_pain({"concept": {"text": "Leg weakness"}}), "Limb weakness"),  # R5
        (back_pain({"code": {"text": "Leg weakness"}}), "Limb weakness"),  # DSTU2
        (condition({"text": "Zustand unklar"}, 3, evidence=[LEGS]), "Limb weakness"),
        (back_pain({"code": [{"text": "spinal cord compression"}]}), "Spinal cord compression"),
        (
            back_pain({"detail": [{"reference": "DiagnosticReport/x", "display": "MRI: cord compression T8"}]}),
            "Spinal cord",
        ),
    ],
)
def test_what_led_to_a_problem_is_read(problem: Resource, named: str) -> None:
    assert view(BREAST, problem).summary("mscc-suspected").startswith(named)


@pytest.mark.parametrize(
    "problem",
    [
        back_pain(),
        back_pain(LEGS, verificationStatus=coded("", "refuted")),
        back_pain(LEGS, onset=300),
        back_pain({"code": [{"text": "no leg weakness"}]}),
        condition({"text": "Back pain"}, 3, evidence="x"),
        condition({"text": "Back pain"}, 3, evidence=[1, {"code": 5}, {"detail": "y"}]),
    ],
)
def test_what_did_not_lead_to_it_or_is_over_raises_nothing(problem: Resource) -> None:
    shown = view(BREAST, problem)
    assert not {"mscc-suspected", "could-not-assess"} & shown.topics


def test_a_disease_that_is_evidence_of_another_problem_is_suspected() -> None:
    shown = view(BREAST, back_pain({"code": [{"text": "bone metastases"}]}))
    assert "suspected bone metastases" in shown.summary("spinal-pain-mri")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "malign neoplazm meme",
            "Lenfoma",
            "Multipl miyelom",
            "Meme karsinomu",
            "Kemik metastazları",
            "Lymfom",
            "Rinnavähk",
        ),
        *(
            "ZN prsu",
            "Ca mammae dx.",
            "Ca pulmonum",
            "Carcinom mamar",
            "Mellrák",
            "Guz złośliwy piersi",
            "Malignt melanom",
        ),
        *(
            "Szpiczak plazmocytowy",
            "Przerzuty do kręgosłupa",
            "Skjelettmetastaser",
            "Mieloma múltiplo",
            "Linfoma não Hodgkin",
        ),
    ],
)
def test_a_cancer_in_a_language_that_nobody_reads_is_never_no_cancer(text: str) -> None:
    shown = view(condition({"text": text}, 30), observation(coded(LOINC, "17861-6", "Calcium"), 3.6, "mmol/L"))
    assert {"could-not-assess", "hypercalcaemia"} & shown.topics


@pytest.mark.parametrize(
    "text", ["Lymfoedem", "Zn deficiency", "Ca supplement", "myelomeningocele", "Hemangiom", "ca. 5 mg"]
)
def test_what_only_sounds_like_one_is_none(text: str) -> None:
    assert not view(condition({"text": text}, 30), observation(coded(LOINC, "17861-6"), 3.6, "mmol/L")).topics


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("2,9-3,1 mmol/L", "warning"),  # above the limit all along; whether it reaches 3.0 is open
        ("3.1 - 3.4 mmol/L", "critical"),
        ("12.1 to 12.4 mg/dL", "critical"),
        ("3,5 bis 3,6 mmol/l", "critical"),
    ],
)
def test_a_range_of_calcium_says_what_holds_all_along(text: str, indicator: str) -> None:
    assert view(BREAST, SPREAD, calcium(text)).indicator("hypercalcaemia") == indicator


@pytest.mark.parametrize("text", ["2.5-2.7 mmol/L", "2.2-2.4 mmol/L", "3.1-3.4", "9.5-9.9 mmol/L", "3.4-3.1 mmol/L"])
def test_a_range_that_may_be_normal_is_never_a_silent_no(text: str) -> None:
    shown = view(BREAST, SPREAD, calcium(text))
    assert "hypercalcaemia" not in shown.topics
    assert "could-not-assess" in shown.topics


def test_a_range_by_its_elements_is_one_too() -> None:
    ends = {"low": {"value": 3.1, "unit": "mmol/L"}, "high": {"value": 3.4, "unit": "mmol/L"}}
    given = observation(coded(LOINC, "17861-6", "Calcium"), valueRange=ends)
    assert view(BREAST, SPREAD, given).indicator("hypercalcaemia") == "critical"


@pytest.mark.parametrize(
    ("text", "topic"), [("88-89 %", "oxygen"), ("80 bis 85 %", "oxygen"), ("91-93%", "could-not-assess")]
)
def test_a_range_of_saturation_is_judged_by_its_upper_end(text: str, topic: str) -> None:
    spread = condition({"text": "Lung metastases"}, 30)
    shown = view(LUNG, spread, observation(coded(LOINC, "59408-5", "SpO2"), valueString=text))
    assert {topic} == {"oxygen", "could-not-assess"} & shown.topics


SIGNS_IN_OTHER_LANGUAGES = (
    "Fraqueza progressiva nos membros inferiores",
    "Retenção urinária",
    "Niedowład kończyn dolnych",
    "Slabost dolních končetin",
    "Svaghet i benen",
    "Lammelse i beina",
    "Bacaklarda güçsüzlük",
    "Slăbiciune în membrele inferioare",
    "Слабость в ногах",
)
NO_SIGNS = ("Fraqueza (cansaço)", "Niedowład twarzy", "svaghet i armbågen", "Fratura de perna")


@pytest.mark.parametrize(
    ("text", "open_to_doubt"), [*((one, True) for one in SIGNS_IN_OTHER_LANGUAGES), *((one, False) for one in NO_SIGNS)]
)
def test_what_may_be_a_sign_in_a_language_that_is_not_read_is_never_no(text: str, open_to_doubt: bool) -> None:
    cards = view(BREAST, SPREAD, condition({"text": text}, 1))
    assert ("could-not-assess" in cards.topics) is open_to_doubt
    assert "mscc-suspected" not in cards.topics


def test_a_code_beside_such_words_says_what_they_mean() -> None:
    cards = view(BREAST, SPREAD, condition(coded(ICD10CM, "J06.9") | {"text": "Fraqueza nas pernas"}, 1))
    assert "could-not-assess" not in cards.topics


def test_an_answer_to_a_question_of_such_a_language_is_named() -> None:
    asked = observation({"text": "Nova fraqueza nas pernas?"}, valueString="Sim, desde ontem")
    assert "could-not-assess" in view(BREAST, SPREAD, asked).topics
