"""The guarded fetch against a real server that is slow, dead, lying, dripping or hostile."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cds_service.service.fhir_client.answers import Failed, Got, Refused
from cds_service.service.fhir_client.fetch import FhirFetcher, Limits
from cds_service.service.fhir_client.guard import destinations
from cds_service.service.fhir_client.pages import merge
from tests.service.fhir_client.fhir_stub import (
    StubServer,
    after,
    answering,
    bundle,
    dripping_body,
    dripping_body_of_a_closing_connection,
    dripping_head,
)

MakeFetcher = Callable[..., FhirFetcher]
LABS = "Observation?patient=p-1&category=laboratory"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


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


# --- bounds


def huge(exchange: Any) -> None:
    exchange.send_response(200)
    exchange.send_header("Content-Type", "application/fhir+json")
    exchange.send_header("Transfer-Encoding", "chunked")
    exchange.end_headers()
    for _ in range(2000):
        exchange.wfile.write(b"10000\r\n" + b" " * 65536 + b"\r\n")


def test_a_body_beyond_the_bound_is_given_up(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    stub.answers["Observation"] = huge
    stub.answers["Condition"] = answering(bundle(*map(str, range(3000))))
    fetcher = make_fetcher(stub.base, deadline_s=5, bytes_per_read=100_000)
    fetched = fetcher.fetch(stub.base, "token", {"labs": LABS, "conditions": "Condition?patient=1"})
    assert fetched == {"labs": Failed("too-large"), "conditions": Failed("too-large")}


def test_a_small_body_that_unpacks_to_a_huge_one_is_given_up(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    stub.otherwise = answering(bomb, Content_Encoding="gzip")
    fetcher = make_fetcher(stub.base, deadline_s=5, bytes_per_read=1_000_000)
    assert fetcher.fetch(stub.base, "token", {"labs": LABS})["labs"] == Failed("too-large")


def test_a_compressed_answer_is_read(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    plain = json.dumps(bundle(*map(str, range(5000)))).encode()
    stub.otherwise = answering(gzip.compress(plain), Content_Encoding="gzip")
    assert make_fetcher(stub.base, deadline_s=2).fetch(stub.base, "token", {"labs": LABS})["labs"] == Got((plain,))


# --- pages


def test_next_pages_are_followed_with_the_token(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    stub.answers["/fhir/Observation?page=2"] = answering(bundle("2", following="?page=3"))
    stub.answers["/fhir/Observation?page=3"] = answering(bundle("3"))
    stub.answers["Observation"] = answering(bundle("1", following=f"{stub.base}/Observation?page=2"))
    fetched = make_fetcher(stub.base, deadline_s=2).fetch(stub.base, "token", {"labs": LABS})
    entries = json.loads(merge({}, fetched)["labs"])["entry"]
    assert [entry["resource"]["id"] for entry in entries] == ["1", "2", "3"]
    assert {sent["Authorization"] for sent in stub.headers} == {"Bearer token"}


def test_pages_end_at_the_bound_and_the_answer_says_so(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    def endless(exchange: Any) -> None:
        exchange.reply(bundle("x", following=f"Observation?page={len(stub.requests)}"))

    stub.otherwise = endless
    fetched = make_fetcher(stub.base, deadline_s=2).fetch(stub.base, "token", {"labs": LABS})
    got = fetched["labs"]
    assert isinstance(got, Got)
    assert (len(got.bodies), got.cut_short) == (5, "page-bound")
    assert json.loads(merge({}, fetched)["labs"])["link"] == [{"relation": "next"}]


def test_a_page_that_names_itself_as_the_next_is_read_once(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    stub.otherwise = answering(bundle("1", following=f"{stub.base}/{LABS}"))
    got = make_fetcher(stub.base, deadline_s=2).fetch(stub.base, "token", {"labs": LABS})["labs"]
    assert isinstance(got, Got)
    assert len(got.bodies) == len(stub.requests) == 1


@pytest.mark.parametrize(
    "elsewhere", ["http://127.0.0.2:{port}/fhir/Observation?page=2", "http://127.0.0.1:{port}/admin", "../../admin"]
)
def test_a_next_page_on_another_host_or_path_is_not_asked_for(
    stub: StubServer, make_fetcher: MakeFetcher, elsewhere: str
) -> None:
    stub.otherwise = answering(bundle("1", following=elsewhere.format(port=stub.port)))
    got = make_fetcher(stub.base).fetch(stub.base, "token", {"labs": LABS})["labs"]
    assert isinstance(got, Got)
    assert (len(got.bodies), got.cut_short) == (1, "off-origin-next")
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    ("second", "cut_short"),
    [
        (answering(OUTCOME, 500), "status"),
        (answering(OUTCOME), "status"),
        (answering(b"<html>"), "not-json"),
        (answering(b"", 302, Location="http://169.254.169.254/"), "redirect"),
    ],
)
def test_a_broken_second_page_leaves_the_first_marked_as_not_all(
    stub: StubServer, make_fetcher: MakeFetcher, second: Any, cut_short: str
) -> None:
    stub.answers["/fhir/Observation?page=2"] = second
    stub.answers["Observation"] = answering(bundle("1", following="Observation?page=2"))
    got = make_fetcher(stub.base).fetch(stub.base, "token", {"labs": LABS})["labs"]
    assert isinstance(got, Got)
    assert (len(got.bodies), got.cut_short) == (1, cut_short)


# --- destinations


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["http://169.254.169.254/latest/meta-data", "/elsewhere", "http://127.0.0.2/fhir"])
def test_no_redirect_is_followed(stub: StubServer, make_fetcher: MakeFetcher, status: int, to: str) -> None:
    stub.otherwise = answering(b"", status, Location=to)
    fetched = make_fetcher(stub.base).fetch(stub.base, "token", {"labs": LABS})
    assert fetched["labs"] == Failed("redirect", status)
    assert len(stub.requests) == 1


def test_a_redirect_with_an_endless_body_holds_nothing_up(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    def endless(exchange: Any) -> None:
        exchange.send_response(302)
        exchange.send_header("Location", "/elsewhere")
        exchange.send_header("Content-Length", "1000000000")
        exchange.end_headers()
        time.sleep(1)

    stub.otherwise = endless
    with within(0.8):
        assert make_fetcher(stub.base).fetch(stub.base, "token", {"labs": LABS})["labs"] == Failed("redirect", 302)


def test_a_server_off_the_list_is_not_called(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    fetched = make_fetcher("http://127.0.0.1:1/fhir").fetch(stub.base, "token", {"labs": LABS, "patient": "Patient/1"})
    assert fetched == dict.fromkeys(["labs", "patient"], Refused("not-allowed", "127.0.0.1"))
    assert stub.requests == []


def test_a_listed_name_that_turns_to_a_private_address_is_not_called(stub: StubServer) -> None:
    calls = []

    def rebinding(host: str, port: int) -> list[Any]:
        calls.append(host)
        return [(socket.AF_INET, ("127.0.0.1", port))]

    base = f"https://fhir.example.org:{stub.port}/fhir"
    fetcher = FhirFetcher(destinations([base], resolve=rebinding))
    assert fetcher.fetch(base, "token", {"labs": LABS})["labs"] == Refused("private-address", "fhir.example.org")
    assert calls == ["fhir.example.org"]
    assert stub.clients == set()


def test_the_connection_goes_to_the_address_that_was_checked(stub: StubServer) -> None:
    answers = iter(["127.0.0.1", "169.254.169.254"])

    def rebinding(host: str, port: int) -> list[Any]:
        return [(socket.AF_INET, (next(answers), port))]

    base = f"http://fhir.example.org:{stub.port}/fhir"
    fetcher = FhirFetcher(destinations([base], development=True, resolve=rebinding))
    assert isinstance(fetcher.fetch(base, "token", {"labs": LABS})["labs"], Got)
    assert stub.headers[0]["Host"] == f"fhir.example.org:{stub.port}"


@pytest.mark.parametrize("url", ["https://evil.example/Patient/1", "//evil.example/x", "Patient/..", "Patient/1#x", ""])
def test_what_is_no_relative_read_is_not_sent(stub: StubServer, make_fetcher: MakeFetcher, url: str) -> None:
    fetched = make_fetcher(stub.base).fetch(stub.base, "token", {"odd": url, "labs": LABS})
    assert fetched["odd"] == Refused("not-a-read")
    assert isinstance(fetched["labs"], Got)
    assert len(stub.requests) == 1


def test_a_value_stays_percent_encoded_on_its_way(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    make_fetcher(stub.base).fetch(
        stub.base, "token", {"a": "Condition?patient=1%26_include%3D%2A", "b": "Patient/a%2Fb%3Fc%23d"}
    )
    assert sorted(stub.requests) == ["/fhir/Condition?patient=1%26_include%3D%2A", "/fhir/Patient/a%2Fb%3Fc%23d"]


# --- scopes


def test_only_what_the_token_covers_is_asked_for(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    fetched = make_fetcher(stub.base).fetch(
        stub.base,
        "token",
        {"labs": LABS, "patient": "Patient/1", "vitals": "Observation?patient=p-1&category=vital-signs"},
        scope="launch patient/Observation.rs?category=laboratory",
    )
    assert fetched["labs"] == Got((json.dumps(bundle()).encode(),))
    assert fetched["patient"] == Failed("scope")
    vitals = fetched["vitals"]
    assert isinstance(vitals, Got)
    assert vitals.cut_short == "scope"
    assert len(stub.requests) == 2


@pytest.mark.parametrize("scope", ["", "Observation.Read (Labs) (R4) Condition.Search (Problems) (R4) PATIENT.READ"])
def test_a_scope_that_is_not_smart_is_tried(scope: str, stub: StubServer, make_fetcher: MakeFetcher) -> None:
    fetched = make_fetcher(stub.base).fetch(stub.base, "token", {"labs": LABS}, scope=scope)
    assert fetched["labs"] == Got((json.dumps(bundle()).encode(),))


def test_a_token_that_covers_nothing_asks_for_nothing(stub: StubServer, make_fetcher: MakeFetcher) -> None:
    fetcher = make_fetcher(stub.base, failures_to_open=1)
    assert fetcher.fetch(stub.base, "token", {"labs": LABS}, scope="launch openid")["labs"] == Failed("scope")
    assert stub.requests == []
    assert fetcher.states()[stub.base] == "closed"


# --- the circuit breaker


def test_a_server_that_fails_is_left_alone_and_tried_again_after_a_rest(
    stub: StubServer, make_fetcher: MakeFetcher
) -> None:
    shift = [0.0]
    fetcher = make_fetcher(stub.base, clock=lambda: time.monotonic() + shift[0], failures_to_open=3, rest_s=10)
    reads = {"labs": LABS, "patient": "Patient/1"}
    stub.otherwise = answering(b"down", 500, content_type="text/plain")
    for _ in range(3):
        assert set(fetcher.fetch(stub.base, "token", reads).values()) == {Failed("status", 500)}
    assert fetcher.states() == {stub.base: "open"}
    asked = len(stub.requests)
    with within(0.2):
        assert set(fetcher.fetch(stub.base, "token", reads).values()) == {Failed("circuit-open")}
    assert len(stub.requests) == asked

    shift[0] = 11  # still broken: one trial, then another rest
    assert set(fetcher.fetch(stub.base, "token", reads).values()) == {Failed("status", 500)}
    assert set(fetcher.fetch(stub.base, "token", reads).values()) == {Failed("circuit-open")}

    shift[0] = 22
    stub.otherwise = answering(bundle())
    assert all(isinstance(answer, Got) for answer in fetcher.fetch(stub.base, "token", reads).values())
    assert fetcher.states() == {stub.base: "closed"}


def test_one_slow_query_among_good_ones_does_not_shut_the_server_out(
    stub: StubServer, make_fetcher: MakeFetcher
) -> None:
    stub.answers["Observation"] = after(1)
    fetcher = make_fetcher(stub.base, deadline_s=0.1, failures_to_open=2)
    for _ in range(4):
        fetched = fetcher.fetch(stub.base, "token", {"labs": LABS, "patient": "Patient/1"})
        assert fetched["labs"] == Failed("timeout")
        assert isinstance(fetched["patient"], Got)
    assert fetcher.states() == {stub.base: "closed"}


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_server_that_says_no_is_not_a_broken_server(stub: StubServer, make_fetcher: MakeFetcher, status: int) -> None:
    stub.otherwise = answering(b"no", status, content_type="text/plain")
    fetcher = make_fetcher(stub.base, failures_to_open=1)
    for _ in range(3):
        assert fetcher.fetch(stub.base, "token", {"labs": LABS})["labs"] == Failed("status", status)


def test_threads_that_are_all_busy_speak_not_against_the_server(stub: StubServer) -> None:
    slow_base = f"http://127.0.0.1:{stub.port}/fhir/slow"
    policy = destinations([stub.base, slow_base], development=True)
    fetcher = FhirFetcher(policy, Limits(threads=1, failures_to_open=1))
    stub.otherwise = lambda exchange: (after(0.5) if "slow" in exchange.path else answering(bundle()))(exchange)
    other = threading.Thread(target=fetcher.fetch, args=(slow_base, "token", {"labs": LABS}, 1.0))
    other.start()
    time.sleep(0.1)
    assert fetcher.fetch(stub.base, "token", {"labs": LABS}, 0.1)["labs"] == Failed("timeout")
    other.join()
    assert fetcher.states().get(stub.base) == "closed"
    fetcher.close()


# --- nothing of the patient or the token where it should not be


def test_nothing_of_patient_or_token_is_logged_or_shown(
    stub: StubServer, make_fetcher: MakeFetcher, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "urllib3.util.retry", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    patient, token = "PATIENT-MARK", "TOKEN-MARK"
    said = {"resourceType": "Observation", "id": patient, "note": patient}
    stub.answers["Patient/" + patient] = answering(said)
    stub.answers["Observation"] = answering(said, 500)
    stub.answers["Condition"] = answering(b"", 302, Location=f"/x/{patient}")
    stub.answers["Procedure"] = lambda exchange: exchange.wfile.write(b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n")
    stub.answers["Encounter"] = after(1)
    stub.answers["Device"] = lambda exchange: exchange.connection.shutdown(socket.SHUT_RDWR)
    fetcher = make_fetcher(stub.base)
    reads = {kind: f"{kind}?patient={patient}" for kind in ("Observation", "Condition", "Procedure", "Encounter")}
    reads |= {"p": f"Patient/{patient}", "d": f"Device?patient={patient}", "odd": f"{patient}/../x"}
    fetched = fetcher.fetch(stub.base, token, reads)
    refused = fetcher.fetch(f"http://user:{token}@127.0.0.1/{patient}", token, reads)
    shown = (
        repr(fetched) + repr(refused) + repr(fetcher) + repr(vars(fetcher)) + caplog.text + "".join(capfd.readouterr())
    )
    assert patient not in shown
    assert token not in shown
