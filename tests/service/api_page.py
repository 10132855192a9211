"""``docs/api.md``, made from the service's own OpenAPI description; ``python -m tests.service.api_page`` rewrites it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from msgspec import UNSET

from cds_service.hooks.openapi import openapi
from cds_service.service.advisor import KnowledgeAdvisor
from tests import shipped
from tests.service.wire import ROOT

PAGE = ROOT / "docs" / "api.md"
BASE = "https://cds.example.org"
TOLD = ("PatientViewRequest", "Context", "OrderSelect", "FhirAuthorization", "Response", "Card", "Suggestion", "Action")
TOLD += ("Link", "Source", "Feedback", "FeedbackItem", "OverrideReason", "Service", "OperationOutcome")
"""Parts of bodies whose fields the page lists; the served schemas have all."""
HEAD = f"""# The API

Made from the OpenAPI description that the service serves at `/openapi.json`; `/schemas/{{name}}.json` holds each body's JSON
Schema. The examples are sent to the service by a test. Base URL here: `{BASE}`. How to use it: [integration](integration.md).
"""
Json = dict[str, Any]


def page() -> str:
    """A section for each call, then the fields of the bodies."""
    services = [
        msgspec.structs.replace(one, version=UNSET, extension=UNSET)
        for one in KnowledgeAdvisor(shipped.knowledge()).services
    ]
    described = openapi(services, BASE, "")
    calls = [(path, *called) for path, methods in described["paths"].items() for called in methods.items()]
    schemas: Json = {name: described["components"]["schemas"].get(name) for name in TOLD}
    contents = [f"{method.upper()} {path}" for path, method, _ in calls] + ["Examples", "Fields"]
    listed = " · ".join(
        f"[{title}](#{''.join(c for c in title.lower() if c.isalnum() or c in ' -').replace(' ', '-')})"
        for title in contents
    )
    shown: dict[str, Json] = {}
    parts = [
        HEAD,
        listed + "\n",
        *(_call(path, method, operation, shown) for path, method, operation in calls),
        "## Examples\n",
    ]
    parts += [f"### Example {name}\n\n```json\n{json.dumps(value, indent=1)}\n```\n" for name, value in shown.items()]
    return "\n".join((*parts, "## Fields\n", *(_fields(name, schema) for name, schema in schemas.items() if schema)))


def _call(path: str, method: str, operation: Json, shown: dict[str, Json]) -> str:
    """A call with its answers; its examples are put into ``shown``."""
    parts = [f"## {method.upper()} {path}", f"{operation['summary']}.", operation.get("description", "")]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        shown |= {name: each["value"] for name, each in content["examples"].items()}
        parts.append(f"Body: {_kind(content['schema'])}, {', '.join(map(_example, content['examples']))}.")
    rows = ["| status | answer | body |", "|---|---|---|"]
    for status, answer in operation["responses"].items():
        (content,) = answer["content"].values()
        kind = _kind(content["schema"])
        if "example" in content:
            name = content["schema"]["$ref"].rpartition("/")[2]
            shown[name] = content["example"]
            kind += f", {_example(name)}"
        rows.append(f"| {status} | {answer['description']} | {kind} |")
    return "\n\n".join(part for part in (*parts, "\n".join(rows)) if part) + "\n"


def _example(name: str) -> str:
    return f"[example](#example-{name.lower()})"


def _fields(name: str, schema: Json) -> str:
    rows = ["| field | type | |", "|---|---|---|"]
    for field, given in schema.get("properties", {}).items():
        needed = "required. " if field in schema.get("required", ()) else ""
        rows.append(f"| `{field}` | {_kind(given)} | {needed}{_line(given.get('description', ''))} |")
    return f"### {name}\n\n{_line(schema.get('description', ''))}\n\n" + "\n".join(rows) + "\n"


def _kind(schema: Any) -> str:
    """A schema's type in a word or two; parts that the page tells of are links."""
    if not isinstance(schema, dict):
        return "any"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if name in TOLD else name
    if "const" in schema or "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    several = schema.get("anyOf") or schema.get("oneOf")
    if several:
        return " or ".join(dict.fromkeys(_kind(one) for one in several))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kinds = schema.get("type", "any")
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)


def _line(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("``", "`").split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
