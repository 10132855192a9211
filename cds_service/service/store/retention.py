"""What is older than the configured days goes, a few thousand rows at a time so that feedback never waits long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from cds_service.service.store.database import Database
from cds_service.service.store.records import Retention
from cds_service.service.store.tables import audit, failures, feedback, shown_cards, suggestions, used_tokens

ROWS_AT_ONCE = 2000


def purge(database: Database, retention: Retention, now: datetime) -> dict[str, int]:
    """Delete what has outlived its days, and tokens that have expired; gives rows deleted by table.

    Knowledge versions stay: they are few, and name what old reports were made with. Raises StoreUnavailable.
    """
    return {table.name: _delete(database, table, old) for table, old in _outlived(retention, now)}


def _outlived(retention: Retention, now: datetime) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    if retention.cards_days:
        before = now - timedelta(days=retention.cards_days)
        yield shown_cards, shown_cards.c.shown_at < before
        yield suggestions, suggestions.c.shown_at < before
        yield failures, failures.c.at < before
        yield feedback, feedback.c.received_at < before
    if retention.audit_days:
        yield audit, audit.c.at < now - timedelta(days=retention.audit_days)
    yield used_tokens, used_tokens.c.expires_at < now.timestamp()


def _delete(database: Database, table: Table, old: ColumnElement[bool]) -> int:
    key = tuple_(*table.primary_key.columns)
    statement = delete(table).where(key.in_(select(*table.primary_key.columns).where(old).limit(ROWS_AT_ONCE)))
    deleted = 0
    while True:
        with database.writing(f"purging {table.name}") as connection:
            now_deleted = connection.execute(statement).rowcount
        deleted += now_deleted
        if now_deleted < ROWS_AT_ONCE:
            return deleted
