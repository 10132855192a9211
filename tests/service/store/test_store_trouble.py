"""What is acknowledged stays, once: workers killed, two at a time, disks full, databases away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from cds_service.service.store import Acknowledged, CardFeedback, Store, StoreUnavailable
from cds_service.service.store.database import PAUSE_AFTER_TROUBLE, UsedTokens
from cds_service.service.store.tables import feedback
from tests.service.store.feedback_load import BATCH, START
from tests.service.store.temporary_postgresql import TemporaryPostgresql
from tests.service.store.ward import NORTH, SERVICE, Clock, answer, card_id, hypercalcaemia, is_snoozed, overridden
from tests.service.wire import wait_until

HERE = Path(__file__).parent
BOUND = 10.0
"""Seconds that only a hang takes."""


def _load(url: str, first: int, batches: int, *largest_file: int) -> subprocess.Popen[str]:
    root = HERE.parents[2]
    command = [sys.executable, str(HERE / "feedback_load.py"), url, *map(str, (first, batches, *largest_file))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(root)})


def _recorded(store: Store) -> Counter[str]:
    with store.transaction("counting") as connection:
        counted = Counter(connection.execute(select(feedback.c.card_id)).scalars())
    counted.pop(card_id(-1), None)
    return counted


def test_a_killed_worker_loses_nothing_that_it_acknowledged(url: str, open_store: Callable[..., Store]) -> None:
    with _load(url, 0, 100_000) as worker:
        assert worker.stdout is not None
        acknowledged = worker.stdout.readline().split()
        until = time.monotonic() + 1.0
        while time.monotonic() < until or len(acknowledged) < 5 * BATCH:
            acknowledged += worker.stdout.readline().split()
        worker.kill()
        # the kill may have cut the last line: a word cut short was acknowledged, but not said
        acknowledged += [word for word in worker.stdout.read().split() if len(word) == len(card_id(0))]
    store = open_store(url)
    recorded = _recorded(store)
    assert len(acknowledged) >= 5 * BATCH
    assert set(acknowledged) <= set(recorded)
    assert set(recorded.values()) == {1}
    again = [overridden(number, START + timedelta(seconds=1)) for number in range(len(acknowledged))]
    assert store.record_feedback(again, NORTH, SERVICE).recorded == 0
    after = _recorded(store)
    assert {after[card] for card in acknowledged} == {1}


def test_two_processes_write_at_once_and_share_what_both_send(url: str, open_store: Callable[..., Store]) -> None:
    open_store(url)
    workers = [_load(url, 0, 40), _load(url, 20 * BATCH, 40)]
    said = [worker.communicate(timeout=60)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert "refused" not in "".join(said)
    recorded = _recorded(open_store(url))
    assert set(recorded) == {card_id(number) for number in range(60 * BATCH)}
    assert set(recorded.values()) == {1}


def test_a_full_disk_refuses_feedback_and_keeps_what_it_took(
    tmp_path: Path, open_store: Callable[..., Store], clock: Clock
) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    with _load(url, 0, 100_000, 600_000) as worker:
        said = worker.communicate(timeout=60)[0].splitlines()
    assert said[-1].startswith(("refused SQLITE_FULL", "refused SQLITE_IOERR_WRITE"))
    acknowledged = " ".join(said[:-1]).split()
    assert len(acknowledged) >= BATCH
    store = open_store(url)  # there is room again
    assert set(_recorded(store)) >= set(acknowledged)
    assert store.record_feedback([overridden(-2, clock())], NORTH, SERVICE).recorded == 1


def test_a_database_that_may_not_be_written_refuses_feedback_at_once(
    tmp_path: Path, open_store: Callable[..., Store], clock: Clock
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    store = open_store(f"sqlite:///{tmp_path}/data/store.db")
    assert not store.health().ready
    began = time.perf_counter()
    with pytest.raises(StoreUnavailable):
        store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    assert store.record_shown(answer(clock(), hypercalcaemia(1)))
    assert not is_snoozed(store, clock, hypercalcaemia(1), patient="p")
    assert time.perf_counter() - began < BOUND
    with pytest.raises(StoreUnavailable):
        store.check()


def test_a_store_that_was_away_at_start_is_used_when_it_comes(
    tmp_path: Path, open_store: Callable[..., Store], clock: Clock
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    store = open_store(f"sqlite:///{tmp_path}/data/store.db")
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    (tmp_path / "data").unlink()
    assert store.flush(10)
    assert store.record_feedback([overridden(1, clock())], NORTH, SERVICE) == Acknowledged(recorded=1)
    assert store.health().ready
    store.check()


def test_a_database_without_an_encoding_is_read_as_text(
    postgresql: TemporaryPostgresql, open_store: Callable[..., Store], clock: Clock
) -> None:
    store = open_store(postgresql.new_database("TEMPLATE template0 ENCODING 'SQL_ASCII'"))
    client = replace(NORTH, client="https://klinik-köln.example.org")
    assert store.health().ready
    store.record_shown(replace(answer(clock(), hypercalcaemia(1)), caller=client))
    assert store.record_feedback([overridden(1, clock())], client, SERVICE) == Acknowledged(recorded=1)
    assert store.flush()
    assert _recorded(store) == {card_id(1): 1}


def test_a_store_that_is_back_is_ready_again_without_being_written_to(
    postgresql: TemporaryPostgresql, open_store: Callable[..., Store]
) -> None:
    store = open_store(postgresql.new_database())
    postgresql.stop()
    try:
        wait_until(lambda: not store.health().ready)
    finally:
        postgresql.start()
    wait_until(lambda: store.health().ready)


def test_a_file_that_is_no_database_is_left_as_it_is(
    tmp_path: Path, open_store: Callable[..., Store], clock: Clock
) -> None:
    (tmp_path / "store.db").write_text("some other file " * 100)
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    with pytest.raises(StoreUnavailable, match="SQLITE_NOTADB"):
        store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    assert (tmp_path / "store.db").read_text().startswith("some other file")


def test_a_database_server_that_dies_loses_no_card_and_no_acknowledged_feedback(
    postgresql: TemporaryPostgresql, open_store: Callable[..., Store], clock: Clock
) -> None:
    store = open_store(postgresql.new_database())
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    postgresql.stop()
    try:
        began = time.perf_counter()
        with pytest.raises(StoreUnavailable) as caught:
            store.record_feedback([overridden(2, clock())], NORTH, SERVICE)
        assert is_snoozed(store, clock, hypercalcaemia(1, evidence=()))
        assert store.record_shown(answer(clock(), hypercalcaemia(2)))
        assert time.perf_counter() - began < BOUND
        assert not store.flush(0.5)
        assert not store.health().ready
        assert caught.value.__cause__ is None
    finally:
        postgresql.start()
    assert store.flush(15)
    assert _recorded(store) == {card_id(1): 1}
    assert store.record_feedback([overridden(2, clock())], NORTH, SERVICE) == Acknowledged(recorded=1)
    store.check()


def test_a_server_that_only_reads_is_left_for_the_one_that_writes(
    postgresql: TemporaryPostgresql, open_store: Callable[..., Store], clock: Clock
) -> None:
    url = postgresql.new_database()
    name = url.partition("?")[0].rpartition("/")[2]
    store = open_store(url)
    tokens = store.database.used_tokens(2.0)
    row = {"issuer": "iss", "jti_hash": "hash", "expires_at": 0, "call_hash": None}

    def read_only(now: str) -> None:
        with psycopg.connect(postgresql.url("postgres"), autocommit=True) as operator:
            operator.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {now}'.encode())
            if now == "on":  # connections of before may write; those of now may not, for as long as they are kept
                operator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    read_only("on")
    for _ in range(3):  # the first finds its connection ended
        with pytest.raises((psycopg.Error, StoreUnavailable)):
            tokens.mark(row)
        with pytest.raises(StoreUnavailable):
            store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
        time.sleep(PAUSE_AFTER_TROUBLE)
    read_only("off")
    wait_until(lambda: recorded(store, overridden(1, clock())))  # one that was opened meanwhile is left after it failed
    wait_until(lambda: marked(tokens, row))
    tokens.close()


def recorded(store: Store, one: CardFeedback) -> bool:
    with suppress(StoreUnavailable):
        return store.record_feedback([one], NORTH, SERVICE).recorded == 1
    return False


def marked(tokens: UsedTokens, row: dict[str, str | int | None]) -> bool:
    with suppress(psycopg.Error):
        return tokens.mark(row)
    return False


def test_a_host_that_never_answers_holds_only_the_first_caller(open_store: Callable[..., Store], clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = open_store(f"postgresql://tester@127.0.0.1:{silent.getsockname()[1]}/store")
        began = time.perf_counter()
        for _ in range(5):
            with pytest.raises(StoreUnavailable):
                store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
        assert time.perf_counter() - began < 4


def test_a_server_that_is_frozen_holds_nobody_and_loses_nothing(
    postgresql: TemporaryPostgresql, open_store: Callable[..., Store], clock: Clock
) -> None:
    store = open_store(postgresql.new_database(), timeout=1.0)
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    assert store.record_feedback([overridden(1, clock())], NORTH, SERVICE).recorded == 1
    postgresql.freeze()
    try:
        store.record_shown(answer(clock(), hypercalcaemia(2)))
        began = time.perf_counter()
        for _ in range(4):
            with pytest.raises(StoreUnavailable):
                store.record_feedback([overridden(2, clock())], NORTH, SERVICE)
        assert time.perf_counter() - began < 12
        wait_until(lambda: not store.health().ready)
    finally:
        postgresql.thaw()
    assert store.flush(20)
    assert store.record_feedback([overridden(2, clock())], NORTH, SERVICE).recorded == 1
    assert _recorded(store) == {card_id(1): 1, card_id(2): 1}
    wait_until(lambda: store.health().ready)


def test_what_a_closing_store_could_not_write_is_counted(
    tmp_path: Path, open_store: Callable[..., Store], clock: Clock
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    store = open_store(f"sqlite:///{tmp_path}/data/store.db")
    for number in range(7):
        store.record_shown(answer(clock(), hypercalcaemia(number)))
    assert store.close(0.3) == 7


def test_errors_quote_no_row(store: Store) -> None:
    with pytest.raises(StoreUnavailable) as caught, store.transaction("provoking an error") as connection:
        connection.exec_driver_sql("INSERT INTO nowhere VALUES ('MARKED-PATIENT-ID')")
    assert "MARKED" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
