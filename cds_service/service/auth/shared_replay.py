"""Used tokens in the store's database, so that every worker and node refuses what any of them has accepted.

Every call asks, so nothing here waits longer than :data:`PATIENCE`, and a database in trouble is asked by one call a
second only; connections to PostgreSQL are made beside the calls.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

import psycopg
from psycopg_pool import ConnectionPool
from sqlalchemy import URL, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SQLAlchemyError

from cds_service.service.auth.replay import ReplayStoreBusy, ReplayStoreDown
from cds_service.service.breaker import Breaker
from cds_service.service.store.database import Database
from cds_service.service.store.postgresql import PunctualConnection, connection_settings
from cds_service.service.store.tables import used_tokens

PATIENCE = 0.25
"""Seconds that a call waits for the database."""
PAUSE_AFTER_TROUBLE = 1.0
"""Seconds in which a database that just failed is not asked again."""

Row = dict[str, str | int]

logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # we say it ourselves, once


class SharedReplay:
    """Remembers in the store that all workers and nodes share; its used tokens' primary key says who was first.

    The store's own purge forgets what has expired.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._marks: _Marks = _InSqlite(database.url) if database.is_sqlite else _InPostgresql(database.url)
        self._breaker = Breaker(failures_to_open=1, rest_s=PAUSE_AFTER_TROUBLE, clock=clock)

    def first_use(self, issuer: str, jti: str, expires: datetime) -> bool:
        """Mark a token as used; raises ``ReplayStoreDown`` when the database does not answer."""
        if not self._breaker.admits():
            raise ReplayStoreDown("resting after an earlier failure")
        hashed = sha256(jti.encode("utf-8", "surrogatepass")).hexdigest()
        row: Row = {"issuer": issuer, "jti_hash": hashed, "expires_at": int(expires.timestamp()) + 1}
        try:
            first = self._marks.mark(row)
        except (SQLAlchemyError, sqlite3.Error, psycopg.Error) as problem:
            busy = _is_busy(problem)
            self._breaker.record(well=busy)
            raise (ReplayStoreBusy if busy else ReplayStoreDown)(type(problem).__name__) from None
        self._breaker.record(well=True)
        return first

    def close(self) -> None:
        """Let go of the connections."""
        self._marks.close()


class _Marks(Protocol):
    def mark(self, row: Row) -> bool:
        """Insert a row; False when it is there already."""

    def close(self) -> None: ...


def _is_busy(problem: Exception) -> bool:
    """Tell a writer in the way, which the next call may not meet, from a database in trouble."""
    return str(getattr(problem, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


class _InSqlite:
    """Connections of our own that do not wait for the disk, used by the driver's own cursor, since every call pays.

    The store's wait for the disk at each commit, as feedback must outlive a power cut. A used token need only outlive the
    process. Not OFF: that would let a checkpoint of ours lose what others have committed.
    """

    def __init__(self, url: URL) -> None:
        self._engine = create_engine(
            url,
            connect_args={"timeout": PATIENCE, "isolation_level": None, "check_same_thread": False},
            pool_size=4,
            max_overflow=4,
            pool_timeout=PATIENCE,
            hide_parameters=True,
        )
        insert = sqlite.insert(used_tokens).on_conflict_do_nothing()
        self._statement = str(insert.compile(dialect=sqlite.dialect(paramstyle="named")))

        @event.listens_for(self._engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA synchronous=NORMAL")

    def mark(self, row: Row) -> bool:
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self._statement, row)
            return cursor.rowcount == 1
        finally:
            connection.close()

    def close(self) -> None:
        self._engine.dispose()


class _InPostgresql:
    """Connections that a thread of the pool makes and makes anew, so that no call waits for one to be made."""

    STATEMENT = (
        f"INSERT INTO {used_tokens.name} (issuer, jti_hash, expires_at)"  # noqa: S608  # a constant name
        " VALUES (%(issuer)s, %(jti_hash)s, %(expires_at)s) ON CONFLICT DO NOTHING"
    )

    def __init__(self, url: URL) -> None:
        self._pool = ConnectionPool(
            url.set(drivername="postgresql").render_as_string(hide_password=False),
            connection_class=_CallersConnection,
            kwargs=connection_settings(PATIENCE) | {"autocommit": True},
            min_size=1,
            max_size=4,
            timeout=PATIENCE,
            max_waiting=64,
            reconnect_timeout=PAUSE_AFTER_TROUBLE,
            open=True,
        )

    def mark(self, row: Row) -> bool:
        with self._pool.connection() as connection:
            return connection.execute(self.STATEMENT.encode(), row).rowcount == 1

    def close(self) -> None:
        self._pool.close(timeout=PAUSE_AFTER_TROUBLE)


class _CallersConnection(PunctualConnection):
    limit = PATIENCE
