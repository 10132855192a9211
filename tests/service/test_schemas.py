"""The published schemas and the OpenAPI description say what the service does: held against real requests and answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from openapi_spec_validator import OpenAPIV31SpecValidator

from cds_service.hooks.examples import example
from cds_service.hooks.response import ResponseError, check
from cds_service.hooks.schemas import documents
from cds_service.service.application import Application
from tests.hooks.test_response import breaks, parts
from tests.service.api_page import PAGE, page
from tests.service.whole import whole_service
from tests.service.wire import ROOT, Send, over_wsgi

REQUESTS = sorted((ROOT / "fhir_fixtures/requests").glob("*.json"))
JSON = {"Content-Type": "application/json"}
HOOKS = ("patient-view", "order-select", "order-sign")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with whole_service(tmp_path_factory.mktemp("schemas")) as made:
        yield made


@pytest.fixture(scope="module")
def send(service: Application) -> Send:
    return over_wsgi(service.wsgi)


@cache
def validator(name: str) -> Any:
    schema = documents()[name]
    return validator_for(schema)(schema)


@pytest.mark.parametrize("name", sorted(documents()))
def test_every_schema_is_served_as_it_is_and_is_one(send: Send, name: str) -> None:
    reply = send("GET", f"/schemas/{name}.json", None, {"Origin": "https://elsewhere.example.org"})
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/schema+json")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.json() == documents()[name]
    Draft202012Validator.check_schema(reply.json())


def test_a_schema_that_does_not_exist_is_404_with_an_outcome(send: Send) -> None:
    reply = send("GET", "/schemas/request-order-dispatch.json")
    assert (reply.status, reply.issue["code"]) == (404, "not-found")


def test_there_is_a_schema_of_every_hooks_context_and_request() -> None:
    for hook in HOOKS:
        assert {f"context-{hook}", f"request-{hook}"} <= set(documents())


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_every_fixture_request_and_its_answer_keep_to_the_schemas(send: Send, path: Path) -> None:
    body = path.read_bytes()
    request = json.loads(body)
    validator(f"request-{request['hook']}").validate(request)
    validator(f"context-{request['hook']}").validate(request["context"])
    reply = send("POST", f"/cds-services/metastatic-disease-{request['hook']}", body, JSON)
    validator("response").validate(reply.json())


def test_discovery_errors_and_feedback_keep_to_the_schemas(send: Send) -> None:
    validator("discovery").validate(send("GET", "/cds-services").json())
    path = "/cds-services/metastatic-disease-patient-view"
    for sent in (b"{", b"{}", b'{"hook":"order-sign","hookInstance":"1","context":{}}'):
        validator("operation-outcome").validate(send("POST", path, sent, JSON).json())
    item = {"card": "1", "outcome": "overridden", "outcomeTimestamp": "2026-03-02T09:05:00Z"}
    for good in ({"feedback": [item]}, {"feedback": [item | {"overrideReason": {"reason": {"code": "a"}}}]}):
        validator("feedback").validate(good)
        assert send("POST", f"{path}/feedback", json.dumps(good).encode(), JSON).status == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("feedback", {"feedback": []}),
        ("feedback", {"feedback": [{"card": "1", "outcome": "seen", "outcomeTimestamp": "2026-03-02T09:05:00Z"}]}),
        ("feedback", {"feedback": [{"card": "1", "outcome": "accepted", "outcomeTimestamp": "2026-03-02T09:05:00Z"}]}),
        ("request-patient-view", {"hook": "patient-view", "hookInstance": "1"}),
        (
            "request-patient-view",
            {"hook": "patient-view", "hookInstance": "1", "context": {"userId": "Practitioner/1"}},
        ),
        (
            "request-patient-view",
            {
                "hook": "patient-view",
                "hookInstance": "1",
                "context": {"userId": "Practitioner/1", "patientId": "1"},
                "fhirAuthorization": {"access_token": "t"},
            },
        ),
        (
            "request-order-sign",
            {"hook": "order-sign", "hookInstance": "1", "context": {"userId": "Practitioner/1", "patientId": "1"}},
        ),
    ],
)
def test_what_the_service_refuses_the_schema_refuses_too(send: Send, name: str, value: dict[str, Any]) -> None:
    assert not validator(name).is_valid(value)
    path = "/cds-services/metastatic-disease-"
    path += "patient-view/feedback" if name == "feedback" else name.removeprefix("request-")
    assert send("POST", path, json.dumps(value).encode(), JSON).status == 400


ACTION = "cards.0.suggestions.0.actions.0."


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cards.0.selectionBehavior", ...),
        ("cards.0.selectionBehavior", "all"),
        ("cards.0.suggestions", ...),
        ("cards.0.suggestions.1.isRecommended", True),
        ("cards.0.suggestions.0.actionSelectionBehavior", "any"),
        ("cards.0.overrideReasons.0.display", ...),
        ("cards.0.overrideReasons.0.code", ...),
        ("cards.0.overrideReasons.0.system", ...),
        ("cards.0.source.icon", "icon.png"),
        ("cards.0.links.0.type", "absolute"),
        ("cards.0.links.0.type", "relative"),
        (ACTION + "resource", ...),
        (ACTION + "resource", {"status": "draft"}),
        (ACTION + "type", "delete"),
        ("cards.0.suggestions.1.actions.0.resourceId", ...),
    ],
)
def test_a_rule_of_the_protocol_stands_in_the_schema(path: str, value: object) -> None:
    body = parts()
    validator("response").validate(body)
    breaks(path, value)(body)
    assert not validator("response").is_valid(body)
    with pytest.raises(ResponseError):
        check(json.dumps(body, separators=(",", ":")).encode())


def test_the_openapi_description_is_valid_3_1_and_names_every_endpoint(send: Send) -> None:
    reply = send("GET", "/openapi.json")
    assert reply.headers["Content-Type"] == "application/json"
    found = reply.json()
    OpenAPIV31SpecValidator(found).validate()
    ids = {service["id"] for service in send("GET", "/cds-services").json()["services"]}
    expected = {"/cds-services", "/health/live", "/health/ready"}
    expected |= {f"/cds-services/{name}{end}" for name in ids for end in ("", "/feedback")}
    assert set(found["paths"]) == expected


@pytest.mark.parametrize("hook", HOOKS)
def test_the_example_of_a_hook_is_answered_as_the_example_answer_is(send: Send, hook: str) -> None:
    sent, shown = example(hook), example("response")["cards"][0]
    validator(f"request-{hook}").validate(sent)
    reply = send("POST", f"/cds-services/metastatic-disease-{hook}", json.dumps(sent).encode(), JSON)
    first = reply.json()["cards"][0]
    topic = "mscc-suspected" if hook == "patient-view" else shown["source"]["topic"]["code"]
    assert (first["indicator"], first["source"]["topic"]["code"]) == ("critical", topic)
    if hook == "order-select":
        assert (
            first["suggestions"][0]["actions"][0]["resourceId"] == shown["suggestions"][0]["actions"][0]["resourceId"]
        )
        assert set(shown["extension"]) <= set(first["extension"])


def test_the_other_examples_keep_to_their_schemas_and_feedback_is_of_the_example_card(send: Send) -> None:
    for name in ("response", "feedback", "operation-outcome"):
        validator(name).validate(example(name))
    assert example("feedback")["feedback"][0]["card"] == example("response")["cards"][0]["uuid"]
    assert (
        send(
            "POST",
            "/cds-services/metastatic-disease-order-select/feedback",
            json.dumps(example("feedback")).encode(),
            JSON,
        ).status
        == 200
    )
    described = send("GET", "/openapi.json").json()["paths"]
    validator("discovery").validate(
        described["/cds-services"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    )


def test_the_page_of_the_api_is_as_the_service_describes_itself() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.service.api_page"


def test_every_status_that_the_protocol_answers_is_described(send: Send) -> None:
    found = send("GET", "/openapi.json").json()["paths"]
    path = "/cds-services/metastatic-disease-patient-view"
    body = json.dumps({"hook": "patient-view", "hookInstance": "1", "context": {"userId": "u", "patientId": "1"}})
    tried = [(body.encode(), {}), (b"{", {}), (b"{}", {"Content-Type": "text/plain"}), (b"", {"Content-Length": "-1"})]
    for sent, headers in tried:
        status = send("POST", path, sent, JSON | headers).status
        assert str(status) in found[path]["post"]["responses"]
