"""Key sets come from real hosts, which rotate, fail, hang and lie."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cds_service.service.auth.caller import Caller
from cds_service.service.auth.clients import Clients
from cds_service.service.auth.key_sets import KeySets, KeySetUnavailable, NoKey, Patience, fetch_key_set
from cds_service.service.auth.verify import Refused
from tests.service.wire import wait_until


@pytest.fixture
def client(listed: Any, key_host: Any) -> Any:
    return listed(jku=key_host.jku, keys={})


@pytest.fixture
def keys(impatient: Patience, clock: Any) -> KeySets:
    return KeySets(patience=impatient, clock=clock)


def settle(keys: KeySets, client: Any, key_host: Any, calls: int) -> None:
    """Wait until the host was asked so often and the answer is taken in."""
    published = keys._of(client.jku)
    wait_until(lambda: key_host.calls >= calls and published.under_way is None)


def test_a_token_is_believed_with_a_key_from_the_host(
    ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any
) -> None:
    key_host.publish(ehr.jwk(), ehr.jwk(ehr.rsa, "rsa"))
    assert isinstance(ask(ehr.token(header={"jku": key_host.jku}), client, keys=keys), Caller)
    token = ehr.token(key=ehr.rsa, algorithm="RS384", header={"kid": "rsa"})
    assert isinstance(ask(token, client, keys=keys), Caller)
    assert key_host.calls == 1


def test_a_key_rotated_in_is_fetched_at_its_first_use(
    ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any, clock: Any
) -> None:
    key_host.publish(ehr.jwk())
    assert isinstance(ask(ehr.token(), client, keys=keys), Caller)
    clock.time += 31
    key_host.publish(ehr.jwk(), ehr.jwk(ehr.rsa, "next"))
    token = ehr.token(key=ehr.rsa, algorithm="RS384", header={"kid": "next"})
    assert isinstance(ask(token, client, keys=keys), Caller)
    assert key_host.calls == 2


def test_unknown_kids_ask_the_host_no_more_often_than_the_pause(
    ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any, clock: Any
) -> None:
    key_host.publish(ehr.jwk())
    for number in range(20):
        assert ask(ehr.token(header={"kid": f"guess-{number}"}), client, keys=keys).check == "key"
    assert key_host.calls == 1
    clock.time += 31
    ask(ehr.token(header={"kid": "guess"}), client, keys=keys)
    assert key_host.calls == 2


def test_a_known_kid_with_another_algorithm_does_not_ask_the_host(
    ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any, clock: Any
) -> None:
    key_host.publish(ehr.jwk())
    ask(ehr.token(), client, keys=keys)
    clock.time += 31
    assert ask(ehr.token(key=ehr.rsa, algorithm="RS384"), client, keys=keys).check == "key"
    assert key_host.calls == 1


def test_a_withdrawn_key_is_not_believed_after_the_next_renewal(
    ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any, clock: Any
) -> None:
    key_host.publish(ehr.jwk(), ehr.jwk(ehr.rsa, "rsa"))
    ask(ehr.token(), client, keys=keys)
    key_host.publish(ehr.jwk(ehr.rsa, "rsa"))
    clock.time += 601
    ask(ehr.token(), client, keys=keys)  # is still believed, and begins the renewal
    settle(keys, client, key_host, 2)
    assert ask(ehr.token(), client, keys=keys).check == "key"


def test_stale_keys_serve_while_the_host_is_down_but_not_for_ever(
    ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any, clock: Any
) -> None:
    key_host.publish(ehr.jwk())
    ask(ehr.token(), client, keys=keys)
    key_host.stop()
    clock.time += 12 * 3600
    assert isinstance(ask(ehr.token(), client, keys=keys), Caller)
    settle(keys, client, key_host, 1)
    assert isinstance(ask(ehr.token(), client, keys=keys), Caller)
    (state,) = keys.states([client])
    assert (state.keys, state.failures, state.problem) == (1, 1, "its host could not be reached")
    clock.time += 12 * 3600 + 1
    outcome = ask(ehr.token(), client, keys=keys)
    assert (outcome.check, outcome.retry_after) == ("key-set", 10)  # after the second failure
    assert outcome.message == "the client's key set could not be had: its host could not be reached"


def test_an_unknown_kid_is_the_tokens_fault_also_while_the_host_is_down(
    ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any, clock: Any
) -> None:
    key_host.publish(ehr.jwk())
    ask(ehr.token(), client, keys=keys)
    key_host.stop()
    clock.time += 31
    outcome = ask(ehr.token(header={"kid": "unknown"}), client, keys=keys)
    assert (outcome.check, outcome.retry_after) == ("key", 0)
    assert "could not be renewed" in outcome.message


def test_renewal_is_off_the_request_path(
    ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any, clock: Any
) -> None:
    key_host.publish(ehr.jwk())
    ask(ehr.token(), client, keys=keys)
    clock.time += 601
    key_host.pause = 3.0
    began = time.monotonic()
    assert isinstance(ask(ehr.token(), client, keys=keys), Caller)
    assert time.monotonic() - began < key_host.pause


def test_a_request_waits_only_so_long_for_a_host_that_hangs(ehr: Any, ask: Any, client: Any, key_host: Any) -> None:
    key_host.publish(ehr.jwk())
    key_host.pause = 2.0
    keys = KeySets(patience=Patience(wait=0.1))
    began = time.monotonic()
    outcome = ask(ehr.token(), client, keys=keys)
    assert time.monotonic() - began < key_host.pause
    assert (outcome.check, outcome.retry_after) == ("key-set", 1)
    assert outcome.message.endswith("its host has not answered yet")
    settle(keys, client, key_host, 1)
    assert isinstance(ask(ehr.token(), client, keys=keys), Caller)


def test_many_requests_at_once_share_one_fetch(ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any) -> None:
    key_host.publish(ehr.jwk())
    key_host.pause = 0.2
    outcomes: list[Any] = []
    threads = [Thread(target=lambda: outcomes.append(ask(ehr.token(), client, keys=keys))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(outcome, Caller) for outcome in outcomes)
    assert (len(outcomes), key_host.calls) == (8, 1)


def test_failures_are_retried_after_a_growing_pause(
    ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any, clock: Any
) -> None:
    key_host.status = 503
    calls = []
    for _ in range(400):
        ask(ehr.token(), client, keys=keys)
        if not calls or calls[-1][1] != key_host.calls:
            calls.append((clock.time - 1000, key_host.calls))
        clock.time += 1
    assert [at for at, _ in calls] == [0, 5, 15, 35, 75, 155, 315]
    key_host.status = 200
    key_host.publish(ehr.jwk())
    clock.time += 300
    assert isinstance(ask(ehr.token(), client, keys=keys), Caller)


def test_an_empty_key_set_does_not_take_away_the_keys_that_work(
    ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any, clock: Any
) -> None:
    key_host.publish(ehr.jwk())
    ask(ehr.token(), client, keys=keys)
    key_host.publish()
    clock.time += 601
    ask(ehr.token(), client, keys=keys)
    settle(keys, client, key_host, 2)
    assert isinstance(ask(ehr.token(), client, keys=keys), Caller)


def test_warming_up_fetches_before_the_first_request(ehr: Any, client: Any, keys: KeySets, key_host: Any) -> None:
    key_host.publish(ehr.jwk())
    keys.warm_up(Clients.of([client]).all)
    settle(keys, client, key_host, 1)
    assert keys.states([client])[0].keys == 1


def test_listed_keys_serve_without_asking_the_host(
    ehr: Any, ask: Any, listed: Any, keys: KeySets, key_host: Any
) -> None:
    assert isinstance(ask(ehr.token(), listed(jku=key_host.jku), keys=keys), Caller)
    assert key_host.calls == 0


def test_a_fetch_that_dies_of_anything_is_a_failure_and_not_a_hang(listed: Any, clock: Any) -> None:
    def broken(_: str) -> Any:
        raise MemoryError

    client = listed(jku="https://ehr.example.org/jwks.json", keys={})
    found = KeySets(fetch=broken, clock=clock).find(client, "kid", "ES384")
    assert isinstance(found, NoKey)
    assert "could not be read" in found.why


# One fetch


def test_redirects_are_not_followed(ehr: Any, key_host: Any) -> None:
    key_host.publish(ehr.jwk())
    key_host.status, key_host.headers = 302, {"Location": "http://169.254.169.254/latest/meta-data"}
    with pytest.raises(KeySetUnavailable, match="status 302"):
        fetch_key_set(key_host.jku)


def test_a_large_key_set_is_refused(key_host: Any) -> None:
    key_host.document = b'{"keys": [' + b" " * 300_000 + b"]}"
    with pytest.raises(KeySetUnavailable, match="larger than 256 KiB"):
        fetch_key_set(key_host.jku)


def test_a_packed_key_set_is_not_unpacked(key_host: Any) -> None:
    key_host.document, key_host.headers = gzip.compress(b" " * 10_000_000), {"Content-Encoding": "gzip"}
    with pytest.raises(KeySetUnavailable, match="not JSON"):
        fetch_key_set(key_host.jku)


def test_a_host_that_drips_bytes_meets_the_deadline(ehr: Any, key_host: Any) -> None:
    key_host.publish(ehr.jwk())
    key_host.drip = 0.05
    began = time.monotonic()
    with pytest.raises(KeySetUnavailable, match="too long"):
        fetch_key_set(key_host.jku, seconds=0.4)
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    "document", [b"", b"\xff\xfe", b"[]", b"[" * 100_000, b'{"keys": {}}', b'{"keys": [null, 7, {}]}', b"<html>"]
)
def test_what_is_no_key_set_is_refused(key_host: Any, document: bytes) -> None:
    key_host.document = document
    with pytest.raises(KeySetUnavailable):
        fetch_key_set(key_host.jku)


@pytest.mark.parametrize(("others", "counts"), [(98, True), (99, True), (100, False)])
def test_of_a_key_set_the_first_hundred_keys_count_and_that_there_are_more_is_said(
    ehr: Any,
    ask: Any,
    client: Any,
    keys: KeySets,
    key_host: Any,
    caplog: pytest.LogCaptureFixture,
    others: int,
    counts: bool,
) -> None:
    listed = [ehr.jwk() | {"kid": f"other-{number}"} for number in range(others)]
    key_host.publish(*listed, ehr.jwk())
    outcome = ask(ehr.token(), client, keys=keys)
    assert isinstance(outcome, Caller) is counts
    assert ("a key set has 101 keys; the first 100 count" in caplog.text) is not counts
    if not counts:
        assert outcome.message.endswith(
            "kid is not among the first 100 keys of the client's key set, and only those count"
        )


def test_no_credentials_of_ours_go_to_the_host(
    ehr: Any, key_host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login us password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    key_host.publish(ehr.jwk())
    assert fetch_key_set(key_host.jku)
    assert "Authorization" not in key_host.seen[0]


def test_a_refusal_names_neither_address_nor_kid(ehr: Any, ask: Any, client: Any, keys: KeySets, key_host: Any) -> None:
    key_host.status = 500
    outcome = ask(ehr.token(), client, keys=keys)
    assert isinstance(outcome, Refused)
    assert "127.0.0.1" not in outcome.message
    assert ehr.kid not in outcome.message
