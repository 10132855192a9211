"""Ways in which one resource of a hook request may come damaged: each is a copy of the request in which one thing is wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Damage = Callable[[Json, Json, Json], object]
"""Spoils an entry of a Bundle in place: the entry, its resource and its Bundle, which are the test's own copies."""

_VALUE = (
    "valueQuantity",
    "valueString",
    "valueCodeableConcept",
    "valueBoolean",
    "valueInteger",
    "conclusion",
    "conclusionCode",
)
_DATE = (
    *("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"),
    *("onsetDateTime", "onsetPeriod", "onsetAge", "onsetString", "recordedDate"),
    *("authoredOn", "occurrenceDateTime", "performedDateTime", "performedPeriod", "started"),
)
_CODE = ("code", "medicationCodeableConcept")
_DATED = {
    "Condition": "onsetDateTime",
    "Observation": "effectiveDateTime",
    "DiagnosticReport": "effectiveDateTime",
    "MedicationRequest": "authoredOn",
    "ServiceRequest": "authoredOn",
    "MedicationAdministration": "effectiveDateTime",
    "Procedure": "performedDateTime",
}


def damaged(request: Json, reference: str) -> Iterator[tuple[str, Json]]:
    """The request once for each way in which the resource of this reference can be damaged, with the name of the way."""
    for way in DAMAGES:
        changed = damaged_so(way, request, reference)
        if changed is not None:
            yield way, changed


def damaged_so(way: str, request: Json, reference: str) -> Json | None:
    """The request with the resource of this reference damaged in one way; ``None`` where that changes nothing."""
    changed = copy.deepcopy(request)
    found = _find(changed, reference)
    if found is None:
        return None
    DAMAGES[way](*found)
    return changed if changed != request else None


def _find(request: Json, reference: str) -> tuple[Json, Json, Json] | None:
    drafts = request["context"].get("draftOrders")
    for bundle in (*request["prefetch"].values(), *([drafts] if drafts else ())):
        for entry in (bundle or {}).get("entry", ()):
            resource = entry["resource"]
            if f"{resource['resourceType']}/{resource.get('id')}" == reference.partition("#")[0]:
                return entry, resource, bundle
    return None


def _without(*names: str) -> Damage:
    def damage(entry: Json, resource: Json, bundle: Json) -> None:
        for name in names:
            resource.pop(name, None)

    return damage


def _dated(text: str) -> Damage:
    def damage(entry: Json, resource: Json, bundle: Json) -> None:
        if name := _DATED.get(resource["resourceType"]):
            _without(*_DATE)(entry, resource, bundle)
            resource[name] = text

    return damage


def _valued(value: Mapping[str, Any]) -> Damage:
    def damage(entry: Json, resource: Json, bundle: Json) -> None:
        if any(name in resource for name in _VALUE):
            _without(*_VALUE)(entry, resource, bundle)
            resource.update(value)

    return damage


def _quantity(change: Callable[[Json], object]) -> Damage:
    def damage(entry: Json, resource: Json, bundle: Json) -> None:
        if "valueQuantity" in resource:
            change(resource["valueQuantity"])

    return damage


def _status(status: str) -> Damage:
    def damage(entry: Json, resource: Json, bundle: Json) -> None:
        if "status" in resource:
            resource["status"] = status

    return damage


def _as(change: Callable[[Json], Any]) -> Damage:
    """Put something else in the place of the resource."""

    def damage(entry: Json, resource: Json, bundle: Json) -> None:
        entry["resource"] = change(resource)

    return damage


def _left_out(**marks: Any) -> Damage:
    """The entry is not there; the Bundle tells so."""

    def damage(entry: Json, resource: Json, bundle: Json) -> None:
        if bundle.get("type") == "searchset":
            bundle["total"] = len(bundle["entry"])
            bundle["entry"].remove(entry)
            bundle.update(marks)

    return damage


