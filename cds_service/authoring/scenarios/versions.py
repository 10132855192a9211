"""Resources of R4 in the shapes of other versions of FHIR: what R5 calls otherwise, and what STU3 and DSTU2 called otherwise.

https://hl7.org/fhir/STU3/, https://hl7.org/fhir/DSTU2/ and https://hl7.org/fhir/R5/. Each changes one resource in place; what
a version has no element for is left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.authoring.scenarios.codings import Json


def as_r5(resource: Json) -> None:
    """CodeableReferences, and other names of dates."""
    concept = resource.pop("medicationCodeableConcept", None)
    if concept is not None:
        resource["medication"] = {"concept": concept}
    reasons = resource.pop("reasonCode", None)
    if reasons:
        resource["reason"] = [{"concept": one} for one in reasons]
    _renamed(resource, _R5)


def as_stu3(resource: Json) -> None:
    """Bare codes of status, doses on the dosage itself, orders and referrals of their own types, diagnoses as such."""
    for status in ("clinicalStatus", "verificationStatus"):
        if status in resource:
            resource[status] = resource[status]["coding"][0]["code"]
    for dosage in (*resource.get("dosageInstruction", ()), *_listed(resource.get("dosage"))):
        for dose in dosage.pop("doseAndRate", ())[:1]:
            dosage.update(dose)
    if resource["resourceType"] == "Procedure" and resource.get("status") == "not-done":
        resource |= {"status": "suspended", "notDone": True}
    if resource["resourceType"] == "MedicationStatement":
        resource["taken"] = "y"
    if "encounter" in resource:
        resource["context"] = resource.pop("encounter")
    if resource["resourceType"] == "ServiceRequest":
        _renamed(resource, _STU3)
        _as_request(resource)
    _renamed(resource, _STU3)


def as_dstu2(resource: Json) -> None:
    """The patient instead of a subject, what was *not* done or taken, diagnostic orders, and substances of allergies."""
    as_stu3(resource)
    kind = resource["resourceType"]
    if kind in _OF_A_PATIENT and "subject" in resource:
        resource["patient"] = resource.pop("subject")
    if kind == "MedicationStatement":
        resource["wasNotTaken"] = resource.pop("taken") == "n"
    if kind == "AllergyIntolerance":
        state, sure = resource.pop("clinicalStatus", ""), resource.pop("verificationStatus", "")
        resource["status"] = sure if sure in {"refuted", "entered-in-error"} else state or sure
    if kind in {"MedicationRequest", "Procedure", "ProcedureRequest"} and "reasonCode" in resource:
        reasons = resource.pop("reasonCode")
        resource["reason" if kind == "ProcedureRequest" else "reasonCodeableConcept"] = reasons[0]
    for dosage in _listed(resource.get("dosage")):
        for now, then in (("dose", "quantity"), ("doseQuantity", "quantityQuantity"), ("doseRange", "quantityRange")):
            if now in dosage and not (now == "dose" and kind == "MedicationStatement"):
                dosage[then] = dosage.pop(now)
    for line in _listed(resource.get("dosageInstruction")):
        repeat = line.get("timing", {}).get("repeat", {})
        if "periodUnit" in repeat:
            repeat["periodUnits"] = repeat.pop("periodUnit")
    if resource.get("interpretation"):
        resource["interpretation"] = _listed(resource["interpretation"])[0]
    if kind == "Encounter" and isinstance(resource.get("class"), dict):
        resource["class"] = {"AMB": "ambulatory", "EMER": "emergency", "IMP": "inpatient", "HH": "home"}.get(
            resource["class"]["code"], "virtual"
        )
    if kind == "ProcedureRequest":
        _as_diagnostic_order(resource)
    _renamed(resource, _DSTU2)


def _as_request(resource: Json) -> None:
    """A referral by its name, else a procedure request."""
    named = [resource.get("code", {}).get("text", ""), *(one.get("display", "") for one in _codings(resource))]
    if any("referral" in name.lower() or "consult" in name.lower() for name in named):
        resource["resourceType"] = "ReferralRequest"
        resource["serviceRequested"] = [resource.pop("code")]
    else:
        resource["resourceType"] = "ProcedureRequest"


def _as_diagnostic_order(resource: Json) -> None:
    """An order with one item, whose dates and states are events."""
    resource["resourceType"] = "DiagnosticOrder"
    resource["subject"] = resource.pop("patient", None) or resource.get("subject")
    resource["item"] = [{"code": resource.pop("code", {})}]
    resource["event"] = (
        [{"status": "requested", "dateTime": resource.pop("authoredOn")}] if "authoredOn" in resource else []
    )
    resource["status"] = {"active": "requested", "on-hold": "suspended"}.get(resource["status"], resource["status"])


def _renamed(resource: Json, names: Mapping[str, Mapping[str, str]]) -> None:
    own = names.get(resource["resourceType"], {})
    for old, new in own.items():
        if old == "resourceType":
            resource[old] = new
        elif old in resource:
            resource[new] = resource.pop(old)


def _codings(resource: Json) -> list[Json]:
    codings: list[Json] = resource.get("code", {}).get("coding", [])
    return codings


def _listed(value: Json | list[Json] | None) -> list[Json]:
    return value if isinstance(value, list) else [value] if value else []


_R5 = {
    "Procedure": {"performedDateTime": "occurrenceDateTime", "performedPeriod": "occurrencePeriod"},
    "MedicationAdministration": {"effectiveDateTime": "occurenceDateTime", "effectivePeriod": "occurencePeriod"},
    "Encounter": {"period": "actualPeriod"},
}
_STU3 = {
    "Condition": {"recordedDate": "assertedDate"},
    "AllergyIntolerance": {"recordedDate": "assertedDate"},
    "DiagnosticReport": {"conclusionCode": "codedDiagnosis"},
    "Encounter": {"reasonCode": "reason"},
    "Observation": {"note": "comment"},
}
_DSTU2 = {
    "Condition": {"assertedDate": "dateRecorded"},
    "AllergyIntolerance": {"code": "substance", "assertedDate": "recordedDate"},
    "MedicationRequest": {"resourceType": "MedicationOrder", "authoredOn": "dateWritten"},
    "MedicationAdministration": {
        "effectiveDateTime": "effectiveTimeDateTime",
        "effectivePeriod": "effectiveTimePeriod",
    },
    "Procedure": {"notDone": "notPerformed"},
    "ReferralRequest": {"authoredOn": "date"},
    "Observation": {"comment": "comments"},
}
_OF_A_PATIENT = frozenset(
    {
        "Condition",
        "Encounter",
        "MedicationRequest",
        "MedicationStatement",
        "MedicationAdministration",
        "ReferralRequest",
        "ProcedureRequest",
    }
)
