"""One database, SQLite in WAL mode or PostgreSQL, behind short time limits and one kind of error."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from cds_service.service.store.records import StoreUnavailable

PAUSE_AFTER_TROUBLE = 1.0
"""Seconds in which a database that just failed is not asked again: a hanging host must not hold every thread."""


def read_url(url: str) -> URL:
    """Read ``sqlite:///path`` or ``postgresql://...``; raises ValueError without quoting a password."""
    try:
        read = make_url(url)
    except ArgumentError:
        raise ValueError("the store's url is not a URL; write sqlite:///path/to/file.db or postgresql://...") from None
    if read.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return read.set(drivername="postgresql+psycopg")
    if read.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise ValueError(f"the store's url begins with {read.drivername}; known are sqlite and postgresql")
    if read.database in (None, "", ":memory:"):
        raise ValueError(
            "the store's url names no file: an in-memory database is lost with its thread; "
            "write sqlite:///path/to/file.db"
        )
    return read


class Database:
    """Connections with time limits. A transaction that fails for any reason raises StoreUnavailable."""

    def __init__(self, url: str, timeout: float = 2.0) -> None:
        self.url = read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url, timeout) if self.is_sqlite else _postgresql(self.url, timeout)
        self._resting_until = 0.0
        self._last_cause = ""

    @contextmanager
    def reading(self, doing: str, *, patient: bool = False) -> Iterator[Connection]:
        """Open a transaction that only reads and never waits for a writer; ``patient`` ones may outlast the limit."""
        with self._transaction(doing, {"reading": True}, patient) as connection:
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
        if time.monotonic() < self._resting_until:
            raise StoreUnavailable(doing, f"{self._last_cause}, a moment ago")
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                if patient and not self.is_sqlite:
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                yield connection
        except (SQLAlchemyError, OSError) as error:
            cause, row_at_fault = _cause(error), _row_at_fault(error)
            if cause != "busy" and not row_at_fault:
                self._last_cause = cause
                self._resting_until = time.monotonic() + PAUSE_AFTER_TROUBLE
            raise StoreUnavailable(doing, cause, row_at_fault) from None  # the driver's text may quote a row
        self._resting_until = 0.0


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


def _sqlite(url: URL, timeout: float) -> Engine:
    """Open a file in WAL mode with synchronous=FULL: a commit has reached the disk when it returns."""
    path = Path(str(url.database))
    engine = create_engine(
        url,
        connect_args={"timeout": timeout, "isolation_level": None, "check_same_thread": False},
        pool_size=4,
        max_overflow=4,
        pool_timeout=timeout,
        hide_parameters=True,
        json_serializer=_json,
        json_deserializer=msgspec.json.decode,
    )

    @event.listens_for(engine, "do_connect")
    def make_folder(*_: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        _into_wal_mode(connection, timeout)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=FAST", "journal_size_limit=67108864"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Python's own BEGIN is deferred: two writers that both read first would fail at once instead of waiting.
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _into_wal_mode(connection: Any, timeout: float) -> None:
    """Switch to WAL; SQLite does not wait here when another process does the same, so we do."""
    until = time.monotonic() + timeout
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except Exception as error:
            if not str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _postgresql(url: URL, timeout: float) -> Engine:
    milliseconds = int(timeout * 1000)
    return create_engine(
        url,
        connect_args={
            "connect_timeout": max(2, int(timeout)),  # libpq takes no less than 2 s
            "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds} -c timezone=UTC"
            " -c synchronous_commit=on",
            "tcp_user_timeout": milliseconds,
            "application_name": "cds-service",
        },
        pool_size=4,
        max_overflow=4,
        pool_timeout=timeout,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=_json,
        json_deserializer=msgspec.json.decode,
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
