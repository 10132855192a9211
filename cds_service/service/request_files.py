"""A file as a hook request: a recorded request stays one, a patient's Bundle becomes one."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from cds_service.chart.needs import KEYS
from cds_service.hooks.request import RequestError

_DRAFTED = frozenset({"MedicationRequest", "ServiceRequest"})


def hook_request(document: bytes, hook: str = "patient-view", as_of: str = "") -> bytes:
    """Give the body of a hook request for a file that holds one, or a Bundle of one patient's resources.

    In a Bundle a type that does not occur counts as "none on record". On order hooks its draft requests are the draft
    orders. Raises :class:`RequestError` when the file is neither.
    """
    try:
        read: Any = msgspec.json.decode(document)
    except (msgspec.DecodeError, RecursionError):
        raise RequestError("The file is not JSON") from None
    if isinstance(read, dict) and "hook" in read:
        return document if not as_of else _at(read, as_of)
    if not isinstance(read, dict) or read.get("resourceType") != "Bundle":
        raise RequestError("The file is neither a hook request nor a FHIR Bundle")
    resources = [entry["resource"] for entry in read.get("entry") or () if _holds_resource(entry)]
    patients = [one for one in resources if one.get("resourceType") == "Patient"]
    if len(patients) != 1:
        raise RequestError(f"The Bundle holds {len(patients)} Patient resources; one is needed")
    body = _request(resources, patients[0], hook)
    return _at(body, as_of) if as_of else msgspec.json.encode(body)


def _at(body: dict[str, Any], as_of: str) -> bytes:
    given = body.get("extension")
    extension = given if isinstance(given, dict) else {}
    return msgspec.json.encode({**body, "extension": {**extension, "org.cds-service.as-of": as_of}})


def _holds_resource(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("resource"), dict)


def _request(resources: list[dict[str, Any]], patient: dict[str, Any], hook: str) -> dict[str, Any]:
    drafts = [one for one in resources if hook != "patient-view" and _is_draft(one)]
    context: dict[str, Any] = {"userId": "Practitioner/unknown", "patientId": str(patient.get("id", "unknown"))}
    if hook != "patient-view":
        context["draftOrders"] = _bundle(drafts)
    if hook == "order-select":
        context["selections"] = [f"{one['resourceType']}/{one.get('id', '')}" for one in drafts]
    rest = [one for one in resources if one not in drafts]
    prefetch: dict[str, Any] = {}
    used: set[str] = set()
    for key, wanted in KEYS.items():
        found = [] if wanted.type in used else [one for one in rest if one.get("resourceType") == wanted.type]
        used.add(wanted.type)
        prefetch[key] = patient if wanted.type == "Patient" else _bundle(found)
    prefetch["medicines"] = _bundle([one for one in rest if one.get("resourceType") == "Medication"])
    return {
        "hook": hook,
        "hookInstance": str(uuid5(NAMESPACE_URL, f"file/{context['patientId']}/{hook}")),
        "context": context,
        "prefetch": prefetch,
    }


def _is_draft(resource: dict[str, Any]) -> bool:
    return resource.get("resourceType") in _DRAFTED and resource.get("status") == "draft"


def _bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
