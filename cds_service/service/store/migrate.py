"""Bring the tables to a form, forward or back; several workers may try at once and one does it.

Alembic is imported when there is something to migrate: with all that it brings it takes a sixth of the start-up.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from cds_service.service.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0005"
"""The revision that this version of the service works with."""
_LOCK = 0x0C0DE5  # PostgreSQL's advisory lock of our migrations; any fixed number


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate forward, by default to the newest form; raises StoreUnavailable, ValueError for an unknown revision."""
    if revision == "head" and current(database) == NEWEST:
        return
    from alembic import command

    with database.writing("migrating forward", patient=True) as connection:
        _wait_for_turn(database, connection)
        _run(lambda config: command.upgrade(config, revision), connection)


def downgrade(database: Database, revision: str = "base") -> None:
    """Migrate back; what the older form has no place for is lost. Raises StoreUnavailable, ValueError."""
    from alembic import command

    with database.writing("migrating back", patient=True) as connection:
        _wait_for_turn(database, connection)
        _run(lambda config: command.downgrade(config, revision), connection)


def current(database: Database) -> str:
    """Say the revision that the database has; empty when it has no tables of ours. Raises StoreUnavailable."""
    with database.reading("reading the revision") as connection:
        if not inspect(connection).has_table(_REVISIONS):
            return ""
        return connection.execute(select(column("version_num")).select_from(table(_REVISIONS))).scalar() or ""


_REVISIONS = "alembic_version"
"""The table in which Alembic keeps the revision."""


def _run(step: Callable[[Config], None], connection: Connection) -> None:
    from alembic.util.exc import CommandError

    config = _config()
    config.attributes["connection"] = connection
    try:
        step(config)
    except CommandError as error:
        raise ValueError(f"{error}; the newest revision is {NEWEST}") from None


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


def _wait_for_turn(database: Database, connection: Connection) -> None:
    if not database.is_sqlite:  # SQLite's BEGIN IMMEDIATE is turn enough
        connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
