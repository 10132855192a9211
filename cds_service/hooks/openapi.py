"""The OpenAPI 3.1 description of this service: its own ids, each with the requests of its hooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import to_builtins

from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.discovery import SPECIFICATION, Service
from cds_service.hooks.examples import example
from cds_service.hooks.schemas import COMPONENT, DIALECT, components, request_name

Json = dict[str, Any]

_ERRORS: Mapping[int, str] = {
    400: "The body is no JSON, or a field of it is wrong; `expression` names the field.",
    401: "No token, or one that is not believed; the text names the check that failed.",
    404: "There is no such service.",
    412: "Data that is required was neither prefetched nor to be had; the text names the prefetch keys.",
    413: "The body is larger than this installation takes.",
    415: "The body is not JSON in UTF-8, or it is compressed.",
    500: "The service failed. No advice was given.",
    503: "The service cannot do this now; try again after `Retry-After` seconds.",
}
_CALL = (400, 401, 404, 412, 413, 415, 500, 503)
_FEEDBACK = (400, 401, 404, 413, 415, 500, 501, 503)
_DISCOVERY = (401, 500, 503)


def openapi(services: Iterable[Service], base_url: str, version: str) -> Json:
    """Describe a service; ``version`` is the one of this software."""
    by_id: dict[str, list[Service]] = {}
    for service in services:
        by_id.setdefault(service.id, []).append(service)
    paths: Json = {"/cds-services": {"get": _discovery(next(iter(by_id.values()), []))}}
    for name, entries in by_id.items():
        paths[f"/cds-services/{name}"] = {"post": _hook_call(name, entries)}
        paths[f"/cds-services/{name}/feedback"] = {"post": _feedback(name)}
    paths |= {"/health/live": {"get": _health("live")}, "/health/ready": {"get": _health("ready")}}
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "CDS Hooks service for metastatic bone and pulmonary disease",
            "version": version,
            "description": f"CDS Hooks {SPECIFICATION}. Decision support for professionals.",
        },
        "servers": [{"url": base_url}],
        "security": [{}, {"client": []}],
        "paths": paths,
        "components": {
            "schemas": dict(components()),
            "securitySchemes": {
                "client": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "Signed by the CDS client (ES384, RS384 ...); `aud` is the exact URL that is called.",
                }
            },
        },
    }


def _discovery(entries: list[Service]) -> Json:
    shown = {"services": [to_builtins(entry) for entry in entries[:1]]}
    return {
        "operationId": "discover",
        "summary": "The services offered here, with their hooks and prefetch",
        "responses": _responses("Discovery", "The services.", _DISCOVERY, shown),
    }


def _hook_call(name: str, entries: list[Service]) -> Json:
    hooks = [entry.hook for entry in entries if entry.hook in CONTEXTS]
    bodies: list[Json] = [{"$ref": COMPONENT + request_name(hook)} for hook in hooks]
    return {
        "operationId": f"call-{name}",
        "summary": f"Ask for advice: {', '.join(entry.hook for entry in entries)}",
        "description": entries[0].description,
        "requestBody": _body(bodies[0] if len(bodies) == 1 else {"oneOf": bodies}, *hooks),
        "responses": _responses("Response", "Cards, perhaps none.", _CALL, example("response")),
    }


def _feedback(name: str) -> Json:
    responses = _responses(None, "Kept: the feedback is on disk.", _FEEDBACK)
    return {
        "operationId": f"feedback-{name}",
        "summary": "Tell what became of cards",
        "requestBody": _body({"$ref": COMPONENT + "Feedback"}, "feedback"),
        "responses": responses,
    }


def _health(kind: str) -> Json:
    status: Json = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
    answer: Json = {"description": "How it is.", "content": {"application/json": {"schema": status}}}
    return {"operationId": f"health-{kind}", "security": [], "summary": "Health", "responses": {"200": answer}}


def _body(schema: Json, *names: str) -> Json:
    """A request body with the examples of these names."""
    examples = {name: {"value": example(name)} for name in names}
    return {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}


def _responses(name: str | None, says: str, errors: Iterable[int], shown: Json | None = None) -> Json:
    content: Json = {"schema": {"$ref": COMPONENT + name} if name else {"type": "object"}}
    if shown is not None:
        content["example"] = shown
    found: Json = {"200": {"description": says, "content": {"application/json": content}}}
    for status in errors:
        outcome = {"application/json": {"schema": {"$ref": COMPONENT + "OperationOutcome"}}}
        if status == 400:
            outcome["application/json"]["example"] = example("operation-outcome")
        says = _ERRORS.get(status, "Not supported by this installation.")
        found[str(status)] = {"description": says, "content": outcome}
    return found
