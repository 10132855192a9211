"""The store is away, dies, is frozen, slow or full: advice goes on, feedback is refused, nothing acknowledged is lost."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable

import psutil
import pytest

from tests.faults.callers import PATIENT_VIEW, Ward, cord_request, is_red_flag
from tests.faults.matrix import record
from tests.faults.production import Production
from tests.service.store.temporary_postgresql import TemporaryPostgresql
from tests.service.wire import wait_until

Break = Callable[[Production, TemporaryPostgresql], Callable[[], object]]
ALONE = "A token could be used again at another worker meanwhile"


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
    ward, states = Ward(hospital, fault), set[str]()

    def noticed() -> bool:
        states.update(hospital.states())
        return "degraded" in states and 503 in ward.feedback

    with ward.at_work():
        before = alone(hospital)
        mend = breaks(hospital, postgresql)
        try:
            wait_until(noticed)
            ward.wait_for(6)
        finally:
            mend()
        wait_until(lambda: hospital.states() == ["ready", "ready"] and ward.feedback[-1] == 200)
    ward.all_advised()
    assert "failing" not in states
    assert alone(hospital) > before
    assert set(ward.feedback) == {200, 503}
    ward.acknowledged_is_kept()
    ward.shown_is_on_record()
    record(
        f"store {fault}",
        done=done,
        seen="every call its cards; feedback 503 meanwhile, 200 before and after; readiness `degraded`; tokens checked by "
        "each worker alone, and counted",
        lost=f"nothing acknowledged; every card shown is on record. {ALONE}",
        measured=ward.slowest,
    )


def alone(hospital: Production) -> float:
    return sum(node.metric("cds_tokens_checked_alone_total") for node in hospital.nodes)


def test_a_store_that_is_restarted_under_load(hospital: Production, postgresql: TemporaryPostgresql) -> None:
    ward = Ward(hospital, "restarted")
    with ward.at_work():
        for _ in range(2):
            postgresql.stop()
            postgresql.start()
            ward.wait_for(6)
        wait_until(lambda: ward.feedback[-1] == 200)
    ward.all_advised()
    assert set(ward.feedback) <= {200, 503}
    ward.acknowledged_is_kept()
    ward.shown_is_on_record()
    record(
        "store restarted under load",
        done="PostgreSQL was killed and started again at once, twice, while wards called",
        seen="every call its cards; feedback 200, or 503 for a moment",
        lost=f"nothing acknowledged; every card shown is on record. {ALONE}",
        measured=ward.slowest,
    )


def test_a_store_that_is_down_when_a_node_starts(hospital: Production, postgresql: TemporaryPostgresql) -> None:
    node = hospital.nodes[1]
    postgresql.stop()
    try:
        node.stop()
        node.start()
        assert node.ask("/health/ready")[1]["status"] == "degraded"
        seen = hospital.at(node, "early")
        assert is_red_flag(seen)
        refused = hospital.feedback(seen)
    finally:
        postgresql.start()
    assert (refused.status, refused.retry_after) == (503, "5")
    wait_until(lambda: hospital.states() == ["ready", "ready"])
    wait_until(lambda: hospital.feedback(seen).status == 200)
    ward = Ward(hospital, "early")
    ward.calls.append(seen)
    ward.shown_is_on_record()
    record(
        "store down at start",
        done="a node was stopped and started while PostgreSQL was down, and asked for advice; PostgreSQL came later",
        seen="cards as ever; readiness `degraded`; feedback 503 with Retry-After; all well once the store was there",
        lost=f"nothing: cards shown meanwhile were on record afterwards. {ALONE}",
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
    wait_until(lambda: hospital.states() == ["ready", "ready"])
    assert hospital.post(PATIENT_VIEW, cord_request("later")).status == 200
