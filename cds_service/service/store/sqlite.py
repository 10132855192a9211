"""SQLite in WAL mode: one file, several processes, every commit on disk before it returns."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from cds_service.service.store.json_columns import decode, encode


def open_engine(url: URL, timeout: float) -> Engine:
    """Open a file in WAL mode with synchronous=FULL: a commit has reached the disk when it returns."""
    path = Path(str(url.database))
    engine = create_engine(
        url,
        connect_args={"timeout": timeout, "isolation_level": None, "check_same_thread": False},
        pool_size=4,
        max_overflow=4,
        pool_timeout=timeout,
        hide_parameters=True,
        json_serializer=encode,
        json_deserializer=decode,
    )

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
