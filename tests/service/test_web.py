"""The web part under other settings: authentication on, named origins, a path prefix, feedback kept, production."""

from __future__ import annotations

import io
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from cds_service.hooks.request import Request
from cds_service.hooks.response import Response
from cds_service.service.advice import Advice
from cds_service.service.answer import HttpAnswer
from cds_service.service.auth.caller import Caller
from cds_service.service.body import read_json_body
from cds_service.service.clock import this_minute, to_the_minute
from cds_service.service.cors import Cors
from cds_service.service.endpoint import HookEndpoint
from cds_service.service.fast_path import FastPath
from cds_service.service.handler import HookHandler
from cds_service.service.settings import Settings, WrongSettings, read_settings
from tests.service.stub_service import StubAdvisor, guarded, make
from tests.service.test_protocol import BROWSER, JSON, body
from tests.service.wire import Send, over_wsgi

PRODUCTION = {
    "development": False,
    "authentication": "required",
    "public_base_url": "https://cds.example.org/oncology",
    "clients": "clients.yaml",
    "store_secret": "sixteen-characters-or-more",
}


@pytest.fixture(params=[True, False], ids=["flask", "front"])
def flask_only(request: pytest.FixtureRequest) -> bool:
    only: bool = request.param
    return only


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/cds-services"),
        ("POST", "/cds-services/pv"),
        ("POST", "/cds-services/other"),
        ("POST", "/cds-services/pv/feedback"),
    ],
)
def test_a_stranger_is_refused_in_a_way_that_a_browser_can_read(flask_only: bool, method: str, path: str) -> None:
    send = over_wsgi(make(flask_only=flask_only, authenticate=guarded))
    reply = send(method, path, None if method == "GET" else b"{", JSON | BROWSER)
    assert (reply.status, reply.issue["code"]) == (401, "login")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "WWW-Authenticate" in reply.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(("path", "status"), [("/cds-services/pv", 200), ("/cds-services/pv/feedback", 501)])
def test_a_caller_is_judged_for_the_very_endpoint_that_was_called(flask_only: bool, path: str, status: int) -> None:
    send = over_wsgi(make(flask_only=flask_only, authenticate=guarded))
    assert send("POST", path, body(), JSON | {"Authorization": f"Bearer {path}"}).status == status
    assert send("POST", path, body(), JSON | {"Authorization": "Bearer /cds-services"}).status == 401


def test_preflight_and_health_ask_for_no_token(flask_only: bool) -> None:
    send = over_wsgi(make(flask_only=flask_only, authenticate=guarded))
    assert send("OPTIONS", "/cds-services/pv", None, BROWSER).status == 204
    assert send("GET", "/health/live").status == 200


def test_a_fault_while_judging_the_caller_lets_nobody_in(flask_only: bool, caplog: pytest.LogCaptureFixture) -> None:
    def breaks(authorization: str | None, path: str, call: str) -> Caller:
        raise OSError("token s3cret")

    send = over_wsgi(make(flask_only=flask_only, authenticate=breaks))
    for method, path in (("POST", "/cds-services/pv"), ("GET", "/cds-services")):
        assert send(method, path, body() if method == "POST" else None, JSON | BROWSER).status == 500
    assert "OSError at" in caplog.text
    assert "s3cret" not in caplog.text


def test_only_named_origins_may_read_when_origins_are_named(flask_only: bool) -> None:
    send = over_wsgi(make(flask_only=flask_only, cors_origins="https://a.example.org, https://b.example.org"))
    for origin, allowed in (("https://b.example.org", "https://b.example.org"), ("https://evil.example.org", None)):
        for method, path in (("POST", "/cds-services/pv"), ("OPTIONS", "/cds-services/pv"), ("GET", "/cds-services")):
            reply = send(method, path, body() if method == "POST" else None, JSON | {"Origin": origin})
            assert reply.headers.get("Access-Control-Allow-Origin") == allowed
            assert "Origin" in ", ".join(reply.headers.getlist("Vary"))


