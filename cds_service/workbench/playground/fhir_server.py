"""A small FHIR R4 server of the demonstration patients, for the public CDS Hooks sandbox and for what clients leave out.

It reads and searches, and takes draft observations of these patients. Answers are readable from every origin, as the rest
of the service's are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from fhir.resources.R4B.observation import Observation
from flask import Blueprint, Response, request

from cds_service.hooks.operation_outcome import operation_outcome
from cds_service.hooks.search_parameters import known_parameters, known_types, parameter_kind
from cds_service.workbench.playground.date_shift import Json
from cds_service.workbench.playground.fhir_search import LARGEST_PAGE, RESULT_PARAMETERS, applies, search
from cds_service.workbench.playground.patients import DemoPatients

FHIR_JSON = "application/fhir+json"
DEFAULT_PAGE = 50
_LARGEST = 64 * 1024
Criteria = list[tuple[str, str]]


def fhir_server(patients: DemoPatients) -> Blueprint:
    """Make the routes below ``/fhir``."""
    pages = Blueprint("fhir", __name__, url_prefix="/fhir")

    @pages.get("/metadata")
    def metadata() -> Response:
        return _send(_capabilities(_base()))

    @pages.get("/<kind>")
    def search_by_get(kind: str) -> Response:
        return _searched(patients, kind, list(request.args.items(multi=True)))

    @pages.post("/<kind>/_search")
    def search_by_post(kind: str) -> Response:
        criteria = [*request.args.items(multi=True), *request.form.items(multi=True)]
        return _searched(patients, kind, criteria)

    @pages.post("/Observation")
    def create() -> Response:
        return (
            _created(patients, request.get_data())
            if (request.content_length or _LARGEST + 1) <= _LARGEST
            else _too_large()
        )

    @pages.get("/<kind>/<identifier>")
    def read(kind: str, identifier: str) -> Response:
        for resource in _everything(patients):
            if resource["resourceType"] == kind and resource.get("id") == identifier:
                return _send(resource)
        return _refuse(404, "not-found", f"There is no {kind if kind in known_types() else 'resource'} of this id here")

    return pages


def _created(patients: DemoPatients, body: bytes) -> Response:
    """Take a draft that is valid and about one of the patients; whatever else there is, is refused."""
    try:
        draft = json.loads(body)
        Observation.model_validate(draft)
        subject = str(draft["subject"]["reference"]).removeprefix("Patient/")
    except (ValueError, KeyError, TypeError):
        return _refuse(400, "invalid", "An observation of R4 with a subject is taken here")
    if draft["status"] not in {"registered", "preliminary"} or subject not in patients.by_name:
        return _refuse(422, "business-rule", "Only drafts about the patients here are taken: status preliminary")
    made = {**draft, "id": str(uuid4())}
    patients.add(subject, made)
    response = _send(made)
    response.status_code = 201
    response.headers["Location"] = f"{_base()}/Observation/{made['id']}"
    return response


def _too_large() -> Response:
    return _refuse(413, "too-long", f"An observation of at most {_LARGEST} bytes is taken here")


def _base() -> str:
    return request.url_root.rstrip("/") + "/fhir"


def _everything(patients: DemoPatients) -> Iterable[Json]:
    return (resource for record in patients.records().values() for resource in record)


def _searched(patients: DemoPatients, kind: str, criteria: Criteria) -> Response:
    if kind not in known_types():
        return _refuse(404, "not-supported", f"Resource types here are {', '.join(known_types())}")
    unknown = [name for name, _ in criteria if name not in RESULT_PARAMETERS and not applies(kind, name)]
    if unknown and "handling=strict" in request.headers.get("Prefer", ""):
        known = ", ".join(known_parameters(kind))
        return _refuse(400, "not-supported", f"A search parameter is not known; {kind} has {known}")
    try:
        found = search(_everything(patients), kind, criteria)
        count, offset = _number(criteria, "_count", DEFAULT_PAGE), _number(criteria, "_offset", 0)
    except ValueError as error:
        return _refuse(400, "value", str(error))
    followed = [(name, value) for name, value in criteria if name not in unknown]
    return _send(_page(kind, followed, found, min(count, LARGEST_PAGE), offset))


def _number(criteria: Criteria, name: str, default: int) -> int:
    written = dict(criteria).get(name)
    if written is None:
        return default
    if not (written.isascii() and written.isdigit()) or len(written) > 6:
        raise ValueError(f"{name} takes a whole number")
    return int(written)


def _page(kind: str, followed: Criteria, found: Sequence[Json], count: int, offset: int) -> Json:
    counting = ("_summary", "count") in followed or count == 0
    shown = [] if counting else found[offset : offset + count]
    link = [{"relation": "self", "url": _link(kind, followed)}]
    if not counting and offset + count < len(found):
        rest = [pair for pair in followed if pair[0] != "_offset"]
        link.append({"relation": "next", "url": _link(kind, [*rest, ("_offset", str(offset + count))])})
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": link}
    if shown:
        bundle["entry"] = [
            {"fullUrl": f"{_base()}/{kind}/{one['id']}", "resource": one, "search": {"mode": "match"}} for one in shown
        ]
    return bundle


def _link(kind: str, criteria: Criteria) -> str:
    return f"{_base()}/{kind}?{urlencode(criteria)}" if criteria else f"{_base()}/{kind}"


def _capabilities(base: str) -> Json:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-21",
        "kind": "instance",
        "software": {"name": "cds-service demonstration patients"},
        "implementation": {"description": "Made-up patients; drafts of observations are taken", "url": base},
        "fhirVersion": "4.0.1",
        "format": [FHIR_JSON, "json"],
        "rest": [{"mode": "server", "resource": [_capability(kind) for kind in known_types()]}],
    }


def _capability(kind: str) -> Json:
    parameters = [{"name": name, "type": parameter_kind(kind, name)} for name in known_parameters(kind)]
    return {
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [parameter for parameter in parameters if applies(kind, str(parameter["name"]))],
    }


def _refuse(status: int, code: str, text: str) -> Response:
    return Response(operation_outcome(code, text), status, content_type=FHIR_JSON)


def _send(resource: Mapping[str, Any]) -> Response:
    response = Response(json.dumps(resource, ensure_ascii=False), 200, content_type=FHIR_JSON)
    response.headers["Cache-Control"] = "no-store"
    return response
