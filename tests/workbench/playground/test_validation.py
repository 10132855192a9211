"""Validate: what breaks the specification is named with its place; what keeps it passes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.workbench.playground.validation import validate
from tests.service.wire import Send
from tests.workbench.playground.conftest import CORD, fixture_path


def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fixture_path(f"requests/{CORD}-patient-view.json").read_text())
    return found


def remarks(document: object) -> str:
    found = validate(json.dumps(document))
    return " | ".join(remark for row in found["rows"] if row["standing"] == "not met" for remark in row["remarks"])


def test_every_recorded_request_keeps_the_specification() -> None:
    for path in sorted(fixture_path("requests").glob("*.json")):
        if path.stem.startswith("other-patient"):
            continue
        assert remarks(json.loads(path.read_text())) == "", path.stem


def test_a_resource_of_somebody_else_is_named() -> None:
    body = json.loads(fixture_path("requests/other-patient-mixed-in-patient-view.json").read_text())
    assert "is about somebody else" in remarks(body)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"hook": "patient_view"}, "'patient_view' is no hook of the library"),
        ({"hookInstance": "1"}, "hookInstance is '1'"),
        ({"context": None}, "context is missing or null"),
        ({"context": {"userId": "me", "patientId": "Patient/1"}}, "context.userId is 'me'"),
        ({"context": {"userId": "Practitioner/1", "patientId": "Patient/1"}}, "the bare id is due"),
        ({"fhirServer": "http://ehr.example.org"}, "fhirServer is not https"),
        ({"fhirServer": "ehr"}, "fhirServer is 'ehr'"),
        ({"fhirAuthorization": {}}, "fhirAuthorization.access_token is missing"),
        ({"prefetch": {"patient": "Ada"}}, "prefetch.patient is neither a FHIR resource nor null"),
        ({"prefetch": []}, "prefetch is a list"),
        ({"extension": "x"}, "extension is 'x'"),
        ({"hook": "order-select"}, "context.draftOrders is missing or null"),
    ],
)
def test_a_wrong_request_says_where_it_is_wrong(change: dict[str, Any], complaint: str) -> None:
    assert complaint in remarks(recorded() | change)


def test_our_own_discovery_and_answer_pass(ask: Send) -> None:
    discovery = ask("GET", "/cds-services").body.decode()
    answer = ask("POST", "/cds-services/metastatic-disease-patient-view", json.dumps(recorded()).encode()).body.decode()
    for text, kind in ((discovery, "discovery"), (answer, "response")):
        found = validate(text)
        assert found["kind"] == kind
        assert len(found["rows"]) > 8
        assert found["wrong"] == 0, [row for row in found["rows"] if row["standing"] == "not met"]


def test_wrong_answers_say_where_they_are_wrong() -> None:
    card = {"summary": "x" * 200, "indicator": "hard-stop", "source": {"label": "S"}, "suggestions": [{"label": "a"}]}
    found = validate(json.dumps({"cards": [card]}))
    wrong = {row["text"] for row in found["rows"] if row["standing"] == "not met"}
    assert len(wrong) >= 3
    assert remarks({"services": [{"hook": "patient-view", "prefetch": {"p": "Patient/{{context.patientId}"}}]})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "7", "[" * 100_000, '{"cards": [7, null]}', '{"hook": {"a": 1}}']
)
def test_nothing_that_is_pasted_breaks_it(text: str) -> None:
    found = validate(text)
    assert found["wrong"] or found["problem"]


def test_a_mistake_in_the_json_has_its_line_and_column() -> None:
    assert validate('{"hook": 1,\n}')["problem"].startswith("Line 2, column 1")