def test_a_path_prefix_that_the_proxy_left_on_or_took_off_is_the_same() -> None:
    send = over_wsgi(make(authenticate=guarded, public_base_url="https://cds.example.org/oncology/"))
    for prefix in ("", "/oncology"):
        token = {"Authorization": "Bearer /cds-services/pv"}
        assert send("POST", f"{prefix}/cds-services/pv", body(), JSON | token).status == 200
        assert send("GET", f"{prefix}/cds-services", None, {"Authorization": "Bearer /cds-services"}).status == 200
    assert send("GET", "/elsewhere/cds-services").status == 404


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_what_is_inside_is_not_below_the_prefix_where_a_proxy_would_not_close_it(path: str) -> None:
    send = over_wsgi(make(public_base_url="https://cds.example.org/oncology/"))
    assert send("GET", path).status == 200
    assert send("GET", f"/oncology{path}").status == 404
    assert send("GET", f"/oncology/oncology{path}").status == 404


def test_feedback_goes_to_its_keeper_with_the_caller() -> None:
    kept: list[tuple[str, bytes, Caller]] = []

    def keep(service_id: str, sent: bytes, caller: Caller) -> HttpAnswer:
        kept.append((service_id, sent, caller))
        return HttpAnswer(200, b"{}")

    send = over_wsgi(make(authenticate=guarded, feedback=keep))
    path = "/cds-services/orders/feedback"
    reply = send("POST", path + "/", b'{"feedback": []}', JSON | BROWSER | {"Authorization": f"Bearer {path}"})
    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert kept == [("orders", b'{"feedback": []}', Caller("client", "https://client.example.org"))]
    assert send("POST", path, b"x" * 30_000, JSON | {"Authorization": f"Bearer {path}"}).status == 413
    assert (
        send("POST", "/cds-services/x/feedback", b"{}", {"Authorization": "Bearer /cds-services/x/feedback"}).status
        == 404
    )


def test_in_production_a_request_cannot_set_the_clock() -> None:
    class Fixed(StubAdvisor):
        def advise(
            self, service_id: str, request: Request[Any], as_of: datetime, caller: Caller, accept_language: str = ""
        ) -> Advice:
            assert as_of == datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
            return Advice(Response(cards=()), "0")

    handler = HookHandler(Fixed(), clock=lambda: datetime(2026, 5, 1, 12, 30, tzinfo=UTC))
    sent = body(extension={"org.cds-service.as-of": "2020-01-01T00:00:00Z"})
    assert handler.answer("pv", sent).status == 200


def test_the_clock_is_cut_to_the_minute_in_utc() -> None:
    assert this_minute().second == this_minute().microsecond == 0
    assert this_minute().tzinfo is UTC
    assert (
        to_the_minute(datetime.fromisoformat("2026-03-02T00:30:59.9+01:00")).isoformat() == "2026-03-01T23:30:00+00:00"
    )


def test_calls_at_the_same_time_never_share_a_patient() -> None:
    send = over_wsgi(make())
    barrier = threading.Barrier(8)

    def ask(number: int) -> bool:
        barrier.wait()
        return all(
            f" patient-{number} "
            in send("POST", "/cds-services/pv", body(f"patient-{number}"), JSON).json()["cards"][0]["summary"]
            for _ in range(25)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))


@pytest.mark.parametrize("debug", [False, True])
def test_nothing_of_a_patient_is_logged_at_any_level(debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG if debug else logging.INFO)
    send = over_wsgi(make())
    marked = body("MARKED", extension={"a": "MARKED"}, prefetch={"patient": {"id": "MARKED"}})
    for sent in (
        marked,
        marked.replace(b'"patientId": "MARKED"', b'"patientId": "raises", "x": "MARKED"'),
        marked.replace(b'"patientId": "MARKED"', b'"patientId": "has-no-summary", "x": "MARKED"'),
        marked[:-1],
        marked.replace(b"MARKED", b"MARKED\xff"),
    ):
        reply = send("POST", "/cds-services/pv", sent, JSON | {"Authorization": "Bearer MARKED"})
        if reply.status != 200:
            assert b"MARKED" not in reply.body
    assert caplog.records
    assert "MARKED" not in caplog.text
    assert "name of a patient" not in caplog.text


def environ(**changes: Any) -> dict[str, Any]:
    return {"REQUEST_METHOD": "POST", "PATH_INFO": "/cds-services/pv", "wsgi.input": io.BytesIO(b"{}"), **changes}


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "\N{SUPERSCRIPT TWO}", "9" * 30])
def test_a_content_length_that_is_no_number_is_400(length: str) -> None:
    started: list[Any] = []
    app = make()
    answer = b"".join(app(environ(CONTENT_LENGTH=length), lambda *parts: started.append(parts)))
    assert started[0][0] == "400 Bad Request"
    assert json.loads(answer)["resourceType"] == "OperationOutcome"


