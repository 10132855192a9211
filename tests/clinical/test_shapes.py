"""Shapes in which other clients send the same chart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clinical.asking import ICD10CM, LOINC, SNOMED, Resource, ask, coded, condition, report, view

BREAST = condition(coded(ICD10CM, "C50.911"), 1000)
WEAKNESS = condition(coded(SNOMED, "309774006"), 2)
PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1964-05-01"}


def bundle(*resources: Resource) -> Resource:
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}


@pytest.mark.parametrize(
    "prefetch",
    [
        {"patient": PATIENT, "conditions": bundle(BREAST, WEAKNESS)},
        {"everything": bundle(PATIENT, BREAST, WEAKNESS)},
        {"patient": PATIENT, "problems": bundle(BREAST), "diagnoses": bundle(WEAKNESS)},
        {"patient": PATIENT, "conditions": bundle(bundle(BREAST, WEAKNESS))},
        {"patient": PATIENT, "conditions": [BREAST, WEAKNESS]},
        {"patient": PATIENT, "one": BREAST, "two": WEAKNESS},
    ],
    ids=["no Bundle type", "one key for all", "own keys", "Bundle in a Bundle", "bare list", "single resources"],
)
def test_the_chart_is_read_in_any_wrapping(prefetch: dict[str, Any]) -> None:
    assert ask("patient-view", {"patientId": "p1"}, prefetch).indicator("mscc-suspected") == "critical"


@pytest.mark.parametrize(
    "system",
    [
        "urn:oid:2.16.840.1.113883.6.96",
        "2.16.840.1.113883.6.96",
        "SNOMED CT",
        "http://snomed.info/sct/900000000000207008",
    ],
)
def test_snomed_ct_is_known_by_its_other_names(system: str) -> None:
    weakness = {**WEAKNESS, "code": coded(system, "309774006")}
    prefetch = {"patient": PATIENT, "conditions": bundle(BREAST, weakness)}
    assert ask("patient-view", {"patientId": "p1"}, prefetch).indicator("mscc-suspected") == "critical"


def test_a_provisional_metastasis_is_called_suspected() -> None:
    unsure = coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "provisional")
    bone = condition(coded(ICD10CM, "C79.51"), 10, verificationStatus=unsure)
    cards = view(BREAST, bone)
    assert "suspected" in cards.summary("bma-start")
    assert "suspected" in cards.summary("mdt-referral").lower()
    assert json.dumps(cards.answer).count("suspected suspected") == 0


def test_a_pathological_fracture_coded_at_the_vertebrae_with_weakness_is_critical() -> None:
    fracture = condition(coded(ICD10CM, "M84.58XA"), 3)
    assert view(BREAST, WEAKNESS, fracture).indicator("pathological-fracture") == "critical"


def test_pathology_without_malignancy_leaves_the_tissue_missing() -> None:
    new = condition(coded(SNOMED, "94391008"), 5)
    cards = view(BREAST, new, report("Surgical pathology", "Benign granuloma. No malignancy.", 3))
    assert "tissue-diagnosis" in cards.topics


@pytest.mark.parametrize(
    ("reference", "own"),
    [
        ("Patient?identifier=urn:oid:2.999|17", True),
        ("Patient?identifier=urn:oid:2.999|18", False),
        ("Patient?identifier=urn:oid:2.998|17", False),
        ("Patient?family=Doe", False),
    ],
)
def test_a_reference_by_identifier_means_who_bears_it(reference: str, own: bool) -> None:
    patient = {**PATIENT, "identifier": [{"system": "urn:oid:2.999", "value": "17"}]}
    weakness = {**WEAKNESS, "subject": {"reference": reference}}
    found = ask("patient-view", {"patientId": "p1"}, {"patient": patient, "conditions": bundle(BREAST, weakness)})
    assert (found.indicator("mscc-suspected") == "critical") is own


@pytest.mark.parametrize("odd", ["text", 7, None, []])
def test_a_part_of_a_panel_that_is_no_object_costs_nothing(odd: Any) -> None:
    panel = {
        "resourceType": "Observation",
        "id": "panel",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-03-02T08:00:00Z",
        "code": {"text": "Oxygenation"},
        "component": [odd, {"code": coded(LOINC, "59408-5"), "valueQuantity": {"value": 84, "unit": "%"}}],
    }
    lung = condition(coded(ICD10CM, "C78.00"), 100)
    prefetch = {"patient": PATIENT, "conditions": bundle(lung), "observations": bundle(panel)}
    assert ask("patient-view", {"patientId": "p1"}, prefetch).indicator("oxygen") == "critical"


def test_a_medicine_by_reference_is_named_by_what_it_refers_to() -> None:
    drops = {"resourceType": "Medication", "id": "drops", "code": {"text": "Timolol eye drops"}}
    order = {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-02-20",
        "medicationReference": {"reference": "Medication/drops"},
    }
    kinds = ("Condition", "Observation", "DiagnosticReport", "Procedure", "ServiceRequest", "Encounter")
    empty = {kind: {"resourceType": "Bundle", "link": [{"relation": "self", "url": kind}]} for kind in kinds}
    prefetch = {**empty, "patient": PATIENT, "conditions": bundle(BREAST), "medicationRequests": bundle(order, drops)}
    assert "could-not-assess" not in ask("patient-view", {"patientId": "p1"}, prefetch).topics


def test_a_sign_is_called_what_the_problem_itself_says_where_its_code_is_broader() -> None:
    broad = {"coding": [{"system": SNOMED, "code": "26544005", "display": "Muscle weakness"}]}
    cancer = condition(coded(SNOMED, "254837009"), 1000)
    said = view(cancer, condition({**broad, "text": "Bilateral leg weakness"}, 2)).summary("mscc-suspected")
    assert said.startswith("Limb weakness (2 days)")


@pytest.mark.parametrize("words", ["Pathological fracture of the femur", "Fracture through a metastasis"])
def test_a_fracture_that_a_report_states_is_called_a_fracture(words: str) -> None:
    said = view(condition(coded(SNOMED, "254837009"), 1000), report("X-ray left femur", words, 1))
    assert said.summary("pathological-fracture").startswith("Pathological fracture (")


RAISED = [
    ("MRI thoracic spine", "Findings concerning for cord compression at T8."),
    ("MRI whole spine", "Impending cord compression at T6."),
    ("CT thoracic spine", "Retropulsed fragment, suspicious for cord compression."),
    ("CT BWS", "Verdacht auf Myelonkompression."),
    ("MRI thoracic spine", "ESCC grade 2 at T7."),
    ("MRT BWS", "Drohende Myelonkompression BWK 8."),
    ("IRM rachis dorsal", "Compression médullaire en D8."),
    ("RM dorsal", "Probable compresión medular en D8."),
    ("RM dorsale", "Compressione midollare D8."),
    ("MRI thoracale wervelkolom", "Verdenking myelumcompressie Th8."),
]
NOT_RAISED = [
    ("MRI thoracic spine", "Indication: ?cord compression. Findings: No compression."),
    ("MRI lumbar spine", "No cauda equina compression."),
    ("CT spine", "Old osteoporotic compression fracture of L1."),
    ("RM dorsal", "Motivo: compresión medular? Conclusión: normal."),
    ("MRI thoracic spine", "Referral: ?cord compression\nReport: Degenerative change only."),
]


@pytest.mark.parametrize(("study", "conclusion"), RAISED)
def test_an_image_that_raises_compression_in_words_is_critical(study: str, conclusion: str) -> None:
    cards = view(BREAST, report(study, conclusion, 1))
    assert cards.indicator("mscc-suspected") == "critical" and "ord compression" in cards.summary("mscc-suspected")


@pytest.mark.parametrize(("study", "conclusion"), NOT_RAISED)
def test_what_an_image_was_asked_or_denies_raises_no_compression(study: str, conclusion: str) -> None:
    assert "mscc-suspected" not in view(BREAST, report(study, conclusion, 1)).topics


@pytest.mark.parametrize(
    ("kind", "known"), [("Bundle", True), ("List", False), ("Parameters", False), ("Binary", False)]
)
def test_what_is_no_answer_to_a_search_is_not_an_empty_one(kind: str, known: bool) -> None:
    prefetch = {"patient": PATIENT, "observations": bundle(), "conditions": {"resourceType": kind, "id": "a"}}
    answer = ask("patient-view", {"patientId": "p1"}, prefetch)
    assert ("could-not-assess" not in answer.topics) == known
