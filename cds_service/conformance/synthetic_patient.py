"""An invented patient to ask about, and answers to prefetch templates from her chart, as a CDS client would give them.

She has breast cancer in her spine, weak legs since two days, a high calcium, a failing kidney and low oxygen, and is
about to be given zoledronic acid: a service for oncology should have something to say. Nobody like her exists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from cds_service.hooks.prefetch import Unfillable, fill

Json = dict[str, Any]
PATIENT = "conformance-patient"
ENCOUNTER = "conformance-encounter"
USER = "Practitioner/conformance-user"
DRAFT = "MedicationRequest/conformance-draft"

_SNOMED = "http://snomed.info/sct"
_LOINC = "http://loinc.org"
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_UCUM = "http://unitsofmeasure.org"
_SUBJECT = {"reference": f"Patient/{PATIENT}"}


def chart(as_of: datetime) -> list[Json]:
    """The resources of her chart, dated so that they are recent."""
    patient = {"resourceType": "Patient", "id": PATIENT, "gender": "female", "birthDate": "1964-05-01", "active": True}
    encounter = {
        "resourceType": "Encounter",
        "id": ENCOUNTER,
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": _SUBJECT,
        "period": {"start": _before(as_of, 0.1)},
    }
    findings = [
        _problem("254837009", "Malignant neoplasm of breast", as_of, 900),
        _problem("94222008", "Secondary malignant neoplasm of bone", as_of, 300),
        _problem("309774006", "Weakness of limb", as_of, 2),
        _problem("161891005", "Backache", as_of, 9),
        _result("17861-6", "Calcium [Mass/volume] in Serum or Plasma", 12.6, "mg/dL", as_of, 1),
        _result("1751-7", "Albumin [Mass/volume] in Serum or Plasma", 3.9, "g/dL", as_of, 1),
        _result("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", 2.1, "mg/dL", as_of, 1),
        _result("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", 86, "%", as_of, 0.1, "vital-signs"),
        _result("29463-7", "Body weight", 61, "kg", as_of, 1, "vital-signs"),
    ]
    return [patient, encounter, *findings]


def draft(as_of: datetime) -> Json:
    """The order that is about to be signed."""
    return {
        "resourceType": "MedicationRequest",
        "id": DRAFT.partition("/")[2],
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": _RXNORM, "code": "77655", "display": "zoledronic acid"}]},
        "subject": _SUBJECT,
        "authoredOn": _before(as_of, 0),
        "dosageInstruction": [{"doseAndRate": [{"doseQuantity": _quantity(4, "mg")}]}],
    }


def context(hook: str, as_of: datetime) -> Json | None:
    """The context of a published hook; ``None`` for a hook that is not known here."""
    common = {"userId": USER, "patientId": PATIENT, "encounterId": ENCOUNTER}
    orders = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft(as_of)}]}
    appointment = {"resourceType": "Appointment", "id": "a1", "status": "proposed", "participant": []}
    contexts: dict[str, Json] = {
        "patient-view": common,
        "encounter-start": common,
        "encounter-discharge": common,
        "order-select": {**common, "selections": [DRAFT], "draftOrders": orders},
        "order-sign": {**common, "draftOrders": orders},
        "order-dispatch": {"patientId": PATIENT, "dispatchedOrders": [DRAFT], "performer": USER},
        "appointment-book": {**common, "appointments": {**orders, "entry": [{"resource": appointment}]}},
    }
    return contexts.get(hook)


def answer(templates: Mapping[str, Any], context: Mapping[str, object], resources: list[Json], as_of: datetime) -> Json:
    """Fill a service's prefetch from the chart; keys whose template asks too much of a client are left out."""
    filled: Json = {}
    for key, template in templates.items():
        try:
            query = fill(str(template), context, today=as_of.date())
        except Unfillable:
            continue
        found = _search(query, resources)
        if found is not None:
            filled[key] = found
    return filled


def _search(query: str, resources: list[Json]) -> Json | None:
    path, question, rest = query.partition("?")
    kind, _, wanted = path.partition("/")
    of_kind = [resource for resource in resources if resource["resourceType"] == kind]
    if not question:
        return next((resource for resource in of_kind if resource["id"] == wanted), None)
    categories = [value for name, value in parse_qsl(rest) if name == "category"]
    chosen = [one for one in of_kind if all(_in_category(one, wanted) for wanted in categories)]
    entries = [{"fullUrl": f"urn:conformance:{one['id']}", "resource": one} for one in chosen]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return {**bundle, "entry": entries} if entries else bundle


def _in_category(resource: Json, wanted: str) -> bool:
    codes = {part.rpartition("|")[2] for part in re.split(",", wanted)}
    stated = [coding.get("code") for category in resource.get("category", ()) for coding in category.get("coding", ())]
    return any(code in codes for code in stated)


def _before(as_of: datetime, days: float) -> str:
    return (as_of - timedelta(days=days)).isoformat(timespec="seconds")


def _concept(system: str, code: str, display: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": _UCUM, "code": unit}


def _problem(code: str, display: str, as_of: datetime, days: float) -> Json:
    kind = "http://terminology.hl7.org/CodeSystem/condition"
    return {
        "resourceType": "Condition",
        "id": f"problem-{code}",
        "clinicalStatus": _concept(f"{kind}-clinical", "active", "Active"),
        "verificationStatus": _concept(f"{kind}-ver-status", "confirmed", "Confirmed"),
        "category": [_concept(f"{kind}-category", "problem-list-item", "Problem List Item")],
        "code": _concept(_SNOMED, code, display),
        "subject": _SUBJECT,
        "onsetDateTime": _before(as_of, days),
        "recordedDate": _before(as_of, days),
    }


def _result(
    code: str, display: str, value: float, unit: str, as_of: datetime, days: float, category: str = "laboratory"
) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": f"result-{code}",
        "status": "final",
        "category": [_concept(system, category, category)],
        "code": _concept(_LOINC, code, display),
        "subject": _SUBJECT,
        "effectiveDateTime": _before(as_of, days),
        "valueQuantity": _quantity(value, unit),
    }
