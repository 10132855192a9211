"""What a client meets on the wire, the same by all three ways in."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from tests.service.stub_service import LIMIT, make
from tests.service.wire import Reply, Send, over_http, over_wsgi, real_server

JSON = {"Content-Type": "application/json"}
BROWSER = {"Origin": "https://sandbox.cds-hooks.org"}


@pytest.fixture(scope="module")
def server() -> Iterator[Send]:
    with real_server("tests/service/stub_service.py") as port:
        yield over_http(port)


@pytest.fixture(params=["flask", "front", "server"])
def send(request: pytest.FixtureRequest) -> Send:
    if request.param == "server":
        found: Send = request.getfixturevalue("server")
        return found
    return over_wsgi(make(flask_only=request.param == "flask"))


def body(patient: str = "p1", hook: str = "patient-view", **more: Any) -> bytes:
    context: dict[str, Any] = {"userId": "Practitioner/1", "patientId": patient}
    if hook != "patient-view":
        context |= {"selections": [], "draftOrders": {"resourceType": "Bundle"}}
    return json.dumps({"hook": hook, "hookInstance": "i", "context": context, **more}).encode()


def call(send: Send, sent: bytes | None = None, service: str = "pv", **headers: str) -> Reply:
    return send("POST", f"/cds-services/{service}", body() if sent is None else sent, JSON | BROWSER | headers)


def test_discovery_lists_the_services_and_holds_at_least_one(send: Send) -> None:
    reply = send("GET", "/cds-services", None, BROWSER)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    services = reply.json()["services"]
    assert [(service["id"], service["hook"]) for service in services] == [
        ("pv", "patient-view"),
        ("orders", "order-select"),
        ("orders", "order-sign"),
    ]


def test_a_call_is_answered_with_cards(send: Send) -> None:
    reply = call(send)
    assert (reply.status, reply.headers["Content-Type"], reply.headers["Cache-Control"]) == (
        200,
        "application/json",
        "no-store",
    )
    assert reply.json()["cards"][0]["summary"].startswith("patient-view p1 ")


def test_one_id_answers_two_hooks_and_no_third(send: Send) -> None:
    for hook in ("order-select", "order-sign"):
        assert call(send, body(hook=hook), "orders").json()["cards"][0]["summary"].startswith(hook)
    reply = call(send, body(), "orders")
    assert (reply.status, reply.issue["expression"]) == (400, ["hook"])


def test_a_trailing_slash_changes_nothing(send: Send) -> None:
    assert call(send, service="pv/").status == 200
    assert send("GET", "/cds-services/").status == 200


def test_equal_calls_get_equal_bytes(send: Send) -> None:
    sent = body(extension={"org.cds-service.as-of": "2026-03-02T09:00:59+01:00"})
    first, second = call(send, sent), call(send, sent)
    assert first.body == second.body
    assert first.json()["cards"][0]["summary"] == "patient-view p1 2026-03-02T08:00:00+00:00"


@pytest.mark.parametrize("moment", ["yesterday", "2026-03-02T09:00:00", 5])
def test_a_clock_that_cannot_be_read_is_refused(send: Send, moment: object) -> None:
    reply = call(send, body(extension={"org.cds-service.as-of": moment}))
    assert (reply.status, reply.issue["expression"]) == (400, ["extension.org.cds-service.as-of"])


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        (body(""), ["context.patientId"]),
        (body()[:-1], None),
        (b"", None),
        (b"\xff\xfe{\x00", None),
        (b'{"more":' + b"[" * (LIMIT - 100), None),
        (body(fhirAuthorization={"access_token": "t"}), ["fhirServer"]),
        (body(prefetch=[]), ["prefetch"]),
    ],
)
def test_a_wrong_body_is_400_and_names_the_field(send: Send, sent: bytes, path: list[str] | None) -> None:
    reply = call(send, sent)
    assert reply.status == 400
    assert reply.issue.get("expression") == path
    OperationOutcome.model_validate_json(reply.body)


@pytest.mark.parametrize("prefetch", [{}, None, {"patient": None}, {"a": {"resourceType": "Bundle"}}, {"a": {"id": 7}}])
def test_any_prefetch_is_taken_without_a_crash(send: Send, prefetch: object) -> None:
    assert call(send, body(prefetch=prefetch)).status == 200


def test_data_that_is_needed_and_cannot_be_had_is_412_and_named(send: Send) -> None:
    reply = call(send, body("lacks-data"))
    assert (reply.status, reply.issue["expression"]) == (412, ["prefetch.conditions"])


def test_an_unknown_service_is_404(send: Send) -> None:
    for path in (
        "/cds-services/other",
        "/cds-services/pv%2F..",
        "/cds-services/pv/more",
        "/cds-service",
        "/a//cds-services",
    ):
        assert send("POST", path, body(), JSON).issue["code"] == "not-found"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/cds-services/pv"), ("POST", "/cds-services"), ("DELETE", "/cds-services/pv")]
)
def test_a_wrong_method_is_405_with_the_right_ones(send: Send, method: str, path: str) -> None:
    reply = send(method, path, b"{}", JSON)
    assert reply.status == 405
    assert reply.issue["code"] == "not-supported"
    assert reply.headers["Allow"]


@pytest.mark.parametrize("path", ["/cds-services", "/health/live"])
def test_head_is_get_without_its_body(send: Send, path: str) -> None:
    reply = send("HEAD", path)
    assert (reply.status, reply.body) == (200, b"")


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "Application/JSON",
        "application/fhir+json",
        "application/json+fhir",
        "application/vnd.ehr.v2+json",
        "",
    ],
)
def test_json_under_any_of_its_names_is_taken(send: Send, kind: str) -> None:
    assert call(send, **{"Content-Type": kind}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/fhir+xml"},
        {"Content-Type": "application/json; charset=iso-8859-1"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "br"},
    ],
)
def test_other_types_and_encodings_are_415(send: Send, headers: dict[str, str]) -> None:
    reply = call(send, gzip.compress(body()) if "Content-Encoding" in headers else None, **headers)
    assert (reply.status, reply.issue["code"]) == (415, "not-supported")
    assert call(send, **{"Content-Encoding": "identity"}).status == 200


def sized(size: int) -> bytes:
    start = body()[:-1] + b', "filler": "'
    return start + b"x" * (size - len(start) - 2) + b'"}'


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_may_be_as_long_as_the_limit_and_not_a_byte_longer(send: Send, chunked: bool) -> None:
    def in_pieces(whole: bytes) -> Iterator[bytes]:
        return (whole[start : start + 3000] for start in range(0, len(whole), 3000))

    for size, status in ((LIMIT, 200), (LIMIT + 1, 413), (LIMIT * 3, 413)):
        whole = sized(size)
        reply = send("POST", "/cds-services/pv", in_pieces(whole) if chunked else whole, JSON | BROWSER)
        assert reply.status == status
        if status == 413:
            assert reply.issue["code"] == "too-long"
            assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_a_fault_of_ours_is_500_without_a_word_about_its_inside(send: Send) -> None:
    reply = call(send, body("raises"))
    assert (reply.status, reply.issue["code"]) == (500, "exception")
    for inside in (b"KeyError", b"Traceback", b".py", b"name of a patient"):
        assert inside not in reply.body


def test_an_answer_that_breaks_the_protocol_never_leaves(send: Send) -> None:
    assert call(send, body("has-no-summary")).status == 500


def test_feedback_is_501_where_nobody_keeps_it(send: Send) -> None:
    reply = send("POST", "/cds-services/pv/feedback", b'{"feedback": []}', JSON | BROWSER)
    assert (reply.status, reply.issue["code"]) == (501, "not-supported")
    assert send("POST", "/cds-services/other/feedback", b"{}", JSON).status == 404


def test_health_says_that_it_lives_and_that_nobody_is_asked_for_a_token(send: Send) -> None:
    assert send("GET", "/health/live").json() == {"status": "live"}
    ready = send("GET", "/health/ready").json()
    assert (ready["status"], ready["authentication"]) == ("ready", "off")
    assert "anybody may call" in ready["notices"][0]


@pytest.mark.parametrize(
    "path",
    [
        "/cds-services",
        "/cds-services/pv",
        "/cds-services/pv/feedback",
        "/cds-services/other",
        "/nowhere",
    ],
)
def test_a_browser_may_ask_before_it_calls_anything(send: Send, path: str) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    reply = send("OPTIONS", path, None, BROWSER | asked)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    allowed = reply.headers["Access-Control-Allow-Headers"].lower().replace(" ", "").split(",")
    assert {"authorization", "content-type"} <= set(allowed)
    assert {"GET", "POST"} <= set(reply.headers["Access-Control-Allow-Methods"].replace(" ", "").split(","))
    assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/cds-services", None, 200),
        ("POST", "/cds-services/pv", body(), 200),
        ("POST", "/cds-services/pv", b"{", 400),
        ("POST", "/cds-services/pv", body("raises"), 500),
        ("POST", "/cds-services/other", body(), 404),
        ("POST", "/cds-services/pv/feedback", b"{}", 501),
        ("PUT", "/cds-services/pv", b"{}", 405),
        ("GET", "/nowhere", None, 404),
    ],
)
def test_every_answer_can_be_read_from_another_origin(
    send: Send, method: str, path: str, sent: bytes | None, status: int
) -> None:
    reply = send(method, path, sent, JSON | BROWSER)
    assert reply.status == status
    assert reply.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    assert "Origin" in ", ".join(reply.headers.getlist("Vary"))
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/admin/reload"])
def test_what_is_inside_is_not_shared_with_pages_of_other_origins(send: Send, path: str) -> None:
    for method in ("GET", "OPTIONS"):
        assert "Access-Control-Allow-Origin" not in send(method, path, None, BROWSER).headers
