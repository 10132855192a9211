"""Records as the profiles of registries and nations write them, of invented patients."""

from __future__ import annotations

from typing import Any

from tests.clinical.asking import Cards, Resource, ask, coded, condition

SNOMED_AU = "http://snomed.info/sct/32506021000036107"
ICD_GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"

BREAST = condition(coded(ICD_GM, "C50.4"), 1000)


def topics(*resources: Resource) -> set[str]:
    """The topics on which the service speaks when a record with nothing else on it is opened."""
    return shown(*resources).topics


def shown(*resources: Resource) -> Cards:
    """What is shown then."""
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1964-05-01"}
    searched = ("Condition", "Observation", "Procedure", "MedicationRequest", "ServiceRequest", "DiagnosticReport")
    prefetch: dict[str, Any] = {"patient": patient}
    for kind in (*searched, "Encounter", "CarePlan"):
        entries = [{"resource": one} for one in resources if one["resourceType"] == kind]
        link = [{"relation": "self", "url": f"https://ehr.example/{kind}?patient=p1"}]
        prefetch[kind] = {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entries}
    return ask("patient-view", {"patientId": "p1"}, prefetch)
