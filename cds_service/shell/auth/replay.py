"""Each token is used once: its jti is remembered until the token has expired everywhere."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Any, Protocol

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from cds_service.shell.store.database import Database
from cds_service.shell.store.tables import used_tokens

PAUSE_AFTER_TROUBLE = 1.0
"""Seconds in which a database that just failed is not asked again: a hanging host must not hold every thread."""


Row = dict[str, str | int]


class ReplayStoreDown(Exception):
    """It cannot be told whether a token was used before."""


class ReplayStore(Protocol):
    """Remembers used tokens."""

    def first_use(self, issuer: str, jti: str, expires: datetime) -> bool:
        """Mark a token as used until ``expires``; False when it was marked before. Raises ``ReplayStoreDown``."""
        ...


class LocalReplay:
    """Remembers within one process: for one worker, for development, and while the shared store is down."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._used: dict[tuple[str, str], float] = {}
        self._lock = Lock()
        self._clock = clock
        self._sweep_at = 1024

    def first_use(self, issuer: str, jti: str, expires: datetime) -> bool:
        """Mark a token as used."""
        with self._lock:
            if len(self._used) >= self._sweep_at:
                self._sweep()
            if (issuer, jti) in self._used:
                return False
            self._used[issuer, jti] = expires.timestamp()
            return True

    def _sweep(self) -> None:
        now = self._clock()
        self._used = {token: until for token, until in self._used.items() if until >= now}
        self._sweep_at = max(1024, 2 * len(self._used))  # so that sweeping costs a constant share of each use


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


class SharedElseLocal:
    """Asks the shared store and, while it is down, only this process: for deployments that rather go on answering."""

    def __init__(self, shared: ReplayStore, local: ReplayStore) -> None:
        self._shared = shared
        self._local = local
        self.misses = 0

    def first_use(self, issuer: str, jti: str, expires: datetime) -> bool:
        """Mark a token as used in both; a replay that either knows is refused."""
        if not self._local.first_use(issuer, jti, expires):
            return False
        try:
            return self._shared.first_use(issuer, jti, expires)
        except ReplayStoreDown:
            self.misses += 1
            return True


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
