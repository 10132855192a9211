"""Each token is used once: its jti is remembered until the token has expired everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from threading import Lock, Thread
from typing import Any, Protocol

from sqlalchemy import Engine, create_engine, delete, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import Insert

from cds_service.shell.store.database import Database
from cds_service.shell.store.tables import used_tokens

PAUSE_AFTER_TROUBLE = 1.0
"""Seconds in which a database that just failed is not asked again: a hanging host must not hold every thread."""


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
    """Remembers in the store that all workers and nodes share; its used tokens' primary key says who was first."""

    def __init__(
        self, database: Database, *, clock: Callable[[], float] = time.time, purge_every: float = 600.0
    ) -> None:
        self._engine = _own_sqlite(database) if database.is_sqlite else database.engine
        # One statement is one transaction: autocommit saves two round trips.
        self._engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._insert = _insert_once(database)
        self._clock = clock
        self._purge_every = purge_every
        self._purge_at = clock() + purge_every
        self._resting_until = float("-inf")

    def first_use(self, issuer: str, jti: str, expires: datetime) -> bool:
        """Mark a token as used; raises ``ReplayStoreDown`` when the database does not answer."""
        now = self._clock()
        if now < self._resting_until:
            raise ReplayStoreDown("resting after an earlier failure")
        hashed = sha256(jti.encode("utf-8", "surrogatepass")).hexdigest()
        row = {"issuer": issuer, "jti_hash": hashed, "expires_at": int(expires.timestamp()) + 1}
        try:
            with self._engine.connect() as connection:
                first = connection.execute(self._insert, row).rowcount == 1
        except SQLAlchemyError as problem:
            self._resting_until = now + PAUSE_AFTER_TROUBLE
            raise ReplayStoreDown(type(problem).__name__) from None
        self._purge_sometimes(now)
        return first

    def purge(self, now: datetime) -> int:
        """Forget the tokens that have expired; return how many."""
        old = used_tokens.c.expires_at < int(now.timestamp())
        with self._engine.connect() as connection:
            return connection.execute(delete(used_tokens).where(old)).rowcount

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def _purge_sometimes(self, now: float) -> None:
        if now >= self._purge_at:
            self._purge_at = now + self._purge_every
            Thread(target=self._purge_quietly, args=(now,), name="purge-tokens", daemon=True).start()

    def _purge_quietly(self, now: float) -> None:
        try:
            self.purge(datetime.fromtimestamp(now, UTC))
        except SQLAlchemyError:
            return  # the next purge takes these along


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


def _insert_once(database: Database) -> Insert:
    if database.is_sqlite:
        return sqlite.insert(used_tokens).on_conflict_do_nothing()
    return postgresql.insert(used_tokens).on_conflict_do_nothing()
