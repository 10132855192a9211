"""Records as other hospitals, nations and versions of FHIR write them: each row is heard, denied or not known, never nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clinical.asking import (
    ICD10CM,
    RXNORM,
    SNOMED,
    Resource,
    ask,
    coded,
    condition,
    day,
    observation,
    prescription,
    view,
)
from tests.clinical.other_records import BONE, BREAST, WEAK, done, prefetched

NDC, PZN, DMD = "http://hl7.org/fhir/sid/ndc", "http://fhir.de/CodeSystem/ifa/pzn", "https://dmd.nhs.uk"
ATC = "http://www.whocc.no/atc"


def named(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


CODED_CANCER = [
    *(("http://hl7.org/fhir/sid/icd-10", code) for code in ("D45", "D46.9", "D47.1", "C88.0", "C96.2")),
    ("http://hl7.org/fhir/sid/icpc-2", "X76"),
    ("urn:oid:2.16.840.1.113883.2.4.4.31.1", "X76.01"),
    ("https://smt.esante.gouv.fr/terminologie-cim-10/", "C79.5"),
    ("urn:oid:2.16.840.1.113883.6.3.2", "C79.5"),
    ("http://hl7.it/sid/icd-10", "C50.9"),
    ("http://fhir.de/CodeSystem/bfarm/icd-10-gm|2025", "C79.5"),
    ("http://www.snomed.org/", "254837009"),
    ("https://snomed.info/sct", "254837009"),
    ("http://snomed.info/sct/999000021000000109", "254837009"),
    ("SNOMED CT", "94222008"),
    ("http://hl7.org/fhir/sid/icd-9-cm", "196.3"),
    ("http://hl7.org/fhir/sid/icd-9-cm", "V10.3"),
    ("http://hl7.org/fhir/sid/icd-9-cm", "V1079"),
    ("http://terminology.hl7.org/CodeSystem/icd-o-3", "8500/31"),
    ("http://terminology.hl7.org/CodeSystem/icd-o-3", "M-8500/3"),
    ("http://hl7.org/fhir/sid/icd-10-am", "M8140/6"),
    (ICD10CM, "C779"),
]


@pytest.mark.parametrize(("system", "code"), CODED_CANCER)
def test_a_bare_code_is_known_under_the_names_that_nations_give_its_system(system: str, code: str) -> None:
    assert "mscc-suspected" in view(condition(coded(system, code), 10), WEAK).topics


NO_CODED_CANCER = [
    ("http://hl7.org/fhir/sid/icd-9-cm", "V16.3"),
    ("http://hl7.org/fhir/sid/icd-9-cm", "V10.83"),
    ("http://hl7.org/fhir/sid/icd-9-cm", "233.0"),
    ("http://terminology.hl7.org/CodeSystem/icd-o-3", "8500/2"),
    ("http://hl7.org/fhir/sid/icd-10-am", "M8010/0"),
]


@pytest.mark.parametrize(("system", "code"), NO_CODED_CANCER)
def test_a_bare_code_of_something_else_is_no_cancer(system: str, code: str) -> None:
    assert not view(condition(coded(system, code), 10), WEAK).topics


def test_a_topography_without_its_morphology_is_not_known() -> None:
    breast = coded("http://terminology.hl7.org/CodeSystem/icd-o-3", "C50.9")
    assert "could-not-assess" in view(condition(breast, 10), WEAK).topics
    breast["coding"].append({"system": "http://terminology.hl7.org/CodeSystem/icd-o-3", "code": "8500/3"})
    assert "mscc-suspected" in view(condition(breast, 10), WEAK).topics


STAGED: list[tuple[Resource, bool]] = [
    *(({"text": one}, True) for one in ("cM1", "pM1b", "T2 N1 M1")),
    *(({"text": one}, False) for one in ("cM0", "MX", "T2 N1 M0", "pT2", "1", "Stage I")),
    (coded("https://www.uicc.org/resources/tnm", "M1"), True),
    (coded("https://www.uicc.org/resources/tnm", "M0"), False),
    (coded(SNOMED, "1229903009", "AJCC cM1"), True),
    (coded(SNOMED, "1229901006"), False),
]


@pytest.mark.parametrize(("summary", "spread"), STAGED, ids=str)
def test_an_m_category_among_the_stages_of_a_problem_says_whether_it_has_spread(
    summary: Resource, spread: bool
) -> None:
    staged = condition(coded(SNOMED, "254837009"), 10, stage=[{"summary": summary}])
    assert ("mdt-referral" in view(staged).topics) is spread


def older(kind: str, **more: Any) -> Resource:
    """A medicine as STU3 or an earlier version writes it."""
    given = {"medicationCodeableConcept": {"text": "Xgeva"}, "effectiveDateTime": day(20)}
    about = {"resourceType": kind, "id": "m1", "status": "active", "patient": {"reference": "Patient/p1"}}
    return {name: value for name, value in {**about, **given, **more}.items() if value is not None}


def bone_agent(*medicines: Resource) -> str:
    """What the card on bone-modifying agents says of a woman with bone metastases who has these medicines; empty: nothing."""
    cards = ask("patient-view", {"patientId": "p1"}, prefetched(BREAST, BONE, *medicines))
    return cards.summary("bma-start") if "bma-start" in cards.by_topic else ""


TAKEN = {
    "NDC with a name": prescription(named(NDC, "99999-0001-01", "Xgeva 120 mg/1.7 mL vial")),
    "NDC with hyphens": prescription(coded(NDC, "55513-730-01")),
    "NDC of eleven digits": prescription(coded(NDC, "55513073001")),
    "NDC of Zometa": prescription(coded(NDC, "0078-0590-61")),
    "dm+d with a name": prescription(named(DMD, "1", "Xgeva 120mg/1.7ml solution for injection vials")),
    "PZN with a name": prescription(named(PZN, "06143393", "XGEVA 120 mg Injektionslösung")),
    "AIC with a name": prescription(named("urn:oid:2.16.840.1.113883.2.9.6.1.5", "1", "XGEVA*SC 1FL 120MG/1,7ML")),
    "ATC": prescription(coded(ATC, "M05BX04")),
    "STU3, taken": older("MedicationStatement", taken="y"),
    "DSTU2, taken": older("MedicationStatement", wasNotTaken=False),
    "DSTU2, ordered": older("MedicationOrder", dateWritten=day(20)),
    "R5": older(
        "MedicationStatement",
        status="recorded",
        medicationCodeableConcept=None,
        medication={"concept": {"text": "Xgeva"}},
    ),
}
NOT_TAKEN = {
    "another medicine": prescription({"text": "Paracetamol 500 mg"}),
    "another class": prescription(coded(ATC, "C03CA01")),
    "STU3, not taken": older("MedicationStatement", taken="n"),
    "STU3, not given": older("MedicationAdministration", status="completed", notGiven=True),
    "DSTU2, not taken": older("MedicationStatement", wasNotTaken=True),
    "DSTU2, not given": older("MedicationAdministration", status="completed", wasNotGiven=True),
}
UNREAD = {
    **{
        f"a bare code of {system}": prescription(coded(system, "99999999"))
        for system in (NDC, DMD, PZN, RXNORM, SNOMED)
    },
    "a code of a local system": prescription(coded("urn:oid:2.999", "77")),
    "a medication of no shape": older("MedicationStatement", medicationCodeableConcept=None, medication={"x": 1}),
    "a reference of R5 to what was not sent": older(
        "MedicationStatement", medicationCodeableConcept=None, medication={"reference": {"reference": "Medication/9"}}
    ),
    "no medication at all": older("MedicationStatement", medicationCodeableConcept=None),
}


@pytest.mark.parametrize("medicine", TAKEN.values(), ids=TAKEN)
def test_a_medicine_is_known_by_the_name_of_its_product_in_any_catalogue_and_version(medicine: Resource) -> None:
    assert bone_agent(medicine) == ""


@pytest.mark.parametrize("medicine", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_a_medicine_that_is_another_or_is_not_taken_leaves_the_agent_missing(medicine: Resource) -> None:
    assert "start a bone-modifying agent" in bone_agent(medicine)


@pytest.mark.parametrize("medicine", UNREAD.values(), ids=UNREAD)
def test_a_product_that_only_a_code_names_may_be_any_medicine(medicine: Resource) -> None:
    assert "could not be read" in bone_agent(medicine)


PAIN = observation(coded("http://loinc.org", "72514-3"), 6, "{score}", 1)
CPT = "http://www.ama-assn.org/go/cpt"
IRRADIATED: list[Resource] = [
    *[{"text": one} for one in ("Bestrahlung LWS 10x3 Gy", "Radiothérapie antalgique", "Radioterapia paliativa")],
    *[{"text": one} for one in ("Palliatieve radiotherapie", "EBRT 8 Gy x1", "Beam Radiation of Spine")],
    coded(CPT, "77412"),
    coded("http://fhir.de/CodeSystem/bfarm/ops", "8-521"),
]
NOT_IRRADIATED: list[Resource] = [{"text": one} for one in ("Radiofrequency ablation", "Radiology", "Bone biopsy")]


@pytest.mark.parametrize("code", IRRADIATED)
def test_radiotherapy_that_was_given_silences_radiotherapy(code: Resource) -> None:
    assert "palliative-radiotherapy" not in view(BREAST, BONE, PAIN, done(code)).topics


@pytest.mark.parametrize("code", NOT_IRRADIATED)
def test_what_is_no_radiotherapy_leaves_it_open(code: Resource) -> None:
    assert "palliative-radiotherapy" in view(BREAST, BONE, PAIN, done(code)).topics
