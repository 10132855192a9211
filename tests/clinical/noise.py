"""What stands in records beside the point: none of it is about a red flag of this patient, now."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_KEYS = {
    "Condition": "conditions",
    "Observation": "observations",
    "DiagnosticReport": "reports",
    "Procedure": "procedures",
    "MedicationRequest": "medicationRequests",
    "MedicationStatement": "medicationStatements",
    "ServiceRequest": "serviceRequests",
    "AllergyIntolerance": "allergies",
    "Encounter": "encounters",
}


def noisy(request: Json, name: str) -> Json:
    """The request with one of :data:`NOISE` in it."""
    changed = copy.deepcopy(request)
    noise = NOISE[name]
    bundle = changed["prefetch"].setdefault(
        _KEYS[noise["resourceType"]], {"resourceType": "Bundle", "type": "searchset"}
    )
    patient = {"reference": f"Patient/{request['context']['patientId']}"}
    about = "patient" if noise["resourceType"] == "AllergyIntolerance" else "subject"
    bundle.setdefault("entry", []).append({"resource": {"id": "noise", about: patient, **noise}})
    if "total" in bundle:
        bundle["total"] += 1
    return changed


def _condition(text: str, **more: Any) -> Json:
    return {"resourceType": "Condition", "code": {"text": text}, "recordedDate": "2026-02-20", **more}


def _observation(code: str | Json, **more: Any) -> Json:
    concept = {"text": code} if isinstance(code, str) else {"coding": [code]}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept,
        "effectiveDateTime": "2026-02-27",
        **more,
    }


_CALCIUM = {"system": "http://loinc.org", "code": "2000-8", "display": "Calcium"}
_SATURATION = {"system": "http://loinc.org", "code": "59408-5", "display": "Oxygen saturation"}
_WEAKNESS = {"coding": [{"system": "http://snomed.info/sct", "code": "309774006", "display": "Weakness of limb"}]}
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
NOISE: Mapping[str, Json] = {
    "another disease": _condition("Seasonal allergic rhinitis"),
    "another disease without a date": {"resourceType": "Condition", "code": {"text": "Psoriasis"}},
    "a disease in a code that nobody knows": {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "urn:local", "code": "X-1", "display": "Gilbert syndrome"}]},
    },
    "a wish for screening": _condition("Encounter for screening mammogram"),
    "a sign that was refuted": _condition(
        "Weakness of limb",
        code=_WEAKNESS,
        verificationStatus={"coding": [{"system": _VERIFICATION, "code": "refuted"}]},
    ),
    "a sign entered in error": _condition(
        "Weakness of limb",
        code=_WEAKNESS,
        verificationStatus={"coding": [{"system": _VERIFICATION, "code": "entered-in-error"}]},
    ),
    "a sign of years ago": {"resourceType": "Condition", "code": _WEAKNESS, "onsetDateTime": "2019-05-02"},
    "a sign of another patient": {
        **_condition("Weakness of limb", code=_WEAKNESS),
        "subject": {"reference": "Patient/somebody-else"},
    },
    "a calcium of another patient": {
        **_observation(_CALCIUM, valueQuantity={"value": 4.1, "unit": "mmol/L"}),
        "subject": {"reference": "Patient/somebody-else"},
    },
    "a calcium entered in error": {
        **_observation(_CALCIUM, valueQuantity={"value": 4.1, "unit": "mmol/L"}),
        "status": "entered-in-error",
    },
    "a calcium that was cancelled": {**_observation(_CALCIUM), "status": "cancelled"},
    "a calcium nobody understands, years ago": {
        **_observation(_CALCIUM, valueString="see letter"),
        "effectiveDateTime": "2019-05-02",
    },
    "a calcium without a unit, years ago": {
        **_observation(_CALCIUM, valueQuantity={"value": 31}),
        "effectiveDateTime": "2019-05-02",
    },
    "a saturation that cannot be, last year": {
        **_observation(_SATURATION, valueQuantity={"value": 9, "unit": "%"}),
        "effectiveDateTime": "2025-01-02",
    },
    "a score in words": _observation("Falls risk assessment", valueString="as last week, see chart"),
    "a question that nobody answered": _observation("Preferred language"),
    "a result without a unit": _observation("Sodium", valueQuantity={"value": 139}),
    "a result in a unit nobody knows": _observation("Ferritin", valueQuantity={"value": 139, "unit": "arb. U"}),
    "a result without a date": {"resourceType": "Observation", "status": "final", "code": {"text": "Ferritin"}},
    "a calcium score of the coronaries": _observation("Coronary artery calcium score", valueQuantity={"value": 412}),
    "calcium in the urine": _observation("Calcium, urine", valueQuantity={"value": 7.2, "unit": "mmol/L"}),
    "a vaccination asked for": {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "code": {"text": "Influenza vaccination"},
    },
    "an order that was proposed": {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "proposal",
        "code": {"text": "MRI whole spine"},
    },
    "a dressing": {"resourceType": "Procedure", "status": "completed", "code": {"text": "Change of dressing"}},
    "an emollient": {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": {"text": "Emollient cream"},
    },
    "an allergy to pollen": {"resourceType": "AllergyIntolerance", "code": {"text": "Birch pollen"}},
    "an X-ray of the thumb": {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": "X-ray of the thumb"},
        "effectiveDateTime": "2026-02-27",
        "conclusion": "No fracture. Soft tissues normal.",
    },
    "a visit": {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}},
}
