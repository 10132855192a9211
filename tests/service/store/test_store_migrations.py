"""The tables go forward and back, and are what ``tables.py`` says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import column, insert, inspect, table

from cds_service.service.store import Store, StoreUnavailable, migrate
from cds_service.service.store.database import Database, read_url
from cds_service.service.store.keys import Keys
from cds_service.service.store.tables import metadata
from tests.service.store.ward import (
    NORTH,
    SECRET,
    SERVICE,
    Clock,
    answer,
    card_id,
    hypercalcaemia,
    is_snoozed,
    overridden,
)


def test_migrations_go_forward_back_and_forward_again(url: str) -> None:
    database = Database(url)
    assert migrate.current(database) == ""
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.NEWEST == "0005"
    migrate.downgrade(database)
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    migrate.upgrade(database)
    assert set(metadata.tables) < set(inspect(database.engine).get_table_names())
    database.close()


def test_the_newest_revision_is_that_of_the_last_migration() -> None:
    assert ScriptDirectory(str(Path(migrate.__file__).parent / "migrations")).get_current_head() == migrate.NEWEST


def test_migrated_tables_are_those_that_the_code_describes(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_several_workers_may_migrate_at_once(url: str) -> None:
    databases = [Database(url, timeout=10) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate.upgrade, databases))
    assert {migrate.current(database) for database in databases} == {"0005"}
    for database in databases:
        database.close()


def test_opening_again_keeps_what_was_there(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
    first = open_store(url)
    first.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    first.close()
    assert open_store(url).record_feedback([overridden(1, clock())], NORTH, SERVICE).repeated == 1


def test_tables_of_a_newer_version_are_left_alone(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
    database = Database(url)
    migrate.upgrade(database)
    with database.writing("playing a newer version") as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store = open_store(url)
    assert not store.health().ready
    with pytest.raises(StoreUnavailable, match="revision"):
        store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    assert migrate.current(database) == "9999"
    database.close()


def test_a_store_told_not_to_migrate_says_what_is_missing(url: str, open_store: Callable[..., Store]) -> None:
    store = open_store(url, migrate_on_open=False)
    assert not store.health().ready
    with pytest.raises(StoreUnavailable, match="tables of another revision"):
        store.check()


def test_an_unknown_revision_is_named(url: str) -> None:
    database = Database(url)
    with pytest.raises(ValueError, match=r"nowhere.*newest revision is 0005"):
        migrate.upgrade(database, "nowhere")
    database.close()


def test_the_migrations_lie_inside_the_package() -> None:
    code = "from importlib.resources import files as f; p = f('cds_service.service.store.migrations')"
    code += "; print((p / 'env.py').is_file(), (p / 'script.py.mako').is_file(), any((p / 'versions').iterdir()))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["True"] * 3


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("not a url", "write sqlite:///"),
        ("mysql://user:hidden-word@host/db", "known are sqlite and postgresql"),
        ("postgresql://cds:hidden-word@more@host/db", "%40"),
        ("postgresql://cds:hidden-word@host:port/db", "is not a URL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_a_url_that_cannot_serve_is_refused_without_its_password(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        read_url(url)
    assert "hidden-word" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_psycopg_3(scheme: str) -> None:
    assert read_url(f"{scheme}://user@host/db").drivername == "postgresql+psycopg"


def test_a_short_secret_is_refused(tmp_path: object) -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Store(f"sqlite:///{tmp_path}/store.db", SECRET[:8])


def test_a_store_of_before_users_were_known_keeps_what_it_holds(
    url: str, open_store: Callable[..., Store], clock: Clock
) -> None:
    database = Database(url)
    migrate.upgrade(database, "0003")
    now, keys = metadata.tables["shown_cards"], Keys(SECRET)
    rows = [
        row
        | {"client": NORTH.client, "tenant": NORTH.tenant, "shown_at": clock(), "patient_key": keys.patient(NORTH, "p")}
        for row in (
            {"card_id": card_id(1), "indicator": "critical", "topic": "hypercalcaemia"},
            {"card_id": card_id(2), "indicator": "warning", "topic": "oxygen"},
        )
    ]
    old = table(
        "shown_cards", *(column(one.name, one.type) for one in now.c if one.name not in {"user_key", "done_at"})
    )
    plain = {one.name: "" for one in old.c}
    with database.writing("playing an older version") as connection:
        for row in rows:
            values = plain | {"standing": "shown", "parameters": {}, "evidence": keys.evidence(("a sign",))} | row
            connection.execute(insert(old).values(values))
    database.close()
    store = open_store(url)
    assert [row.topic for row in store.card_rows()] == ["hypercalcaemia", "oxygen"]
    store.record_feedback([overridden(1, clock()), overridden(2, clock())], NORTH, SERVICE)
    seen = {"evidence": ("a sign",)}
    assert not is_snoozed(store, clock, hypercalcaemia(1, **seen), patient="p"), "nobody knows who put it off"
    assert is_snoozed(store, clock, hypercalcaemia(2, topic="oxygen", indicator="warning", **seen), patient="p")
    assert store.record_shown(answer(clock(), hypercalcaemia(3))) and store.flush()
    assert len(list(store.card_rows())) == 3
