"""The audit as FHIR AuditEvent resources (R4), for an archive that takes those."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

_REST = {
    "system": "http://terminology.hl7.org/CodeSystem/audit-event-type",
    "code": "rest",
    "display": "RESTful Operation",
}
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_OBJECT_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROUTES = "https://cds-service.org/CodeSystem/doors"
_ACTIONS = {"hook": "E", "discovery": "R", "feedback": "C", "admin": "E", "view": "R"}


def audit_event(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write one row of the audit as an AuditEvent."""
    outcome = "0" if row["status"] < 400 else "4" if row["status"] < 500 else "8"
    event = {
        "resourceType": "AuditEvent",
        "id": str(row["id"]),
        "type": _REST,
        "subtype": [{"system": _ROUTES, "code": row["door"] or "hook"}],
        "action": _ACTIONS.get(row["door"], "E"),
        "recorded": row["at"].astimezone(UTC).isoformat(),
        "outcome": outcome,
        "agent": _agents(row),
        "source": {"observer": {"display": "cds-service"}},
        "entity": _entities(row),
    }
    return event | ({"outcomeDesc": row["because"]} if row["because"] else {})


def _agents(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    named = {"identifier": {"value": row["client"]}} if row["client"] else {"display": "not known"}
    tenant = {"name": row["tenant"]} if row["tenant"] else {}
    application = {"system": _DCM, "code": "110150", "display": "Application"}
    agents: list[dict[str, Any]] = [{"type": {"coding": [application]}, "who": named, "requestor": True, **tenant}]
    if row["user_reference"]:
        agents.append({"who": _reference(row["user_reference"]), "requestor": False})
    return agents


def _entities(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    what = {"service": row["service"], "status": str(row["status"]), "knowledge": row["knowledge"], "seal": row["seal"]}
    details = [{"type": name, "valueString": value} for name, value in what.items() if value]
    details += [{"type": "shown", "valueString": topic} for topic in row["topics"]]
    called = {
        "name": row["service"] or "not known",
        "type": {"system": _ENTITY_TYPE, "code": "2", "display": "System Object"},
    }
    entities: list[dict[str, Any]] = [called | {"detail": details}]
    if row["patient"]:
        entities.append(
            {
                "what": {"identifier": {"system": "urn:cds-service:patient", "value": row["patient"]}},
                "type": {"system": _ENTITY_TYPE, "code": "1", "display": "Person"},
                "role": {"system": _OBJECT_ROLE, "code": "1", "display": "Patient"},
            }
        )
    return entities


def _reference(text: str) -> dict[str, Any]:
    kind, _, named = text.rpartition("/")
    is_reference = bool(named) and kind.rpartition("/")[2].isalpha()
    return {"reference": text} if is_reference else {"identifier": {"value": text}}
