"""Reading hook calls: what is accepted, what is refused, and what the refusal says."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from cds_service.hooks.contexts import OrderSelect, OrderSign
from cds_service.hooks.request import Envelope, Request, RequestError, RequestReader

HOOKS = ("patient-view", "order-select", "order-sign")


class Piece(msgspec.Struct, rename="camel"):
    resource_type: str = ""
    status: str | None = None


READER = RequestReader(Envelope[dict[str, Piece | None]])

DRAFTS = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "MedicationRequest", "id": "d1"}}]}


def call(hook: str = "patient-view", **changes: Any) -> dict[str, Any]:
    context: dict[str, Any] = {"userId": "Practitioner/p", "patientId": "1288992"}
    if hook != "patient-view":
        context["draftOrders"] = DRAFTS
    if hook == "order-select":
        context["selections"] = ["MedicationRequest/d1"]
    return {"hook": hook, "hookInstance": "23f1a303-991f-4118-86c5-11d99a39222e", "context": context} | changes


def read(body: dict[str, Any] | bytes, hooks: tuple[str, ...] = HOOKS) -> Request[dict[str, Piece | None]]:
    return READER.read(body if isinstance(body, bytes) else json.dumps(body).encode(), hooks)


def refusal(body: dict[str, Any] | bytes, hooks: tuple[str, ...] = HOOKS) -> RequestError:
    with pytest.raises(RequestError) as caught:
        read(body, hooks)
    assert caught.value.status == 400
    return caught.value


def with_context(hook: str = "patient-view", **changes: Any) -> dict[str, Any]:
    body = call(hook)
    body["context"] = {name: value for name, value in (body["context"] | changes).items() if value is not ...}
    return body


def test_a_plain_patient_view_call_is_read() -> None:
    request = read(call())
    assert (request.hook, request.context.patient, request.context.encounter_id) == ("patient-view", "1288992", None)
    assert request.prefetch == {}
    assert request.extension == {}
    assert request.access is None


def test_the_prefetch_is_decoded_in_the_same_pass_into_the_callers_type() -> None:
    request = read(call(prefetch={"patient": {"resourceType": "Patient", "status": "x"}, "conditions": None}))
    assert request.prefetch == {"patient": Piece("Patient", "x"), "conditions": None}


def test_an_odd_resource_leaves_the_prefetch_raw_and_costs_no_request() -> None:
    request = read(call(prefetch={"patient": {"resourceType": "Patient"}, "conditions": {"status": 7}}))
    prefetch: Any = request.prefetch
    assert isinstance(prefetch["conditions"], Raw)
    assert json.loads(bytes(prefetch["patient"])) == {"resourceType": "Patient"}


@pytest.mark.parametrize("prefetch", [None, {}])
def test_no_prefetch_at_all_is_an_empty_one(prefetch: object) -> None:
    assert read(call(prefetch=prefetch)).prefetch == {}


@pytest.mark.parametrize("prefetch", [[], "x", 3])
def test_a_prefetch_that_is_no_object_is_refused(prefetch: object) -> None:
    assert refusal(call(prefetch=prefetch)).path == "prefetch"


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("hook", ..., "hook"),
        ("hook", 3, "hook"),
        ("hook", "", "hook"),
        ("hook", "order-dispatch", "hook"),
        ("hookInstance", ..., "hookInstance"),
        ("hookInstance", None, "hookInstance"),
        ("hookInstance", "", "hookInstance"),
        ("context", ..., "context"),
        ("context", None, "context"),
        ("context", [], "context"),
        ("context", "x", "context"),
        ("extension", [1], "extension"),
        ("fhirServer", 5, "fhirServer"),
        ("fhirServer", "ehr.example.org/fhir", "fhirServer"),
        ("fhirServer", "file:///etc/passwd", "fhirServer"),
    ],
)
def test_a_wrong_field_of_the_envelope_is_named(name: str, value: object, path: str) -> None:
    body = {key: member for key, member in (call() | {name: value}).items() if member is not ...}
    assert refusal(body).path == path


@pytest.mark.parametrize(
    ("hook", "name", "value"),
    [
        ("patient-view", "patientId", ...),
        ("patient-view", "patientId", None),
        ("patient-view", "patientId", ""),
        ("patient-view", "patientId", "  "),
        ("patient-view", "patientId", 1288992),
        ("patient-view", "patientId", {"reference": "Patient/1"}),
        ("patient-view", "userId", ...),
        ("patient-view", "userId", ""),
        ("patient-view", "encounterId", 7),
        ("order-select", "selections", ...),
        ("order-select", "selections", "MedicationRequest/d1"),
        ("order-select", "draftOrders", ...),
        ("order-select", "draftOrders", None),
        ("order-select", "draftOrders", [DRAFTS]),
        ("order-select", "draftOrders", {"resourceType": "MedicationRequest"}),
        ("order-sign", "draftOrders", ...),
        ("order-sign", "draftOrders", "Bundle"),
    ],
)
def test_a_wrong_field_of_the_context_is_named(hook: str, name: str, value: object) -> None:
    assert refusal(with_context(hook, **{name: value})).path.startswith(f"context.{name}")


def test_a_missing_field_and_a_wrong_value_are_distinguished() -> None:
    assert refusal(with_context(patientId=...)).code == "required"
    assert refusal(with_context(patientId="")).code == "value"


def test_a_selection_that_is_no_text_is_named_by_its_position() -> None:
    assert (
        refusal(with_context("order-select", selections=["a/1", {"reference": "b/2"}])).path == "context.selections.1"
    )


def test_unknown_fields_are_accepted_and_those_of_the_context_are_kept() -> None:
    body = with_context(theme={"dark": True}) | {"user": "Practitioner/1.0-client"}
    assert read(body).context.model_extra == {"theme": {"dark": True}}


def test_the_patient_id_may_carry_its_resource_type() -> None:
    assert read(with_context(patientId="Patient/7")).context.patient == "7"


@pytest.mark.parametrize("encounter", [None, "", ...])
def test_no_encounter_can_be_said_in_three_ways(encounter: object) -> None:
    assert read(with_context(encounterId=encounter)).context.encounter_id is None


def test_draft_orders_stay_as_sent_even_without_a_bundle_type() -> None:
    body = json.dumps(call("order-select")).replace('"d1"', '"d1", "dose":  4.10').encode()
    context = read(body).context
    assert isinstance(context, OrderSelect)
    assert b'"dose":  4.10' in context.draft_orders
    assert context.selections == ("MedicationRequest/d1",)


def test_order_sign_needs_no_selections() -> None:
    assert isinstance(read(call("order-sign")).context, OrderSign)


def test_a_hook_that_the_service_does_not_answer_is_refused() -> None:
    error = refusal(call("order-sign"), ("patient-view",))
    assert (error.path, "patient-view" in error.message) == ("hook", True)


ACCESS = {
    "access_token": "s3cret-t0ken",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.rs",
    "subject": "c",
}


def test_fhir_access_is_read_and_its_token_shows_nowhere() -> None:
    request = read(call(fhirServer="https://ehr.example.org/fhir", fhirAuthorization=ACCESS | {"patient": "1288992"}))
    assert request.access is not None
    granted = request.access.fhir_authorization
    assert granted is not None
    assert granted.access_token.get_secret_value() == "s3cret-t0ken"
    assert (granted.expires_in, granted.patient, request.access.fhir_server) == (
        300,
        "1288992",
        "https://ehr.example.org/fhir",
    )
    for shown in (request, request.access, granted, str(granted), request.context):
        assert "s3cret" not in repr(shown)
        assert "1288992" not in repr(shown)


def test_an_authorization_without_a_server_is_an_error() -> None:
    assert refusal(call(fhirAuthorization=ACCESS)).path == "fhirServer"
    assert refusal(call(fhirAuthorization=ACCESS, fhirServer=None)).path == "fhirServer"


def test_a_server_without_an_authorization_is_fine() -> None:
    request = read(call(fhirServer="http://localhost:8080/fhir"))
    assert request.access is not None
    assert request.access.fhir_authorization is None


@pytest.mark.parametrize(("name", "value"), [("access_token", None), ("access_token", ""), ("token_type", "MAC")])
def test_a_wrong_authorization_is_named_without_its_content(name: str, value: object) -> None:
    error = refusal(call(fhirServer="https://e.org", fhirAuthorization=ACCESS | {name: value}))
    assert error.path == f"fhirAuthorization.{name}"
    assert "s3cret" not in error.message


def test_an_extension_is_handed_on() -> None:
    assert read(call(extension={"org.example.x": {"a": [1]}})).extension == {"org.example.x": {"a": [1]}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"{'hook': 1}",
        b'{"hook": "patient-view"} trailing',
        json.dumps(call(extension={"x": float("nan")})).encode(),
        json.dumps(call()).encode("utf-16"),
        json.dumps(call(unknown="\N{SNOWMAN}"), ensure_ascii=False).encode().replace(b"\xe2\x98\x83", b"\xff\xfe"),
        json.dumps(call()).encode().replace(b"1288992", b"\xc3\x28"),
        b'{"hook": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        json.dumps(call()).encode()[:-1] + b', "extension": {"x": ' + b"[" * 900 + b"]" * 900 + b', "y": 1e999}}',
    ],
    ids=lambda body: str(body[:24]),
)
def test_a_body_that_is_no_json_object_in_utf8_is_refused_not_a_crash(body: bytes) -> None:
    assert "1288992" not in refusal(body).message


@pytest.mark.parametrize("odd", [b'{"a":' * 20_000 + b"1" + b"}" * 20_000, rb'"half a pair: \ud800"'])
def test_one_odd_value_does_not_cost_the_call(odd: bytes) -> None:
    body = json.dumps(call()).encode()[:-1] + b', "prefetch": {"x": ' + odd + b"}}"
    assert read(body).hook == "patient-view"


def test_of_a_key_that_occurs_twice_the_last_counts_everywhere() -> None:
    body = (
        b'{"hook": "order-sign", "hook": "patient-view", "hookInstance": "i", "context": {}, '
        b'"context": {"userId": "a", "patientId": "first", "patientId": "last"}}'
    )
    assert read(body).context.patient == "last"


def test_a_broken_sequence_across_the_pieces_of_the_text_check_is_found() -> None:
    for offset in range(65530, 65540):
        good = json.dumps(call(), ensure_ascii=False).encode()[:-1] + b', "x": "'
        body = good + b"a" * (offset - len(good)) + "\N{SNOWMAN}".encode() + b'"}'
        assert read(body).hook == "patient-view"
        assert refusal(body.replace("\N{SNOWMAN}".encode(), b"\xe2\x98")).code == "structure"


def of_structure(marks: bytes, more: int) -> bytes:
    """A large call with six bytes for each bracket and comma, and so many bytes more."""
    items = marks * 250_000
    body = (
        json.dumps(call(extension={"items": "HERE", "text": "PAD"})).encode().replace(b'"HERE"', b"[" + items + b"1]")
    )
    structure = sum(map(body.count, (b"{", b"[", b",")))
    return body.replace(b"PAD", b"x" * (6 * structure - len(body) + len(b"PAD") + more))


@pytest.mark.parametrize("marks", [b"1,", b"{},", b"[],", b"null,"])
def test_a_large_body_that_is_mostly_brackets_and_commas_is_refused(marks: bytes) -> None:
    assert read(of_structure(marks, 0)).hook == "patient-view"
    assert read(of_structure(marks, 1)).hook == "patient-view"
    assert refusal(of_structure(marks, -1)).code == "too-costly"


@pytest.mark.parametrize("odd", [{"a": "no resource"}, {}])
def test_more_prefetch_keys_than_any_service_asks_for_are_refused(odd: dict[str, Any]) -> None:
    """Whether or not an odd one has spoilt the typed reading."""
    keys = {f"key-{number}": None for number in range(1000 - len(odd))}
    assert len(read(call(prefetch=keys | odd)).prefetch) == 1000
    refused = refusal(call(prefetch=keys | odd | {"more": None}))
    assert (refused.path, refused.code) == ("prefetch", "too-costly")


def test_a_body_below_a_mebibyte_may_have_any_shape() -> None:
    assert read(call(extension={"items": [{}] * 100_000})).hook == "patient-view"
