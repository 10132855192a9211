"""A file as a hook request: a recorded request stays one, a patient's Bundle becomes one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from cds_service.chart.identity import bare_id
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
    except RecursionError:
        raise RequestError("The file is not JSON: it is nested too deep") from None
    except msgspec.DecodeError as error:
        raise RequestError(f"The file is not JSON: {error}") from None
    if isinstance(read, dict) and "hook" in read:
        return document if not as_of else _at(read, as_of)
    if not isinstance(read, dict) or read.get("resourceType") != "Bundle":
        raise RequestError("The file is neither a hook request nor a FHIR Bundle")
    entries = [entry for entry in read.get("entry") or () if _holds_resource(entry)]
    patients = [entry for entry in entries if _type(entry) == "Patient"]
    if len(patients) != 1:
        raise RequestError(f"The Bundle holds {len(patients)} Patient resources; one is needed")
    body = _request(entries, patients[0], hook, _more(read.get("link")))
    return _at(body, as_of) if as_of else msgspec.json.encode(body)


def _at(body: dict[str, Any], as_of: str) -> bytes:
    given = body.get("extension")
    extension = given if isinstance(given, dict) else {}
    return msgspec.json.encode({**body, "extension": {**extension, "org.cds-service.as-of": as_of}})


def _holds_resource(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("resource"), dict)


def _type(entry: dict[str, Any]) -> Any:
    return entry["resource"].get("resourceType")


def _more(links: Any) -> list[Any]:
    """The link to a next page, which makes every part of the Bundle cut short."""
    found = links if isinstance(links, list) else []
    return [link for link in found if isinstance(link, dict) and link.get("relation") == "next"]


def _request(entries: list[dict[str, Any]], patient: dict[str, Any], hook: str, more: list[Any]) -> dict[str, Any]:
    drafts: list[dict[str, Any]] = []
    rest: list[dict[str, Any]] = []
    for entry in entries:
        (drafts if hook != "patient-view" and _is_draft(entry) else rest).append(entry)
    name = patient["resource"].get("id") or bare_id(str(patient.get("fullUrl") or "")) or "unknown"
    context: dict[str, Any] = {"userId": "Practitioner/unknown", "patientId": str(name)}
    if hook != "patient-view":
        context["draftOrders"] = _bundle(drafts)
    if hook == "order-select":
        context["selections"] = [f"{_type(entry)}/{entry['resource'].get('id', '')}" for entry in drafts]
    by_type: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    for entry in rest:
        by_type[_type(entry)].append(entry)
    prefetch = {key: _bundle(by_type.pop(wanted.type, []), more) for key, wanted in KEYS.items()}
    prefetch["others"] = _bundle([entry for found in by_type.values() for entry in found])
    return {
        "hook": hook,
        "hookInstance": str(uuid5(NAMESPACE_URL, f"file/{context['patientId']}/{hook}")),
        "context": context,
        "prefetch": prefetch,
    }


def _is_draft(entry: dict[str, Any]) -> bool:
    return _type(entry) in _DRAFTED and entry["resource"].get("status") == "draft"


def _bundle(entries: list[dict[str, Any]], links: list[Any] | None = None) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": entries} | ({"link": links} if links else {})
