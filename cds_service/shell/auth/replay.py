"""Each token is used once: its jti is remembered until the token has expired everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from threading import Lock, Thread
from typing import Protocol

from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, delete, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.sql.dml import Insert


class ReplayStoreDown(Exception):
    """It cannot be told whether a token was used before."""


class ReplayStore(Protocol):
    """Remembers used tokens."""

    def first_use(self, key: str, expires: datetime) -> bool:
        """Mark the key as used until ``expires``; False when it was marked before. Raises ``ReplayStoreDown``."""
        ...


def replay_key(issuer: str, token_id: str) -> str:
    """Return what stands for a token in the store. A jti is unique to its issuer only; neither need be legible."""
    return sha256(f"{len(issuer)} {issuer} {token_id}".encode("utf-8", "surrogatepass")).hexdigest()


class LocalReplay:
    """Remembers within one process: for one worker, for development, and when the shared store is down."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._used: dict[str, float] = {}
        self._lock = Lock()
        self._clock = clock
        self._sweep_at = 1024

    def first_use(self, key: str, expires: datetime) -> bool:
        """Mark the key as used."""
        with self._lock:
            if len(self._used) >= self._sweep_at:
                self._sweep()
            if key in self._used:
                return False
            self._used[key] = expires.timestamp()
            return True

    def _sweep(self) -> None:
        now = self._clock()
        self._used = {key: until for key, until in self._used.items() if until >= now}
        self._sweep_at = max(1024, 2 * len(self._used))  # so that sweeping costs a constant share of each use


def used_tokens_table(metadata: MetaData) -> Table:
    """Define the table of used tokens: hash of issuer and jti, and when (seconds since 1970) it may be forgotten."""
    return Table(
        "used_tokens",
        metadata,
        Column("token", String(64), primary_key=True),
        Column("expires", BigInteger, nullable=False, index=True),
        sqlite_with_rowid=False,
    )


class SharedReplay:
    """Remembers in a database that all worker processes and nodes share; the primary key decides who was first."""

    def __init__(
        self,
        engine: Engine,
        table: Table,
        *,
        clock: Callable[[], float] = time.time,
        purge_every: float = 600.0,
    ) -> None:
        # One statement is one transaction: autocommit saves two round trips.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._table = table
        self._insert = _insert_once(engine, table)
        self._clock = clock
        self._purge_every = purge_every
        self._purge_at = clock() + purge_every

    def first_use(self, key: str, expires: datetime) -> bool:
        """Mark the key as used; raises ``ReplayStoreDown`` when the database does not answer."""
        try:
            with self._engine.connect() as connection:
                first = connection.execute(self._insert, {"token": key, "expires": int(expires.timestamp()) + 1})
                return first.rowcount == 1
        except IntegrityError:
            return False
        except SQLAlchemyError as problem:
            raise ReplayStoreDown(type(problem).__name__) from problem
        finally:
            self._purge_sometimes()

    def purge(self, now: datetime) -> int:
        """Forget the tokens that have expired; return how many."""
        with self._engine.connect() as connection:
            gone = connection.execute(delete(self._table).where(self._table.c.expires < int(now.timestamp())))
            return gone.rowcount

    def _purge_sometimes(self) -> None:
        now = self._clock()
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

    def first_use(self, key: str, expires: datetime) -> bool:
        """Mark the key as used in both; a replay that either knows is refused."""
        first_here = self._local.first_use(key, expires)
        try:
            return self._shared.first_use(key, expires) and first_here
        except ReplayStoreDown:
            self.misses += 1
            return first_here


def _insert_once(engine: Engine, table: Table) -> Insert:
    if engine.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    if engine.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return insert(table)  # elsewhere the conflict is an IntegrityError
