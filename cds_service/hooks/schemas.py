"""JSON Schemas (2020-12) of all that goes over the wire, made from the models that read and write it.

What the models say in code (which fields go together) is added here as schema rules; a test holds both against the same
broken answers. Requests are described as clients should send them; the reader forgives more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import msgspec
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from cds_service.hooks.contexts import CONTEXTS, FhirAuthorization
from cds_service.hooks.discovery import Discovery
from cds_service.hooks.feedback import Feedback
from cds_service.hooks.operation_outcome import OperationOutcome
from cds_service.hooks.response import Response

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMPONENT = "#/components/schemas/"
_OBJECT_OR_NULL = {"type": ["object", "null"]}


@cache
def components() -> Mapping[str, Schema]:
    """Every definition by its name, with references as OpenAPI writes them."""
    template = COMPONENT + "{name}"
    _, sent = msgspec.json.schema_components([Response, Discovery, OperationOutcome], ref_template=template)
    models: list[type[BaseModel]] = [*dict.fromkeys(CONTEXTS.values()), FhirAuthorization, Feedback]
    _, read = models_json_schema([(model, "validation") for model in models], ref_template=COMPONENT + "{model}")
    found: dict[str, Schema] = {**_untitled(read.get("$defs", {})), **sent}
    _state_rules(found)
    found |= {request_name(hook): _request(hook) for hook in CONTEXTS}
    return dict(sorted(found.items()))


@cache
def documents() -> Mapping[str, Schema]:
    """Schemas that stand alone, by the name of their file without ``.json``."""
    named = {
        "discovery": "Discovery",
        "response": "Response",
        "feedback": "Feedback",
        "operation-outcome": "OperationOutcome",
        **{f"context-{hook}": model.__name__ for hook, model in CONTEXTS.items()},
        **{f"request-{hook}": request_name(hook) for hook in CONTEXTS},
    }
    return {file: _alone(name) for file, name in named.items()}


def request_name(hook: str) -> str:
    """The component of a hook's request, such as ``OrderSignRequest``."""
    return "".join(word.capitalize() for word in hook.split("-")) + "Request"


def _request(hook: str) -> Schema:
    return {
        "title": request_name(hook),
        "description": f"A call of the hook `{hook}`. Unknown fields and extension objects are accepted.",
        "type": "object",
        "required": ["hook", "hookInstance", "context"],
        "properties": {
            "hook": {"const": hook},
            "hookInstance": {"type": "string", "minLength": 1, "description": "A UUID that names this call."},
            "context": {"$ref": COMPONENT + CONTEXTS[hook].__name__},
            "fhirServer": {"type": ["string", "null"], "pattern": r"^(https?://[^\s/?#]+\S*)?$"},
            "fhirAuthorization": {"anyOf": [{"$ref": COMPONENT + "FhirAuthorization"}, {"type": "null"}]},
            "prefetch": {
                **_OBJECT_OR_NULL,
                "description": "By the keys of the discovery answer; null says that there is no data.",
                "additionalProperties": _OBJECT_OR_NULL,
            },
            "extension": _OBJECT_OR_NULL,
        },
        "if": {"required": ["fhirAuthorization"], "properties": {"fhirAuthorization": {"type": "object"}}},
        "then": {"required": ["fhirServer"], "properties": {"fhirServer": {"type": "string", "minLength": 1}}},
    }


def _state_rules(found: dict[str, Schema]) -> None:
    """Write into the schemas what the structs check in ``__post_init__``."""
    card, action, link = found["Card"], found["Action"], found["Link"]
    card["dependentRequired"] = {"suggestions": ["selectionBehavior"], "selectionBehavior": ["suggestions"]}
    recommended = {"properties": {"isRecommended": {"const": True}}, "required": ["isRecommended"]}
    card["if"] = {"properties": {"selectionBehavior": {"const": "at-most-one"}}, "required": ["selectionBehavior"]}
    card["then"] = {"properties": {"suggestions": {"contains": recommended, "minContains": 0, "maxContains": 1}}}
    card["properties"]["overrideReasons"]["items"] = {"$ref": COMPONENT + "Coding", "required": ["display"]}
    action["properties"]["resource"] = {
        "type": "object",
        "description": "A FHIR R4 resource.",
        "required": ["resourceType"],
        "properties": {"resourceType": {"type": "string", "minLength": 1}},
    }
    action["if"] = {"properties": {"type": {"const": "delete"}}}
    action["then"] = {"required": ["resourceId"], "properties": {"resource": False}}
    action["else"] = {"required": ["resource"]}
    link["if"] = {"properties": {"type": {"const": "absolute"}}}
    link["then"] = {"properties": {"appContext": False}}
    accepted = found["FeedbackItem"]
    accepted["if"] = {"properties": {"outcome": {"const": "accepted"}}}
    accepted["then"] = {"required": ["acceptedSuggestions"], "properties": {"acceptedSuggestions": {"minItems": 1}}}


def _untitled(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the titles that pydantic makes of field names, which say nothing."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: without(inner) for name, inner in value.items() if not (name == "title" and inner_is_text(inner))
            }
        return [without(inner) for inner in value] if isinstance(value, list) else value

    def inner_is_text(inner: object) -> bool:
        return isinstance(inner, str)

    return {name: {"title": name, **without(schema)} for name, schema in schemas.items()}


def _alone(name: str) -> Schema:
    """One definition with those that it needs below it."""
    needed: dict[str, Schema] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in needed:
            needed[current] = components()[current]
            waiting += re.findall(rf"{re.escape(COMPONENT)}(\w+)", str(needed[current]))
    own = {"$schema": DIALECT, **deepcopy(needed.pop(name))}
    return _local(own | ({"$defs": needed} if needed else {}))


def _local(schema: Schema) -> Schema:
    text = msgspec.json.encode(schema).decode().replace(COMPONENT, "#/$defs/")
    found: Schema = msgspec.json.decode(text)
    return found
