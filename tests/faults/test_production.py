"""The faults of the store and of the nodes, in the topology that a hospital runs: https, proxy, two nodes, PostgreSQL, tokens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.faults.callers import PATIENT_VIEW, Seen, cord_request
from tests.faults.matrix import record
from tests.faults.production import TOKEN, Node, Production, production
from tests.faults.test_store_faults import acknowledged_and_kept, cards_on_record, wait_until
from tests.service.store.temporary_postgresql import TemporaryPostgresql

BOUND = 2.5
"""Seconds within which a call must be answered here, whatever the store does; other tests use the machine, too."""


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory, postgresql: TemporaryPostgresql) -> Iterator[Production]:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    with production(tmp_path_factory.mktemp("hospital"), postgresql) as running:
        yield running


class Ward:
    """Callers that ask for advice, and send feedback on it, until the block ends."""

    def __init__(self, hospital: Production, name: str) -> None:
        self.calls: list[Seen] = []
        self.feedback: list[int] = []
        self.acknowledged: list[str] = []
        self._hospital, self._name = hospital, name
        self._ended = threading.Event()

    def one(self, number: int) -> None:
        count = 0
        while not self._ended.wait(0.05):
            count += 1
            seen = self._hospital.advice(f"{self._name}-{number}-{count}")
            self.calls.append(seen)
            if seen.status == 200:
                said = self._hospital.feedback(seen).status
                self.feedback.append(said)
                if said == 200:
                    self.acknowledged.append(seen.cards()[0]["uuid"])

    @contextmanager
    def at_work(self) -> Iterator[Ward]:
        threads = [threading.Thread(target=self.one, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        try:
            self.wait_for(6)
            yield self
        finally:
            self._ended.set()
            for thread in threads:
                thread.join(60)

    def wait_for(self, more: int) -> None:
        goal, until = len(self.calls) + more, time.monotonic() + 60
        while len(self.calls) < goal:
            assert time.monotonic() < until
            time.sleep(0.05)

    def all_advised(self, bound: float = BOUND) -> None:
        assert Counter(seen.status for seen in self.calls) == {200: len(self.calls)}
        assert all(seen.cards() for seen in self.calls)
        assert max(seen.seconds for seen in self.calls) < bound

    @property
    def slowest(self) -> str:
        return f"{len(self.calls)} calls, the slowest {max(seen.seconds for seen in self.calls):.1f} s"


def all_kept(hospital: Production, ward: Ward) -> None:
    assert acknowledged_and_kept(hospital.store, ward.acknowledged)
    shown = {card["uuid"] for seen in ward.calls for card in seen.cards()}
    wait_until(lambda: cards_on_record(hospital.store, shown))


Break = Callable[[Production, TemporaryPostgresql], Callable[[], object]]


def stopped(_: Production, postgresql: TemporaryPostgresql) -> Callable[[], object]:
    postgresql.stop()
    return postgresql.start


def frozen(_: Production, postgresql: TemporaryPostgresql) -> Callable[[], object]:
    postgresql.freeze()
    return postgresql.thaw


def slow(hospital: Production, _: TemporaryPostgresql) -> Callable[[], object]:
    hospital.wire.delay = 1.5

    def mend() -> None:
        hospital.wire.delay = 0.0

    return mend


def full(_: Production, postgresql: TemporaryPostgresql) -> Callable[[], object]:
    assert postgresql.server is not None
    server = psutil.Process(postgresql.server.pid)

    def limit(to: str) -> None:
        for process in (server, *server.children(recursive=True)):
            command = ["prlimit", "--pid", str(process.pid), f"--fsize={to}:"]
            subprocess.run(command, check=False, cwd="/", **postgresql.owner)  # one may just have ended

    def make_room() -> None:
        limit("unlimited")
        postgresql.stop()  # without room for its log PostgreSQL ends itself
        postgresql.start()

    limit("4096")
    return make_room


@pytest.mark.parametrize(
    ("fault", "breaks", "done"),
    [
        ("down", stopped, "PostgreSQL was killed while wards called, and started again"),
        (
            "frozen",
            frozen,
            "PostgreSQL and all its processes were stopped (SIGSTOP) while wards called, and went on later",
        ),
        ("slow", slow, "the network to PostgreSQL delayed everything by 1.5 s each way, and later no more"),
        (
            "full",
            full,
            "no file of PostgreSQL could grow while wards called; there was room again later, and it was started anew",
        ),
    ],
)
def test_a_store_in_trouble(
    hospital: Production, postgresql: TemporaryPostgresql, fault: str, breaks: Break, done: str
) -> None:
    ward = Ward(hospital, fault)
    with ward.at_work():
        mend = breaks(hospital, postgresql)
        try:
            began = len(ward.feedback)
            ward.wait_for(12)
            time.sleep(3)
            states = hospital.states()
            alone = sum(node.metric("cds_tokens_checked_alone_total") for node in hospital.nodes)
            during = Counter(ward.feedback[began:])
        finally:
            mend()
        wait_until(lambda: hospital.states() == ["ready", "ready"], 60)
        wait_until(lambda: bool(ward.feedback) and ward.feedback[-1] == 200, 60)
    ward.all_advised()
    assert "failing" not in states
    assert "degraded" in states
    assert alone > 0
    assert during[503] > 0
    assert set(ward.feedback) <= {200, 503}
    all_kept(hospital, ward)
    record(
        f"production: store {fault}",
        done=done,
        seen="every call its cards; feedback 503 meanwhile, 200 before and after; readiness `degraded`; tokens checked by "
        "each worker alone, and counted",
        lost="nothing acknowledged; every card shown is on record. A token could be used again at another worker meanwhile",
        measured=ward.slowest,
    )


def test_a_token_used_while_the_store_was_down_is_not_used_twice_at_one_worker(
    hospital: Production, postgresql: TemporaryPostgresql
) -> None:
    postgresql.stop()
    try:
        token = hospital.token(PATIENT_VIEW)
        seen = Counter(hospital.post(PATIENT_VIEW, cord_request("twice"), token).status for _ in range(40))
    finally:
        postgresql.start()
    workers = 4
    assert 1 <= seen[200] <= workers
    assert seen[401] == 40 - seen[200]
    wait_until(lambda: hospital.states() == ["ready", "ready"], 60)
    assert hospital.post(PATIENT_VIEW, cord_request("later")).status == 200


def versions(hospital: Production) -> set[str]:
    found = set()
    for node in hospital.nodes:
        for _ in range(6):
            found.add(node_version(hospital, node))
    return found


def node_version(hospital: Production, node: Node) -> str:
    status, body = node.ask("/cds-services", token=hospital.token("/cds-services"))
    assert status == 200
    return str(body["services"][0]["extension"]["knowledgeVersion"])


def test_a_rollback_survives_a_restart_of_every_node(hospital: Production) -> None:
    (first,) = versions(hospital)
    card = hospital.folder / "cards" / "oxygen.yaml"
    right = card.read_text(encoding="utf-8")
    card.write_text(right.replace("status: active", "status: silent", 1), encoding="utf-8")
    status, taken = hospital.nodes[0].ask("/admin/reload", "POST", TOKEN)
    assert (status, len(taken["workers"]["running"])) == (200, 4)
    (second,) = versions(hospital)
    assert second != first
    status, back = hospital.nodes[1].ask("/admin/rollback", "POST", TOKEN)
    assert (status, back["version"], len(back["workers"]["running"])) == (200, first, 4)
    assert versions(hospital) == {first}
    for node in hospital.nodes:
        assert node.stop() == 0
        node.start()
        assert hospital.advice("between").status == 200
    assert versions(hospital) == {first}
    card.write_text(right, encoding="utf-8")
    record(
        "production: rollback, then restart",
        done="a changed card was taken into use on both nodes, rolled back at one, and both nodes were restarted one by one",
        seen="reload and rollback answered when all four workers had said what they run; after the restart both nodes run the "
        "version rolled back to; calls were answered by the other node meanwhile",
    )


def test_a_node_whose_files_lag_runs_what_is_in_force(hospital: Production) -> None:
    (first,) = versions(hospital)
    lagging = shutil.copytree(hospital.folder / "cards", hospital.folder / "lagging", dirs_exist_ok=True)
    card = hospital.folder / "cards" / "oxygen.yaml"
    right = card.read_text(encoding="utf-8")
    card.write_text(right.replace("status: active", "status: silent", 1), encoding="utf-8")
    status, taken = hospital.nodes[0].ask("/admin/reload", "POST", TOKEN)
    assert (status, taken["was"]) == (200, first)
    late = hospital.nodes[1]
    assert late.stop() == 0
    late.settings["CDS_CARDS"] = str(lagging)
    long_ago = time.time() - 86_400
    for file in (hospital.folder / "knowledge").glob("*.json"):
        os.utime(file, (long_ago, long_ago))  # a file server whose clock is a day behind
    late.start()
    assert versions(hospital) == {taken["version"]}
    late.settings["CDS_CARDS"] = str(hospital.folder / "cards")
    card.write_text(right, encoding="utf-8")
    assert hospital.nodes[0].ask("/admin/rollback", "POST", TOKEN)[0] == 200
    assert versions(hospital) == {first}
    record(
        "production: a node whose file server lags",
        done="a changed card was taken into use; one node was restarted on files of before, on a file server a day behind",
        seen="both nodes run the version in force",
    )


def test_a_node_that_is_killed(hospital: Production) -> None:
    ward = Ward(hospital, "killed")
    with ward.at_work():
        node = hospital.nodes[0]
        assert node.process is not None
        family = [psutil.Process(node.process.pid), *psutil.Process(node.process.pid).children(recursive=True)]
        for process in family:
            process.send_signal(signal.SIGKILL)
        node.process.wait(20)
        ward.wait_for(12)
        node.start()
        ward.wait_for(6)
    statuses = Counter(seen.status for seen in ward.calls)
    assert set(statuses) <= {200, 502, 504, 0}
    assert statuses[200] >= 18
    assert (
        sum(statuses.values()) - statuses[200] <= 6
    )  # those that the node had in hand, and the first that met it dead
    assert all(seen.cards() for seen in ward.calls if seen.status == 200)
    assert acknowledged_and_kept(hospital.store, ward.acknowledged)
    record(
        "production: a node killed",
        done="one node was killed with all its workers (SIGKILL) while wards called through the proxy, and started again",
        seen="calls in its hands ended with 502; the other node answered all others",
        lost="no acknowledged feedback; the record of cards shown in the last fraction of a second may be",
        measured=f"{statuses[200]} answered, {sum(statuses.values()) - statuses[200]} cut",
    )


def test_what_is_inside_is_closed_at_the_proxy(hospital: Production) -> None:
    for path in ("/metrics", "/health/ready", "/health/live", "/admin/reload", "/admin/rollback"):
        assert hospital.post(path, b"").status == 404


def test_a_body_beyond_the_limit_and_a_stranger_are_told(hospital: Production) -> None:
    assert hospital.post(PATIENT_VIEW, b"x" * (17 << 20)).status in {413, 0}
    stranger = hospital.post(PATIENT_VIEW, cord_request(more=["y" * 1000] * 8000), "not-a-token")
    assert (stranger.status, json.loads(stranger.body)["resourceType"]) == (401, "OperationOutcome")
