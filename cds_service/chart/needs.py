"""The kinds of data that a card may ask for, the resource types that bear them, and which of them still have to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NEEDS: Mapping[str, frozenset[str]] = {
    "patient": frozenset({"Patient"}),
    "conditions": frozenset({"Condition"}),
    "observations": frozenset({"Observation"}),
    "reports": frozenset({"DiagnosticReport", "ImagingStudy"}),
    "procedures": frozenset({"Procedure"}),
    "medications": frozenset(
        {"MedicationRequest", "MedicationAdministration", "MedicationStatement", "MedicationDispense"}
    ),
    "orders": frozenset({"ServiceRequest"}),
    "allergies": frozenset({"AllergyIntolerance"}),
    "devices": frozenset({"Device"}),
    "encounters": frozenset({"Encounter"}),
    "draft_orders": frozenset(),
    "red_flags": frozenset(),
}
"""Every need and its resource types. No read brings the last two: draft orders come with the hook's context, and what the red
flags could not tell comes from their rules."""

TYPE_NOW: Mapping[str, str] = {
    "MedicationOrder": "MedicationRequest",
    "ProcedureRequest": "ServiceRequest",
    "DiagnosticOrder": "ServiceRequest",
    "ReferralRequest": "ServiceRequest",
}
"""What R4 calls types of STU3 and DSTU2."""

NEED_OF_TYPE: Mapping[str, str] = {
    **(_OF_R4 := {kind: need for need, kinds in NEEDS.items() for kind in kinds}),
    **{older: _OF_R4[now] for older, now in TYPE_NOW.items()},
    "Medication": "medications",
    "CarePlan": "care_plans",
    "QuestionnaireResponse": "questionnaires",
}
"""The need that each resource type serves; no card asks for care plans and filled-in forms, which are read where they come."""


@dataclass(frozen=True, slots=True)
class PrefetchKey:
    """One key of a prefetch: the need that it serves and the only resource type that its query asks for."""

    need: str
    type: str


KEYS: Mapping[str, PrefetchKey] = {
    "patient": PrefetchKey("patient", "Patient"),
    "conditions": PrefetchKey("conditions", "Condition"),
    "laboratory": PrefetchKey("observations", "Observation"),
    "observations": PrefetchKey("observations", "Observation"),
    "reports": PrefetchKey("reports", "DiagnosticReport"),
    "imaging": PrefetchKey("reports", "ImagingStudy"),
    "procedures": PrefetchKey("procedures", "Procedure"),
    "medicationRequests": PrefetchKey("medications", "MedicationRequest"),
    "medicationAdministrations": PrefetchKey("medications", "MedicationAdministration"),
    "medicationStatements": PrefetchKey("medications", "MedicationStatement"),
    "medicationDispenses": PrefetchKey("medications", "MedicationDispense"),
    "serviceRequests": PrefetchKey("orders", "ServiceRequest"),
    "allergies": PrefetchKey("allergies", "AllergyIntolerance"),
    "devices": PrefetchKey("devices", "Device"),
    "encounters": PrefetchKey("encounters", "Encounter"),
}
"""All prefetch keys that we know, in the order in which discovery lists them."""


def keys_of(need: str) -> tuple[str, ...]:
    """Prefetch keys that together bring a need; none for draft orders."""
    return tuple(name for name, key in KEYS.items() if key.need == need)


def missing_reads(asked: Mapping[str, str], supplied: Iterable[str]) -> dict[str, str]:
    """Which of the prefetch queries asked for (key to query) the client left out, and so must be read from its server.

    A key that came with ``null`` was supplied: it means "no data". A caller leaves a key out of ``supplied`` when its
    value was an error, to have it read again.
    """
    given = frozenset(supplied)
    return {key: query for key, query in asked.items() if key not in given}