def _half_a_code(entry: Json, resource: Json, bundle: Json) -> None:
    for name in _CODE:
        if name in resource:
            resource[name] = {"coding": [{"system": one.get("system")} for one in resource[name].get("coding", ())]}


def _medicine_by_reference(entry: Json, resource: Json, bundle: Json) -> None:
    if resource.pop("medicationCodeableConcept", None):
        resource["medicationReference"] = {"reference": "Medication/not-sent"}


def _whose(reference: str) -> Damage:
    def damage(entry: Json, resource: Json, bundle: Json) -> None:
        resource["subject"] = {"reference": reference}

    return damage


def _halved(resource: Json) -> Json:
    """The first half; of a short one, an order form that has just been opened, all of it."""
    return dict([*resource.items()][: len(resource) // 2]) if len(resource) >= 8 else resource


NEXT = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]
ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
DAMAGES: Mapping[str, Damage] = {
    "no value": _without(*_VALUE),
    "a sentence for a value": _valued({"valueString": "see comment, phoned to ward"}),
    "an answer in words nobody knows": _valued({"valueCodeableConcept": {"text": "as before"}}),
    "an absent reason for a value": _valued({"dataAbsentReason": {"coding": [{"code": "error"}]}}),
    "a range for a value": _valued({"valueRange": {"low": {"value": 1}, "high": {"value": 9}}}),
    "a critical flag without a value": _valued({"interpretation": [{"coding": [{"code": "HH"}]}]}),
    "a number as text": _quantity(lambda value: value.update(value="high")),
    "no unit": _quantity(lambda value: [value.pop(name, None) for name in ("unit", "code", "system")]),
    "a unit nobody knows": _quantity(lambda value: value.update(unit="arb. U", code="arb. U")),
    "a hundred times too high": _quantity(lambda value: value.update(value=float(value["value"]) * 100)),
    "a hundred times too low": _quantity(lambda value: value.update(value=float(value["value"]) / 100)),
    "no date": _without(*_DATE),
    "a year for a date": _dated("2026"),
    "a date ahead": _dated("2031-01-01"),
    "a date in words": _dated("last Tuesday"),
    "a date that is none": _dated("2026-02-31"),
    "no code": _without(*_CODE),
    "half a code": _half_a_code,
    "a medicine by a reference that leads nowhere": _medicine_by_reference,
    "status registered": _status("registered"),
    "status unknown": _status("unknown"),
    "status that is none": _status("finale"),
    "entered in error": _status("entered-in-error"),
    "of another patient": _whose("Patient/somebody-else"),
    "of nobody who is known": _whose("urn:uuid:00000000-0000-4000-8000-000000000000"),
    "contained in a report": _as(
        lambda resource: (
            {
                "resourceType": "DiagnosticReport",
                "id": "carrier",
                "status": "final",
                "subject": resource.get("subject"),
                "code": {"text": "Report"},
                "effectiveDateTime": resource.get("effectiveDateTime"),
                "result": [{"reference": f"#{resource.get('id')}"}],
                "contained": [resource],
            }
            if resource["resourceType"] == "Observation"
            else resource
        )
    ),
    "a list for a resource": _as(lambda resource: [resource]),
    "a reference for a resource": _as(
        lambda resource: {"reference": f"{resource['resourceType']}/{resource.get('id')}"}
    ),
    "half of its JSON": _as(_halved),
    "an error for a resource": _as(lambda resource: ERROR),
    "not sent, the total tells": _left_out(),
    "on the next page": _left_out(link=NEXT),
    "no Bundle but an error": lambda entry, resource, bundle: (
        bundle.get("type") == "searchset" and (bundle.clear(), bundle.update(ERROR))
    ),
    "null for the Bundle": lambda entry, resource, bundle: (
        bundle.get("type") == "searchset"
        and (bundle.clear(), bundle.update({"resourceType": "Bundle", "type": "searchset", "entry": None, "total": 3}))
    ),
}
