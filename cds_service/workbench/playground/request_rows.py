"""What the specification asks of a hook request, row by row, for somebody who writes a client."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cds_service.hooks.discovery import HOOK_VERSIONS

Json = dict[str, Any]

SPECIFICATION = "https://cds-hooks.hl7.org/STU3/"
_USER = re.compile(r"(Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9.-]{1,64}")
_SELECTION = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")
_HOOK = re.compile(r"[A-Za-z]\w*(-\w+)*(\.\w+)*")
_ORDERS = {"order-select", "order-sign"}
_PATIENT_HOOKS = {"patient-view", *_ORDERS, "encounter-start", "encounter-discharge", "appointment-book"}


class NothingToJudge(Exception):
    """The row is about a part that is not there."""


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement: where it stands, and a judgement that gives complaints."""

    text: str
    examine: Callable[[Json], Iterable[str]]


def _row(text: str) -> Callable[[Callable[[Json], Iterable[str]]], None]:
    def enter(examine: Callable[[Json], Iterable[str]]) -> None:
        ROWS.append(Row(text, examine))

    return enter


ROWS: list[Row] = []


def _context(request: Json) -> Json:
    found = request.get("context")
    return found if isinstance(found, dict) else {}


def _when(there: object) -> None:
    if not there:
        raise NothingToJudge


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


@_row("hook names the hook")
def _(request: Json) -> Iterable[str]:
    hook = request.get("hook")
    if not _text(hook) or not _HOOK.fullmatch(str(hook)):
        yield f"hook is {_shown(hook)}"
    elif hook not in HOOK_VERSIONS and "." not in str(hook):
        yield f"{_shown(hook)} is no hook of the library; hooks of one's own are named like a domain, com.example.hook"


@_row("hookInstance is a UUID of this call")
def _(request: Json) -> Iterable[str]:
    try:
        uuid.UUID(str(request.get("hookInstance")))
    except ValueError:
        yield f"hookInstance is {_shown(request.get('hookInstance'))}"


@_row("context is an object")
def _(request: Json) -> Iterable[str]:
    if not _context(request):
        yield f"context is {_shown(request.get('context'))}"


@_row("context.userId is Type/id of a user")
def _(request: Json) -> Iterable[str]:
    user = _context(request).get("userId")
    if not isinstance(user, str) or not _USER.fullmatch(user):
        yield f"context.userId is {_shown(user)}; such as Practitioner/example"


@_row("context.patientId is the patient's FHIR id")
def _(request: Json) -> Iterable[str]:
    _when(request.get("hook") in _PATIENT_HOOKS)
    patient = _context(request).get("patientId")
    if not _text(patient):
        yield f"context.patientId is {_shown(patient)}"
    elif "/" in str(patient):
        yield "context.patientId is a reference; the bare id is due"


@_row("context.encounterId, where given, is the encounter's FHIR id")
def _(request: Json) -> Iterable[str]:
    _when("encounterId" in _context(request))
    encounter = _context(request)["encounterId"]
    if not _text(encounter) or "/" in str(encounter):
        yield f"context.encounterId is {_shown(encounter)}"


@_row("context.draftOrders is a FHIR Bundle of drafts")
def _(request: Json) -> Iterable[str]:
    _when(request.get("hook") in _ORDERS)
    drafts = _context(request).get("draftOrders")
    if not isinstance(drafts, dict) or drafts.get("resourceType") != "Bundle":
        yield f"context.draftOrders is {_shown(drafts)}"
        return
    if not drafts.get("type"):
        yield "the Bundle has no type, which FHIR asks for"
    for at, entry in enumerate(drafts.get("entry") or ()):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not _text(resource.get("resourceType")):
            yield f"context.draftOrders.entry[{at}] holds no resource"
        elif resource.get("status") != "draft":
            yield f"context.draftOrders.entry[{at}]: the status is {_shown(resource.get('status'))}, not draft"


@_row("context.selections names drafts of draftOrders")
def _(request: Json) -> Iterable[str]:
    _when(request.get("hook") == "order-select")
    context = _context(request)
    chosen = context.get("selections")
    if not isinstance(chosen, list) or not chosen:
        yield f"context.selections is {_shown(chosen)}"
        return
    drafts = context.get("draftOrders")
    entries = drafts.get("entry") if isinstance(drafts, dict) else None
    resources = [one.get("resource") for one in entries or () if isinstance(one, dict)]
    known = {f"{one.get('resourceType')}/{one.get('id')}" for one in resources if isinstance(one, dict)}
    for at, one in enumerate(chosen):
        if not isinstance(one, str) or not _SELECTION.fullmatch(one):
            yield f"context.selections[{at}] is {_shown(one)}; such as MedicationRequest/draft-1"
        elif one not in known:
            yield f"context.selections[{at}] names no draft"


