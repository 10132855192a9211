"""One database, SQLite in WAL mode or PostgreSQL, behind short time limits and one kind of error."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import Any, ClassVar, Protocol

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from cds_service.service.store.records import StoreUnavailable

PAUSE_AFTER_TROUBLE = 1.0
"""Seconds in which a database that just failed is not asked again: a hanging host must not hold every thread."""


def read_url(url: str) -> URL:
    """Read ``sqlite:///path`` or ``postgresql://...``; raises ValueError without quoting a password."""
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise ValueError("the store's url is not a URL; write sqlite:///path/to/file.db or postgresql://...") from None
    if read.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        if url.count("@") > 1:  # one in a password would split it anywhere, also at a / or ? that follows
            raise ValueError("the store's url has more than one @: write one in its password as %40")
        return read.set(drivername="postgresql+psycopg")
    if read.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise ValueError(f"the store's url begins with {read.drivername}; known are sqlite and postgresql")
    if read.database in (None, "", ":memory:"):
        raise ValueError(
            "the store's url names no file: an in-memory database is lost with its thread; "
            "write sqlite:///path/to/file.db"
        )
    return read


class UsedTokens(Protocol):
    """The table of used tokens, asked on every call by connections of its own; may raise ``errors`` and SQLAlchemy's."""

    errors: ClassVar[tuple[type[Exception], ...]]

    def mark(self, row: Mapping[str, str | int | None]) -> bool:
        """Insert a row; False when it is there already, unless it was for the same call, which takes that away from it."""

    def close(self) -> None: ...


class Database:
    """Connections with time limits. A transaction that fails for any reason raises StoreUnavailable."""

    def __init__(self, url: str, timeout: float = 2.0) -> None:
        self.url = read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._dialect = import_module(
            f"{__package__}.{'sqlite' if self.is_sqlite else 'postgresql'}"
        )  # drivers are heavy
        self.engine: Engine = self._dialect.open_engine(self.url, timeout)
        self._paused_until = 0.0
        self._last_cause = ""

    def used_tokens(self, patience: float) -> UsedTokens:
        """Open the table of used tokens for calls that wait no longer than ``patience`` seconds."""
        opened: UsedTokens = self._dialect.UsedTokens(self.url, patience)
        return opened

    @contextmanager
    def reading(self, doing: str, *, patient: bool = False, snapshot: bool = False) -> Iterator[Connection]:
        """Open a transaction that only reads and never waits for a writer; ``patient`` ones may outlast the limit.

        In a ``snapshot`` nothing changes meanwhile; in SQLite every transaction is one.
        """
        options = {"reading": True} | (
            {"isolation_level": "REPEATABLE READ"} if snapshot and not self.is_sqlite else {}
        )
        with self._transaction(doing, options, patient) as connection:
            yield connection

    @contextmanager
    def writing(self, doing: str, *, patient: bool = False) -> Iterator[Connection]:
        """Open a transaction that is committed, and on disk, when the block has ended."""
        with self._transaction(doing, {}, patient) as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _transaction(self, doing: str, options: dict[str, Any], patient: bool) -> Iterator[Connection]:
        if time.monotonic() < self._paused_until:
            raise StoreUnavailable(doing, f"{self._last_cause}, a moment ago")
        try:
            with (
                self.engine.connect().execution_options(**options) as connection,
                connection.begin(),
                self._dialect.patiently(connection) if patient and not self.is_sqlite else nullcontext(),
            ):
                yield connection
        except (SQLAlchemyError, OSError) as error:
            cause, row_at_fault = _cause(error), _row_at_fault(error)
            if cause != "busy" and not row_at_fault:
                self._last_cause = cause
                self._paused_until = time.monotonic() + PAUSE_AFTER_TROUBLE
            raise StoreUnavailable(doing, cause, row_at_fault) from None  # the driver's text may quote a row
        self._paused_until = 0.0


def _cause(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorname", "") or ""
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "busy"
    return code or type(original).__name__


def _row_at_fault(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return isinstance(error, DataError | IntegrityError)
    return isinstance(error, StatementError)  # a value that could not even be sent
