"""A used token is refused by every thread, worker process and node."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select

from cds_service.service.auth.caller import Caller
from cds_service.service.auth.replay import TROUBLE_LASTS, LocalReplay, ReplayStoreDown, SharedElseLocal
from cds_service.service.auth.shared_replay import PATIENCE, SharedReplay
from cds_service.service.store import migrate
from cds_service.service.store.database import Database
from cds_service.service.store.records import Retention
from cds_service.service.store.retention import purge
from cds_service.service.store.tables import used_tokens
from tests.service.wire import wait_until

ANOTHER_WORKER = """
import json, sys
from datetime import datetime
from cds_service.service.auth.clients import Client, Clients
from cds_service.service.auth.key_sets import KeySets
from cds_service.service.auth.public_keys import read_key_set
from cds_service.service.auth.shared_replay import PATIENCE, SharedReplay
from cds_service.service.auth.verify import Caller, Endpoint, verify
from cds_service.service.store.database import Database
call = json.load(sys.stdin)
clients = Clients.of([Client("General Hospital", call["issuer"], None, read_key_set([call["jwk"]]))])
here = Endpoint("https://cds.example.org/oncology", "/cds-services/metastases")
replay = SharedReplay(Database(call["url"]))
for token in call["tokens"]:
    outcome = verify(token, here, datetime.fromisoformat(call["now"]), clients, KeySets(), replay)
    print("believed" if isinstance(outcome, Caller) else outcome.check)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
    else:
        url = request.getfixturevalue("postgresql").new_database()
    database = Database(url)
    migrate.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def shared() -> Iterator[Callable[..., SharedReplay]]:
    """Make stores of used tokens that are closed when the test ends."""
    with ExitStack() as made:

        def make(database: Database, **options: Any) -> SharedReplay:
            replay = SharedReplay(database, **options)
            made.callback(replay.close)
            return replay

        yield make


Shared = Callable[..., SharedReplay]


def in_another_process(ehr: Any, database: Database, *tokens: str) -> list[str]:
    call = {"url": str(database.url), "issuer": ehr.issuer, "jwk": ehr.jwk(), "tokens": tokens, "now": str(ehr.now)}
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER_WORKER], input=json.dumps(call), capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_a_token_used_here_is_refused_in_another_process(
    ehr: Any, ask: Any, database: Database, shared: Shared
) -> None:
    used, fresh, replay = ehr.token(), ehr.token(), shared(database)
    assert isinstance(ask(used, replay=replay), Caller)
    assert in_another_process(ehr, database, used, fresh, fresh) == ["replayed", "believed", "replayed"]
    assert ask(fresh, replay=replay).check == "replayed"


def test_of_many_threads_one_is_first(ehr: Any, database: Database, shared: Shared) -> None:
    replay, barrier, firsts = shared(database), Barrier(8), []

    def call() -> None:
        barrier.wait()
        firsts.extend(replay.first_use("iss", f"jti-{number}", ehr.now) for number in range(20))

    threads = [Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(firsts), sum(firsts)) == (160, 20)


def test_the_store_keeps_no_legible_jti_and_forgets_it_when_it_has_expired(
    ehr: Any, database: Database, shared: Shared
) -> None:
    replay = shared(database)
    replay.first_use("iss", "legible", ehr.now)
    replay.first_use("iss", "later", ehr.now + timedelta(minutes=5))
    with database.reading("reading") as connection:
        assert "legible" not in str(connection.execute(select(used_tokens)).all())
    assert purge(database, Retention(), ehr.now + timedelta(seconds=1))["used_tokens"] == 0
    assert purge(database, Retention(), ehr.now + timedelta(seconds=2))["used_tokens"] == 1
    assert not replay.first_use("iss", "later", ehr.now)


def test_a_call_handed_over_by_the_proxy_may_use_its_token_once_more(
    ehr: Any, database: Database, shared: Shared
) -> None:
    first, other = (SharedElseLocal(shared(database), LocalReplay()) for _ in range(2))
    call, guessed = "0123456789abcdef", "fedcba9876543210"
    assert first.first_use("iss", "silent", ehr.now, call)
    assert not other.first_use("iss", "silent", ehr.now, guessed)
    replay = shared(database)
    assert not replay.first_use("iss", "silent", ehr.now)
    assert replay.first_use("iss", "silent", ehr.now, call)
    assert not replay.first_use("iss", "silent", ehr.now, call), "handed over once, no more"
    assert first.first_use("iss", "same-worker", ehr.now, call)
    assert first.first_use("iss", "same-worker", ehr.now, call)
    assert not first.first_use("iss", "same-worker", ehr.now, call)
    assert first.first_use("iss", "without-a-name", ehr.now)
    assert not first.first_use("iss", "without-a-name", ehr.now)
    assert not other.first_use("iss", "without-a-name", ehr.now, call)


def test_a_call_that_a_node_alone_has_seen_may_be_handed_over_when_the_store_is_down(
    ehr: Any, tmp_path: Path, shared: Shared
) -> None:
    down = SharedElseLocal(shared(Database(f"sqlite:///{tmp_path / 'empty.db'}")), LocalReplay())
    assert [down.first_use("iss", "jti", ehr.now, call) for call in ("0123456789abcdef", "", "0123456789abcdef")] == [
        True,
        False,
        True,
    ]


