"""The store is away, dies, or its disk is full: advice goes on, feedback is refused, nothing acknowledged is lost."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import requests
from sqlalchemy import select

from cds_service.service.store.database import Database
from cds_service.service.store.tables import feedback as kept_feedback
from cds_service.service.store.tables import shown_cards
from tests.conformance.running_service import Server, running_server
from tests.faults.callers import PATIENT_VIEW, call, cord_request, crowd, feedback, is_red_flag
from tests.faults.matrix import record
from tests.service.store.temporary_postgresql import TemporaryPostgresql


def readiness(server: Server) -> str:
    answer = requests.get(f"{server.base}/health/ready", timeout=10)
    assert answer.status_code == 200
    status: str = answer.json()["status"]
    return status


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def acknowledged_and_kept(url: str, acknowledged: list[str]) -> bool:
    """Whether each is in the database, once."""
    database = Database(url)
    with database.reading("counting") as connection:
        counted = Counter(connection.execute(select(kept_feedback.c.card_id)).scalars())
    database.close()
    return set(acknowledged) <= set(counted) and set(counted.values()) <= {1}


def cards_on_record(url: str, cards: set[str]) -> bool:
    database = Database(url)
    with database.reading("counting") as connection:
        found = set(connection.execute(select(shown_cards.c.card_id)).scalars())
    database.close()
    return cards <= found


def test_a_store_that_is_down_at_start(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the store's folder should be")
    url = f"sqlite:///{tmp_path}/data/store.sqlite3"
    with running_server(tmp_path, store_url=url) as server:
        assert readiness(server) == "degraded"
        seen = call(server.port, PATIENT_VIEW, cord_request())
        assert is_red_flag(seen)
        card = seen.cards()[0]
        refused = feedback(server.port, card)
        assert (refused.status, refused.retry_after) == (503, "5")
        (tmp_path / "data").unlink()
        wait_until(lambda: readiness(server) == "ready")
        wait_until(lambda: feedback(server.port, card).status == 200)
    assert cards_on_record(url, {found["uuid"] for found in seen.cards()})
    record(
        "store down at start",
        done="the store's folder could not be made; it could be after the first calls",
        seen="cards as ever; readiness `degraded`; feedback 503 with Retry-After; all well once the store was there",
        lost="nothing: cards shown meanwhile were on record afterwards",
    )


def test_a_store_that_dies_under_load(tmp_path: Path, postgresql: TemporaryPostgresql) -> None:
    url = postgresql.new_database()
    with running_server(tmp_path, store_url=url) as server, crowd(server.port, gives_feedback=True) as callers:
        callers.wait_for(20)
        postgresql.stop()
        try:
            wait_until(lambda: readiness(server) == "degraded")
            before = len(callers.answers)
            callers.wait_for(20)
            during = Counter(answer.status for answer in callers.answers[before:])
        finally:
            postgresql.start()
        wait_until(lambda: readiness(server) == "ready")
        callers.wait_for(20)
        wait_until(lambda: callers.answers[-1].status == 200)
        callers.stop()
    assert set(callers.statuses()) == {200}
    assert all(map(is_red_flag, callers.calls))
    assert set(during) == {503}
    assert set(callers.feedback_statuses()) == {200, 503}
    assert acknowledged_and_kept(url, callers.acknowledged)
    assert cards_on_record(url, {card["uuid"] for seen in callers.calls for card in seen.cards()})
    slowest = max(seen.seconds for seen in callers.calls)
    record(
        "store dies under load",
        done="PostgreSQL was killed while four clients asked for advice and sent feedback, and started again",
        seen="every call its cards; feedback 503 while the store was away, 200 before and after",
        lost="nothing: all acknowledged feedback is kept, once; every card shown is on record",
        measured=f"{len(callers.calls)} calls, the slowest {slowest:.1f} s; {len(callers.acknowledged)} acknowledged",
    )


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    with running_server(tmp_path) as server:
        cards = [call(server.port, PATIENT_VIEW, cord_request(n)).cards() for n in range(6)]
        acknowledged = cards[0][0]
        wait_until(lambda: feedback(server.port, acknowledged).status == 200)
        workers = psutil.Process(server.process.pid).children(recursive=True)
        try:
            for worker in workers:  # no file of theirs may grow, nor may what is there be written past 4 KiB
                resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
            refused = [feedback(server.port, card[0]).status for card in cards[1:]]
            seen = [call(server.port, PATIENT_VIEW, cord_request(f"more-{n}")) for n in range(5)]
        finally:
            for worker in workers:
                resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert set(refused) == {503}
        assert all(map(is_red_flag, seen))
        wait_until(lambda: feedback(server.port, cards[1][0]).status == 200)
    assert acknowledged_and_kept(url, [acknowledged["uuid"], cards[1][0]["uuid"]])
    assert cards_on_record(url, {card["uuid"] for answer in seen for card in answer.cards()})
    record(
        "disk full",
        done="no file of the service could grow (SQLite store and log): a limit on its processes, lifted later",
        seen="cards as ever; feedback 503; 200 once there was room",
        lost="nothing acknowledged; what was shown meanwhile was on record afterwards",
    )
