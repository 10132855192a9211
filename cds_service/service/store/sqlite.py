"""SQLite in WAL mode: one file, several processes, every commit on disk before it returns."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import URL, Connection, Engine, event

from cds_service.service.store.pool import open_pool
from cds_service.service.store.tables import MARK_USED, used_tokens


def open_engine(url: URL, timeout: float) -> Engine:
    """Open a file in WAL mode with synchronous=FULL: a commit has reached the disk when it returns."""
    path = Path(str(url.database))
    engine = _pool(url, timeout)

    @event.listens_for(engine, "do_connect")
    def make_folder(*_: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # SQLite gives the files beside it the same mode
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))

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


class UsedTokens:
    """Connections of our own that do not wait for the disk, used by the driver's own cursor, since every call pays.

    The store's wait for the disk at each commit, as feedback must outlive a power cut. A used token need only outlive the
    process. Not OFF: that would let a checkpoint of ours lose what others have committed.
    """

    STATEMENT = MARK_USED.format_map({column.name: f":{column.name}" for column in used_tokens.c})
    errors: ClassVar[tuple[type[Exception], ...]] = (sqlite3.Error,)

    def __init__(self, url: URL, patience: float) -> None:
        self._engine = _pool(url, patience)

        @event.listens_for(self._engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA synchronous=NORMAL")

    def mark(self, row: Mapping[str, str | int | None]) -> bool:
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self.STATEMENT, row)
            return cursor.rowcount == 1
        finally:
            connection.close()

    def close(self) -> None:
        self._engine.dispose()


def _pool(url: URL, timeout: float) -> Engine:
    """Connections that wait ``timeout`` seconds for a lock, each in no transaction but those we begin."""
    return open_pool(url, timeout, {"timeout": timeout, "isolation_level": None, "check_same_thread": False})


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