def test_a_store_that_failed_is_left_alone_for_a_moment(ehr: Any, tmp_path: Path, shared: Shared) -> None:
    at = [0.0]
    database = Database(f"sqlite:///{tmp_path / 'late.db'}")
    replay = shared(database, clock=lambda: at[0])
    with pytest.raises(ReplayStoreDown, match="OperationalError"):
        replay.first_use("iss", "jti", ehr.now)
    migrate.upgrade(database)
    with pytest.raises(ReplayStoreDown, match="paused"):
        replay.first_use("iss", "jti", ehr.now)
    at[0] += 1
    assert replay.first_use("iss", "jti", ehr.now)


def test_unlike_issuers_may_use_like_jtis(ehr: Any, database: Database, shared: Shared) -> None:
    for replay in (shared(database), LocalReplay()):
        assert replay.first_use("one", "jti", ehr.now)
        assert replay.first_use("two", "jti", ehr.now)
        assert not replay.first_use("one", "jti", ehr.now)


def test_a_store_that_is_down_refuses_unless_told_otherwise(ehr: Any, ask: Any, tmp_path: Path, shared: Shared) -> None:
    no_tables = shared(Database(f"sqlite:///{tmp_path / 'empty.db'}"))
    with pytest.raises(ReplayStoreDown):
        no_tables.first_use("iss", "jti", ehr.now)
    token = ehr.token()
    assert ask(token, replay=no_tables).check == "replay-store"
    alone: list[str] = []
    at = [0.0]
    rather_answer = SharedElseLocal(no_tables, LocalReplay(), lambda: alone.append("told"), lambda: at[0])
    assert isinstance(ask(token, replay=rather_answer), Caller)
    assert ask(token, replay=rather_answer).check == "replayed"
    assert alone == ["told"]
    assert not rather_answer.is_shared
    assert rather_answer.in_trouble
    at[0] = TROUBLE_LASTS  # nobody has called since: a worker does not say for ever what may be long over
    assert not rather_answer.in_trouble


def test_a_token_the_shared_store_knows_is_refused_beside_a_local_one(
    ehr: Any, database: Database, shared: Shared
) -> None:
    shared(database).first_use("iss", "jti", ehr.now)
    beside = SharedElseLocal(shared(database), LocalReplay())
    assert not beside.first_use("iss", "jti", ehr.now)
    assert beside.is_shared


def test_the_local_store_forgets_what_has_expired(ehr: Any) -> None:
    replay = LocalReplay(clock=lambda: ehr.now.timestamp() + 10)
    for number in range(5000):
        replay.first_use("iss", str(number), ehr.now)
    assert len(replay._used) <= 1024


def first_use_once_it_is_back(replay: SharedReplay, at: list[float], jti: str, expires: datetime) -> bool:
    for _ in range(200):  # connections that died are found out one by one
        at[0] += 1
        try:
            return replay.first_use("iss", jti, expires)
        except ReplayStoreDown:
            time.sleep(0.1)
    raise AssertionError("the database is not used again")


def test_a_database_that_dies_and_comes_back_is_used_again(ehr: Any, postgresql: Any, shared: Shared) -> None:
    at = [0.0]
    database = Database(postgresql.new_database())
    migrate.upgrade(database)
    replay = shared(database, clock=lambda: at[0])
    assert replay.first_use("iss", "before", ehr.now)
    postgresql.stop()
    with pytest.raises(ReplayStoreDown):
        replay.first_use("iss", "while", ehr.now)
    postgresql.start()
    assert first_use_once_it_is_back(replay, at, "while", ehr.now)
    assert not replay.first_use("iss", "before", ehr.now)
    database.close()


def test_no_call_waits_for_a_database_that_is_frozen(ehr: Any, postgresql: Any, shared: Shared) -> None:
    database = Database(postgresql.new_database())
    migrate.upgrade(database)
    replay = SharedElseLocal(shared(database), LocalReplay())
    assert replay.first_use("iss", "before", ehr.now)
    assert replay.is_shared
    postgresql.freeze()
    try:
        waited = []
        for number in range(5):
            began = time.perf_counter()
            assert replay.first_use("iss", f"while-{number}", ehr.now)
            waited.append(time.perf_counter() - began)
        assert not replay.first_use("iss", "before", ehr.now)
        assert not replay.first_use("iss", "while-0", ehr.now)
    finally:
        postgresql.thaw()
    assert not replay.is_shared
    assert waited[0] < 8 * PATIENCE
    assert statistics.median(waited[1:]) < PATIENCE / 2

    def is_back() -> bool:
        replay.first_use("iss", f"after-{time.monotonic()}", ehr.now)
        return replay.is_shared

    wait_until(is_back)
    database.close()


def test_memory_for_tokens_is_bounded(ehr: Any) -> None:
    replay = LocalReplay(clock=lambda: ehr.now.timestamp() - 10, capacity=4096)
    for number in range(10_000):
        assert replay.first_use("iss", str(number), ehr.now)
    assert len(replay._used) <= 4096
    assert not replay.first_use("iss", "9999", ehr.now)


def test_a_busy_file_refuses_one_call_and_not_the_next(ehr: Any, tmp_path: Path, shared: Shared) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    migrate.upgrade(database)
    replay = shared(database, clock=lambda: 0.0)
    with database.writing("holding the file"), pytest.raises(ReplayStoreDown):
        replay.first_use("iss", "jti", ehr.now)
    assert replay.first_use("iss", "jti", ehr.now)
