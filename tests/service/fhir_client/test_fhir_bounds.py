"""What bounds the guarded fetch: sizes, pages, destinations, scopes, the circuit breaker, and what it must not tell."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import threading
import time
from typing import Any

import pytest

from cds_service.service.fhir_client.answers import Failed, Got, Refused
from cds_service.service.fhir_client.fetch import FhirFetcher, Limits
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
    within,
)

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
    fetcher = make_fetcher(stub.base, clock=lambda: time.monotonic() + shift[0], failures_to_open=3, pause_s=10)
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