def test_no_more_is_read_than_was_announced() -> None:
    source = io.BytesIO(b'{"a":1}then the next request')
    assert read_json_body(environ(CONTENT_LENGTH="7", **{"wsgi.input": source}), 100) == b'{"a":1}'
    assert source.read() == b"then the next request"


def test_a_body_that_comes_in_pieces_is_read_to_its_end() -> None:
    class Drips:
        def __init__(self) -> None:
            self.left = b'{"hook": 1}'

        def read(self, size: int) -> bytes:
            piece, self.left = self.left[:1], self.left[1:]
            return piece

    assert read_json_body(environ(HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input": Drips()}), 100) == b'{"hook": 1}'


def test_the_front_answers_hook_calls_itself_and_hands_on_all_else() -> None:
    asked: list[str] = []

    def flask(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("204 No Content", [])
        return []

    send: Send = over_wsgi(FastPath(flask, HookEndpoint(HookHandler(StubAdvisor()), 10_000), Cors()))
    assert send("POST", "/cds-services/pv", body(), JSON).status == 200
    for method, path in (("GET", "/cds-services"), ("POST", "/cds-services/pv/feedback"), ("POST", "/cds-services/x")):
        send(method, path, None, JSON)
    assert asked == ["/cds-services", "/cds-services/pv/feedback"]


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_PORT", "9001")
    monkeypatch.setenv("CDS_CORS_ORIGINS", "https://a.org,https://b.org")
    monkeypatch.setenv("CDS_FHIR_SERVERS", "")
    found = Settings()
    assert (found.port, found.cors_origins, found.fhir_servers) == (9001, ("https://a.org", "https://b.org"), ())


def test_settings_of_production_are_silent_and_those_of_development_are_loud() -> None:
    assert Settings.model_validate(PRODUCTION).notices == ()
    assert "anybody may call" in Settings().notices[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"authentication": "off"}, "CDS_AUTHENTICATION"),
        ({"clients": None}, "CDS_CLIENTS"),
        ({"store_secret": None}, "CDS_STORE_SECRET"),
        ({"store_secret": "short"}, "store_secret"),
        ({"public_base_url": ""}, "CDS_PUBLIC_BASE_URL"),
        ({"public_base_url": "http://cds.example.org"}, "CDS_PUBLIC_BASE_URL"),
        ({"public_base_url": "cds.example.org"}, "https://"),
        ({"extension_namespace": "hospital"}, "no reverse domain name"),
        ({"max_body_bytes": 0}, "max_body_bytes"),
        ({"port": 70000}, "port"),
        ({"prot": 1}, "prot"),
    ],
)
def test_unsafe_or_wrong_settings_do_not_start(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Settings.model_validate(PRODUCTION | change)


def test_wrong_settings_are_reported_by_the_names_of_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_PROT", "9001")
    monkeypatch.setenv("CDS_WORKERS", "many")
    monkeypatch.setenv("CDS_EXTENSION_NAMESPACE", "hospital.example.org")
    with pytest.raises(WrongSettings) as caught:
        read_settings(port=99_999)
    first, *others = str(caught.value).splitlines()
    assert first == "CDS_PROT is no setting; nearest is CDS_PORT"
    assert sorted(line.partition(":")[0] for line in others) == ["CDS_EXTENSION_NAMESPACE", "CDS_PORT", "CDS_WORKERS"]
    assert any(line.endswith("backwards it is org.example.hospital") for line in others)


@pytest.mark.parametrize(
    ("given", "base", "prefix"),
    [
        ({}, "http://localhost:8000", ""),
        ({"host": "0.0.0.0", "port": 80}, "http://localhost:80", ""),
        ({"host": "10.1.2.3"}, "http://10.1.2.3:8000", ""),
        ({"public_base_url": "https://cds.example.org"}, "https://cds.example.org", ""),
        ({"public_base_url": "https://cds.example.org/a/b/"}, "https://cds.example.org/a/b", "/a/b"),
        ({"public_base_url": "https://cds.example.org/a/cds-services"}, "https://cds.example.org/a", "/a"),
    ],
)
def test_the_base_url_is_what_clients_put_before_cds_services(given: dict[str, Any], base: str, prefix: str) -> None:
    found = Settings.model_validate(given)
    assert (found.base_url, found.path_prefix) == (base, prefix)
