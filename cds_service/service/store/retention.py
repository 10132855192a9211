"""What is older than the configured days goes, a few thousand rows at a time so that feedback never waits long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from cds_service.service.store import audit
from cds_service.service.store.database import Database
from cds_service.service.store.keys import Keys
from cds_service.service.store.records import Retention
from cds_service.service.store.tables import (
    failures,
    feedback,
    knowledge_versions,
    shown_cards,
    suggestions,
    used_tokens,
)

ROWS_AT_ONCE = 2000


def purge(database: Database, retention: Retention, now: datetime) -> dict[str, int]:
    """Delete what has outlived its days, and tokens that have expired; gives rows deleted by table. Raises StoreUnavailable.

    By default knowledge versions stay: they are few, and name what old reports were made with.
    """
    return {table.name: _delete(database, table, old) for table, old in _outlived(retention, now)}


def purge_audit(database: Database, keys: Keys, retention: Retention, now: datetime) -> int:
    """Delete audit rows that have outlived their days, with the chain of seals kept whole; gives how many."""
    if not retention.audit_days:
        return 0
    before, deleted = now - timedelta(days=retention.audit_days), 0
    while True:
        with database.writing("purging audit") as connection:
            now_deleted = audit.purge(connection, keys, before, ROWS_AT_ONCE)
        deleted += now_deleted
        if now_deleted < ROWS_AT_ONCE:
            return deleted


def _outlived(retention: Retention, now: datetime) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    moments = {
        shown_cards: (shown_cards.c.shown_at, retention.cards_days),
        suggestions: (suggestions.c.shown_at, retention.cards_days),
        failures: (failures.c.at, retention.failures_days),
        feedback: (feedback.c.received_at, retention.feedback_days),
        knowledge_versions: (knowledge_versions.c.loaded_at, retention.knowledge_days),
    }
    for table, (moment, days) in moments.items():
        if days:
            yield table, moment < now - timedelta(days=days)
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
