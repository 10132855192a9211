"""The whole store in one file, of either database and for either: gzipped JSON lines, read in one transaction.

The first line names the revision of the tables, the last one how many rows there are: a file that was cut off is no backup.
The store's secret is not in it.
"""

from __future__ import annotations

import gzip
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from sqlalchemy import Connection, Table, delete, func, insert, select

from cds_service.service.store import migrate
from cds_service.service.store.database import Database
from cds_service.service.store.tables import UtcDateTime, metadata

ROWS_AT_ONCE = 500


class NoBackup(ValueError):
    """The file is not a whole backup of this version's tables; the text says what is wrong."""


def write(database: Database, file: Path) -> int:
    """Write everything to a new file that only its owner may read; gives how many rows. Raises StoreUnavailable, OSError."""
    new = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    count = 0
    try:
        with (
            os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw,
            gzip.GzipFile(fileobj=raw, mode="wb", filename="") as out,
            database.reading("backing up", patient=True, snapshot=True) as connection,
        ):
            out.write(_line({"revision": migrate.NEWEST}))
            for table in metadata.sorted_tables:
                query = select(table).execution_options(yield_per=ROWS_AT_ONCE)
                with connection.execute(query) as result:
                    for row in result.mappings():
                        values = {str(name): value for name, value in row.items()}
                        out.write(_line({"table": str(table.name), "row": values}))
                        count += 1
            out.write(_line({"rows": count}))
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
    return count


def restore(database: Database, file: Path) -> int:
    """Put a backup into a store that is empty; all of it or nothing. Raises :class:`NoBackup`, StoreUnavailable, OSError."""
    with file.open("rb") as raw:
        _check(raw)
        raw.seek(0)
        migrate.upgrade(database)
        with database.writing("restoring", patient=True) as connection:
            _refuse_a_store_in_use(connection)
            count = _fill(connection, raw)
            _go_on_counting(connection)
    return count


def _check(raw: BinaryIO) -> None:
    """Read it to the end before anything is written."""
    lines = _lines(raw)
    head = next(lines, {})
    if head.get("revision") != migrate.NEWEST:
        found = head.get("revision", "nothing of ours")
        raise NoBackup(f"this is a backup of revision {found}; this version's tables are {migrate.NEWEST}")
    count, last = 0, head
    for line in lines:
        count, last = count + ("row" in line), line
    if last.get("rows") != count:
        raise NoBackup(f"the backup is not whole: {count} rows, and no word that these are all")


def _fill(connection: Connection, raw: BinaryIO) -> int:
    waiting: list[dict[str, Any]] = []
    table, count = metadata.sorted_tables[0], 0

    def put() -> None:
        if waiting:
            connection.execute(insert(table), waiting)
            waiting.clear()

    for line in _lines(raw):
        if "row" not in line:
            continue
        if line["table"] != table.name or len(waiting) >= ROWS_AT_ONCE:
            put()
            table = metadata.tables[line["table"]]
        waiting.append(_read(table, line["row"]))
        count += 1
    put()
    return count


def _refuse_a_store_in_use(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        if table.name == "audit_chain":  # made with the tables
            connection.execute(delete(table))
        elif connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise NoBackup(f"the store is in use: {table.name} has rows; restore into an empty database")


def _go_on_counting(connection: Connection) -> None:
    """Let PostgreSQL number new rows after those that came with their numbers."""
    if connection.dialect.name == "sqlite":
        return
    for table in metadata.sorted_tables:
        if "id" in table.c:
            newest = connection.execute(select(func.coalesce(func.max(table.c.id), 1))).scalar_one()
            connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), newest)))


def _read(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    moments = {column.name for column in table.c if isinstance(column.type, UtcDateTime)}
    return {name: _moment(value) if name in moments else value for name, value in row.items()}


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).astimezone(UTC)


def _line(value: dict[str, Any]) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _lines(raw: BinaryIO) -> Iterator[dict[str, Any]]:
    try:
        with gzip.GzipFile(fileobj=raw, mode="rb") as lines:
            for line in lines:
                yield msgspec.json.decode(line, type=dict[str, Any])
    except (EOFError, gzip.BadGzipFile, msgspec.MsgspecError) as error:
        raise NoBackup(f"the file is damaged or no backup ({type(error).__name__})") from None
