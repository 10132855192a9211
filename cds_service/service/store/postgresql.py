"""PostgreSQL, with every wait ended on our side: a server that is frozen keeps no time limit of its own.

A server that only reads, as one that stood first and no longer does, is left: a new connection may find the one that is first now.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import ConnectionPool
from sqlalchemy import URL, Connection, Engine, ExceptionContext, event

from cds_service.service.store.pool import open_pool
from cds_service.service.store.tables import MARK_USED, used_tokens

logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # we say it ourselves, once

PATIENCE = 600.0
"""Seconds that one statement of a migration, a report or a purge may take."""


RECONNECT_WITHIN = 1.0
"""Seconds in which a lost connection for used tokens is tried again."""


class PunctualConnection(psycopg.Connection[Any]):
    """A connection on which no statement waits longer than ``limit`` seconds; it is closed when one has."""

    limit: float | None = 2.0

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server; raises ``psycopg.OperationalError`` when it did not answer in time."""
        try:
            return super().wait(gen, interval, self.limit if timeout is None else timeout)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()  # an answer that comes after all must not be taken for that of the next statement
            raise psycopg.OperationalError("the server did not answer in time") from None


def open_engine(url: URL, timeout: float) -> Engine:
    """Open connections that answer within ``timeout`` seconds, by the server's own limits and by ours."""
    engine = open_pool(url, timeout, connection_settings(timeout), pre_ping=True)

    @event.listens_for(engine, "do_connect")
    def connect(_: Any, __: Any, arguments: list[Any], settings: dict[str, Any]) -> PunctualConnection:
        made: PunctualConnection = PunctualConnection.connect(*arguments, **settings)
        made.limit = timeout
        return made

    @event.listens_for(engine, "handle_error")
    def leave_who_only_reads(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, ReadOnlySqlTransaction):
            context.is_disconnect = True

    return engine


def connection_settings(timeout: float) -> dict[str, Any]:
    """What every connection of ours asks of libpq and the server; ``timeout`` in seconds."""
    milliseconds = int(timeout * 1000)
    return {
        "connect_timeout": max(2, int(timeout)),  # libpq takes no less than 2 s
        "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds} -c timezone=UTC",
        "tcp_user_timeout": milliseconds,
        "application_name": "cds-service",
        "client_encoding": "utf8",  # else text of a database that has none comes as bytes
    }


@contextmanager
def patiently(connection: Connection) -> Iterator[None]:
    """Let the statements of one transaction, such as those of a migration or a report, take minutes."""
    driver: Any = connection.connection.driver_connection
    limit, driver.limit = driver.limit, PATIENCE
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    try:
        yield
    finally:
        driver.limit = limit


class UsedTokens:
    """Connections that a thread of the pool makes and makes anew, so that no call waits for one to be made."""

    STATEMENT = MARK_USED.format_map({column.name: f"%({column.name})s" for column in used_tokens.c}).encode()
    errors: ClassVar[tuple[type[Exception], ...]] = (psycopg.Error,)

    def __init__(self, url: URL, patience: float) -> None:
        class Impatient(PunctualConnection):
            limit = patience

        self._pool = ConnectionPool(
            url.set(drivername="postgresql").render_as_string(hide_password=False),
            connection_class=Impatient,
            kwargs=connection_settings(patience) | {"autocommit": True},
            min_size=1,
            max_size=4,
            timeout=patience,
            max_waiting=64,
            reconnect_timeout=RECONNECT_WITHIN,
            open=True,
        )

    def mark(self, row: Mapping[str, str | int | None]) -> bool:
        with self._pool.connection() as connection:
            try:
                return connection.execute(self.STATEMENT, row).rowcount == 1
            except ReadOnlySqlTransaction:
                connection.close()
                raise

    def close(self) -> None:
        self._pool.close(timeout=RECONNECT_WITHIN)
