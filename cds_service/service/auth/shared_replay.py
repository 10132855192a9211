"""Used tokens in the store's database, so that every worker and node refuses what any of them has accepted."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from cds_service.service.auth.replay import ReplayStoreDown
from cds_service.service.store.database import Database
from cds_service.service.store.tables import used_tokens

PAUSE_AFTER_TROUBLE = 1.0
"""Seconds in which a database that just failed is not asked again: a hanging host must not hold every thread."""

Row = dict[str, str | int]


class SharedReplay:
    """Remembers in the store that all workers and nodes share; its used tokens' primary key says who was first.

    The store's own purge forgets what has expired.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        # One statement is one transaction: autocommit saves two round trips.
        engine = _own_sqlite(database) if database.is_sqlite else database.engine
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._mark = _mark_in_sqlite(engine) if database.is_sqlite else _mark_in_postgresql(self._engine)
        self._clock = clock
        self._resting_until = float("-inf")

    def first_use(self, issuer: str, jti: str, expires: datetime) -> bool:
        """Mark a token as used; raises ``ReplayStoreDown`` when the database does not answer."""
        now = self._clock()
        if now < self._resting_until:
            raise ReplayStoreDown("resting after an earlier failure")
        hashed = sha256(jti.encode("utf-8", "surrogatepass")).hexdigest()
        row: Row = {"issuer": issuer, "jti_hash": hashed, "expires_at": int(expires.timestamp()) + 1}
        try:
            return self._mark(row)
        except (SQLAlchemyError, sqlite3.Error) as problem:
            if not _is_busy(problem):
                self._resting_until = now + PAUSE_AFTER_TROUBLE
            raise ReplayStoreDown(type(problem).__name__) from None

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()


def _is_busy(problem: Exception) -> bool:
    """Tell a writer in the way, which the next call may not meet, from a database in trouble."""
    return str(getattr(problem, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _own_sqlite(database: Database) -> Engine:
    """Open connections of our own that do not wait for the disk.

    The store's wait for it at each commit, as feedback must outlive a power cut. A used token need only outlive the
    process. Not OFF: that would let a checkpoint of ours lose what others have committed.
    """
    engine = create_engine(
        database.url,
        connect_args={"timeout": 2.0, "isolation_level": None, "check_same_thread": False},
        pool_size=4,
        max_overflow=4,
        pool_timeout=2.0,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


def _mark_in_sqlite(engine: Engine) -> Callable[[Row], bool]:
    """Insert with the driver's own cursor: every call pays for this, and the layers above cost more than it."""
    statement = str(
        sqlite.insert(used_tokens).on_conflict_do_nothing().compile(dialect=sqlite.dialect(paramstyle="named"))
    )

    def mark(row: Row) -> bool:
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(statement, row)
            return cursor.rowcount == 1
        finally:
            connection.close()

    return mark


def _mark_in_postgresql(engine: Engine) -> Callable[[Row], bool]:
    # RETURNING gives the row that was inserted, and none on conflict; rowcount is not kept for inserts.
    statement = postgresql.insert(used_tokens).on_conflict_do_nothing().returning(used_tokens.c.jti_hash)

    def mark(row: Row) -> bool:
        with engine.connect() as connection:
            return connection.execute(statement, row).first() is not None

    return mark