@_row("fhirServer is the base URL of a FHIR server")
def _(request: Json) -> Iterable[str]:
    _when("fhirServer" in request)
    server = request["fhirServer"]
    parts = urlsplit(server) if isinstance(server, str) else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.netloc:
        yield f"fhirServer is {_shown(server)}"
    elif parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        yield "fhirServer is not https"


@_row("fhirAuthorization is complete, and comes with fhirServer")
def _(request: Json) -> Iterable[str]:
    _when("fhirAuthorization" in request)
    granted = request["fhirAuthorization"]
    if "fhirServer" not in request:
        yield "fhirAuthorization comes without fhirServer"
    if not isinstance(granted, dict):
        yield "fhirAuthorization is no object"
        return
    for name in ("access_token", "scope", "subject"):
        if not _text(granted.get(name)):
            yield f"fhirAuthorization.{name} is missing"
    if granted.get("token_type") != "Bearer":
        yield "fhirAuthorization.token_type is not Bearer"
    if not isinstance(granted.get("expires_in"), int):
        yield "fhirAuthorization.expires_in is no number of seconds"


@_row("prefetch, where given, is an object of resources")
def _(request: Json) -> Iterable[str]:
    _when("prefetch" in request)
    prefetch = request["prefetch"]
    if not isinstance(prefetch, dict):
        yield f"prefetch is {_shown(prefetch)}"
        return
    for key, value in prefetch.items():
        if value is not None and not (isinstance(value, dict) and _text(value.get("resourceType"))):
            yield f"prefetch.{key} is neither a FHIR resource nor null"


@_row("a searched prefetch is a searchset Bundle whose entries hold resources")
def _(request: Json) -> Iterable[str]:
    prefetch = request.get("prefetch")
    bundles = _bundles(prefetch if isinstance(prefetch, dict) else {})
    _when(bundles)
    for key, bundle in bundles.items():
        if bundle.get("type") != "searchset":
            yield f"prefetch.{key}: the Bundle's type is {_shown(bundle.get('type'))}"
        for at, entry in enumerate(bundle.get("entry") or ()):
            if not isinstance(entry, dict) or not isinstance(entry.get("resource"), dict):
                yield f"prefetch.{key}.entry[{at}] holds no resource"


def _bundles(prefetch: Json) -> dict[str, Json]:
    return {
        key: value
        for key, value in prefetch.items()
        if isinstance(value, dict) and value.get("resourceType") == "Bundle"
    }


@_row("prefetch is of the patient of the context")
def _(request: Json) -> Iterable[str]:
    prefetch, patient = request.get("prefetch"), _context(request).get("patientId")
    _when(isinstance(prefetch, dict) and patient)
    for key, value in (prefetch or {}).items():
        if isinstance(value, dict) and value.get("resourceType") == "Patient" and value.get("id") != patient:
            yield f"prefetch.{key} is another patient"
    for key, bundle in _bundles(prefetch or {}).items():
        for at, entry in enumerate(bundle.get("entry") or ()):
            if isinstance(entry, dict) and not _of_patient(entry.get("resource"), str(patient)):
                yield f"prefetch.{key}.entry[{at}] is about somebody else"


def _of_patient(resource: object, patient: str) -> bool:
    if not isinstance(resource, dict):
        return True
    about = resource.get("subject") or resource.get("patient")
    reference = about.get("reference") if isinstance(about, dict) else None
    return not isinstance(reference, str) or "Patient/" not in reference or reference.endswith(f"Patient/{patient}")


@_row("nothing is empty, and null stands in prefetch only")
def _(request: Json) -> Iterable[str]:
    for name in ("hook", "hookInstance", "context", "fhirServer", "fhirAuthorization", "prefetch", "extension"):
        if name in request and request[name] in (None, "", {}, []):
            yield f"{name} is {_shown(request[name])}; leave it out"


@_row("extension, where given, is an object")
def _(request: Json) -> Iterable[str]:
    _when("extension" in request)
    if not isinstance(request["extension"], dict):
        yield f"extension is {_shown(request['extension'])}"


def _shown(value: object) -> str:
    """A value for a complaint, short."""
    if value is None:
        return "missing or null"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    return {dict: "an object", list: "a list", bool: "true or false"}.get(type(value), "a number")
