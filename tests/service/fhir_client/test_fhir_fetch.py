"""The guarded fetch against a real server that is slow, dead, lying, dripping or hostile."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest

from cds_service.service.fhir_client.answers import Failed, Got, Refused
from cds_service.service.fhir_client.fetch import FhirFetcher
from cds_service.service.fhir_client.guard import destinations
from cds_service.service.fhir_client.pages import merge
from tests.service.fhir_client.fhir_stub import (
    LABS,
    OUTCOME,
    MakeFetcher,
    StubServer,
    after,
    answering,
    bundle,
    dripping_body,
    dripping_body_of_a_closing_connection,
    dripping_head,
    within,
)


def test_what_was_asked_for_comes_under_its_key(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    stub.answers["Patient/p-1"] = answering({"resourceType": "Patient", "id": "p-1"})
    fetched = make_fetcher(stub.base).fetch(stub.base, "token", {"patient": "Patient/p-1", "labs": LABS})
    assert list(fetched) == ["patient", "labs"]
    patient = fetched["patient"]
    assert isinstance(patient, Got)
    assert json.loads(patient.bodies[0])["id"] == "p-1"
    assert patient.status == 200
    assert fetched["labs"] == Got((json.dumps(bundle()).encode(),))
    assert sorted(stub.requests) == ["/fhir/" + LABS, "/fhir/Patient/p-1"]


def test_the_token_travels_in_the_authorization_header_alone(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    make_fetcher(stub.base).fetch(stub.base, "s3cr3t.token-_~+/==", {"labs": LABS})
    sent = stub.headers[0]
    assert sent.pop("Authorization") == "Bearer s3cr3t.token-_~+/=="
    assert sent["Accept"] == "application/fhir+json"
    assert "s3cr3t" not in str(sent) + str(stub.requests)


def test_a_server_that_needs_no_token_is_sent_none(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    assert isinstance(make_fetcher(stub.base).fetch(stub.base, None, {"labs": LABS})["labs"], Got)
    assert "Authorization" not in stub.headers[0]


@pytest.mark.parametrize("token", ["a\r\nHost: evil.example", "a b", "", "tökén", "a\x00"])
def test_a_token_that_could_add_a_header_is_refused(stub: StubServer, make_fetcher: MakeFetcher, token: str) -> None:
    assert make_fetcher(stub.base).fetch(stub.base, token, {"labs": LABS}) == {"labs": Refused("bad-token")}
    assert stub.requests == []


def test_a_token_of_one_call_is_not_on_the_next(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    stub.otherwise = answering(bundle(), Set_Cookie="session=patient-1; Path=/")
    fetcher = make_fetcher(stub.base)
    fetcher.fetch(stub.base, "first", {"labs": LABS})
    fetcher.fetch(stub.base, "second", {"labs": LABS})
    fetcher.fetch(stub.base, None, {"labs": LABS})
    assert [sent.get("Authorization") for sent in stub.headers] == ["Bearer first", "Bearer second", None]
    assert all("Cookie" not in sent for sent in stub.headers)


def test_credentials_of_a_netrc_file_and_a_proxy_setting_are_not_used(
    stub: StubServer, make_fetcher: MakeFetcher, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert isinstance(make_fetcher(stub.base).fetch(stub.base, "mine", {"labs": LABS})["labs"], Got)
    assert stub.headers[0]["Authorization"] == "Bearer mine"


# --- in parallel, within one deadline


def test_eight_reads_take_about_as_long_as_one(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    stub.otherwise = after(0.1)
    fetcher = make_fetcher(stub.base, deadline_s=2)
    with within(0.6):
        fetched = fetcher.fetch(stub.base, "token", {f"k{i}": f"Observation?_count={i}" for i in range(8)})
    assert all(isinstance(answer, Got) for answer in fetched.values())
    assert stub.most_at_once == 8


def test_connections_are_kept_for_the_next_call(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    fetcher = make_fetcher(stub.base)
    for _ in range(5):
        fetcher.fetch(stub.base, "token", {"labs": LABS})
    assert len(stub.clients) == 1


def test_a_pooled_connection_that_the_server_has_closed_costs_nothing(
    stub: StubServer, make_fetcher: MakeFetcher
) -> None:
    def close_after_answer(exchange: Any) -> None:
        exchange.reply(bundle())
        exchange.close_connection = True  # without having said so

    stub.otherwise = close_after_answer
    fetcher = make_fetcher(stub.base, deadline_s=2)
    for _ in range(10):
        assert isinstance(fetcher.fetch(stub.base, "token", {"labs": LABS})["labs"], Got)


@pytest.mark.parametrize(
    "hanging",
    [after(3), dripping_body, dripping_body_of_a_closing_connection, dripping_head],
    ids=["slow", "dripping body", "dripping body without length", "dripping headers"],
)
def test_one_hanging_key_holds_up_neither_the_answer_nor_the_other_keys(
    stub: StubServer, make_fetcher: MakeFetcher, hanging: Any
) -> None:
    stub.answers["Observation"] = hanging
    stub.otherwise = after(0.05)
    fetcher = make_fetcher(stub.base, deadline_s=0.6)
    with within(1.2):
        fetched = fetcher.fetch(
            stub.base, "token", {"labs": LABS, "patient": "Patient/p-1", "orders": "ServiceRequest?patient=p-1"}
        )
    assert fetched["labs"] == Failed("timeout")
    assert isinstance(fetched["patient"], Got)
    assert isinstance(fetched["orders"], Got)


@pytest.mark.parametrize("hanging", [dripping_body, dripping_body_of_a_closing_connection, dripping_head])
def test_an_abandoned_read_gives_its_thread_and_connection_back(
    stub: StubServer, make_fetcher: MakeFetcher, hanging: Any
) -> None:
    stub.answers["Observation"] = hanging
    fetcher = make_fetcher(stub.base, deadline_s=0.15, threads=2, failures_to_open=100)
    for _ in range(3):
        fetched = fetcher.fetch(stub.base, "token", {"a": LABS, "b": LABS + "&_count=1"})
        assert set(fetched.values()) == {Failed("timeout")}
    assert stub.is_idle_within(1)  # it drips for four seconds to a client that stays
    assert isinstance(fetcher.fetch(stub.base, "token", {"patient": "Patient/p-1"})["patient"], Got)


def test_a_deadline_of_the_call_outranks_the_configured_one(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    stub.otherwise = after(2)
    with within(0.4):
        assert make_fetcher(stub.base).fetch(stub.base, "token", {"labs": LABS}, 0.1)["labs"] == Failed("timeout")


def test_no_time_left_is_a_timeout_without_a_request(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    assert make_fetcher(stub.base).fetch(stub.base, "token", {"labs": LABS}, 0)["labs"] == Failed("timeout")
    assert stub.requests == []


def test_pages_that_came_before_the_deadline_are_kept_and_marked(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    stub.answers["/fhir/Observation?page=2"] = after(2)
    stub.answers["Observation"] = answering(bundle("1", following="Observation?page=2"))
    fetched = make_fetcher(stub.base, deadline_s=0.3).fetch(stub.base, "token", {"labs": LABS})["labs"]
    assert isinstance(fetched, Got)
    assert (len(fetched.bodies), fetched.cut_short) == (1, "timeout")


def test_sixteen_callers_at_once_are_served_together(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    stub.otherwise = after(0.1)
    fetcher = make_fetcher(stub.base, deadline_s=5)
    wrong: list[object] = []

    def call(caller: int) -> None:
        key = f"k{caller}"
        fetched = fetcher.fetch(stub.base, f"token-{caller}", {key: f"Observation?patient={caller}", "b": "Patient/1"})
        if list(fetched) != [key, "b"] or not all(isinstance(answer, Got) for answer in fetched.values()):
            wrong.append(fetched)

    callers = [threading.Thread(target=call, args=[caller]) for caller in range(16)]
    with within(1.5):
        for thread in callers:
            thread.start()
        for thread in callers:
            thread.join()
    assert wrong == []
    pairs = {
        (path, sent["Authorization"]) for path, sent in zip(stub.requests, stub.headers, strict=False) if "?" in path
    }
    assert len(stub.requests) == 32
    assert len(pairs) == 16


# --- servers that break


def test_a_dead_port_is_a_failed_connection_at_once(make_fetcher: MakeFetcher) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}/fhir"
        with within(0.3):
            fetched = make_fetcher(base).fetch(base, "token", {"labs": LABS})["labs"]
    assert isinstance(fetched, Failed)
    assert fetched.because == "connection"


def test_a_name_that_does_not_resolve_is_a_failed_connection() -> None:
    def resolve(host: str, port: int) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    base = "https://fhir.example.org/r4"
    fetcher = FhirFetcher(destinations([base], resolve=resolve))
    fetched = fetcher.fetch(base, "token", {"labs": LABS})["labs"]
    assert isinstance(fetched, Failed)
    assert fetched.because == "connection"


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (answering(b"<html>sign in</html>", content_type="text/html"), "not-json"),
        (answering(b"<html>sign in</html>"), "not-json"),
        (answering(b""), "not-json"),
        (answering(b'{"resourceType":"Bundle","entry":['), "not-json"),
        (answering(b'{"resourceType":"Bundle","total":NaN}'), "not-json"),
        (answering(b"[1, 2]"), "not-json"),
        (answering(b'{"error":"no resource"}'), "not-json"),
        (answering(b"<Bundle/>", content_type="application/fhir+xml"), "not-json"),
        (answering(b"not gzip", Content_Encoding="gzip"), "connection"),
        (lambda exchange: exchange.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n"), "connection"),
        (lambda exchange: exchange.connection.shutdown(socket.SHUT_RDWR), "connection"),
    ],
)
def test_a_server_that_does_not_speak_fhir_is_a_failure_with_its_reason(
    stub: StubServer, make_fetcher: MakeFetcher, answer: Any, because: str
) -> None:
    stub.otherwise = answer
    fetched = make_fetcher(stub.base, deadline_s=2).fetch(stub.base, "token", {"labs": LABS})["labs"]
    assert isinstance(fetched, Failed)
    assert fetched.because == because


@pytest.mark.parametrize(
    "content_type",
    ["application/fhir+json", "application/json+fhir", "application/json", "Application/FHIR+JSON;charset=UTF-8", None],
)
def test_every_name_of_fhir_json_is_accepted(
    stub: StubServer, make_fetcher: MakeFetcher, content_type: str | None
) -> None:
    stub.otherwise = answering(bundle("1"), content_type=content_type)
    assert isinstance(make_fetcher(stub.base).fetch(stub.base, "token", {"labs": LABS})["labs"], Got)


def test_a_body_shorter_than_announced_is_a_failure(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    def short(exchange: Any) -> None:
        exchange.wfile.write(
            b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"resourceType":"Bundle"}'
        )
        exchange.close_connection = True

    stub.otherwise = short
    fetched = make_fetcher(stub.base).fetch(stub.base, "token", {"labs": LABS})["labs"]
    assert fetched == Failed("connection", detail="ProtocolError")


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_an_error_status_is_a_failure_and_its_operation_outcome_is_data(
    stub: StubServer, make_fetcher: MakeFetcher, status: int
) -> None:
    stub.answers["Patient/1"] = answering(OUTCOME, status)
    stub.answers["Patient/2"] = answering(b"<h1>error</h1>", status, content_type="text/html")
    stub.answers["Patient/3"] = answering({"error": "error"}, status)
    fetched = make_fetcher(stub.base).fetch(stub.base, "token", {str(i): f"Patient/{i}" for i in (1, 2, 3)})
    assert fetched["1"] == Got((json.dumps(OUTCOME).encode(),), status)
    assert fetched["2"] == fetched["3"] == Failed("status", status)
    assert merge({}, fetched) == {"1": json.dumps(OUTCOME).encode()}
