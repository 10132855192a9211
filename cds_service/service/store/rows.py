"""Records as rows, and how they are inserted: what is there already stays as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table

from cds_service.service.store.keys import Keys, bounded
from cds_service.service.store.records import AuditEntry, Caller, KnowledgeLoaded, RememberedAnswer, RememberedCard
from cds_service.service.store.tables import failures, knowledge_versions, shown_cards, suggestions

Record = RememberedAnswer | AuditEntry | KnowledgeLoaded
Row = dict[str, Any]


def insert_records(connection: Connection, keys: Keys, records: Iterable[Record]) -> None:
    """Insert records; a card of the same id that is on record already stays (the same answer went out again)."""
    rows: defaultdict[Table, list[Row]] = defaultdict(list)
    for record in records:
        match record:
            case RememberedAnswer():
                _answer_rows(record, keys, rows)
            case AuditEntry():
                pass  # the audit seals its own rows
            case KnowledgeLoaded():
                rows[knowledge_versions].append(_knowledge_row(record))
    for table in (shown_cards, suggestions, failures, knowledge_versions):
        if rows[table]:
            connection.execute(insert_new(connection.dialect.name, table), in_key_order(table, rows[table]))


@cache
def insert_new(dialect: str, table: Table) -> Any:
    """Give the INSERT that passes over rows which exist; both databases know it, each in its own dialect."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql  # a third of the import of SQLAlchemy

    return postgresql.insert(table).on_conflict_do_nothing()


def in_key_order(table: Table, rows: list[Row]) -> list[Row]:
    """Sort rows that have natural keys: two writers that insert the same ones in one order cannot deadlock."""
    key = [column.name for column in table.primary_key if column.name in rows[0]]
    return sorted(rows, key=lambda row: tuple(row[name] for name in key)) if key else rows


def scope(caller: Caller) -> Row:
    return {"client": bounded(caller.client, 200), "tenant": bounded(caller.tenant, 200)}


def iso_week(moment: datetime) -> str:
    year, week, _ = moment.isocalendar()
    return f"{year:04}-W{week:02}"


def _answer_rows(answer: RememberedAnswer, keys: Keys, rows: defaultdict[Table, list[Row]]) -> None:
    common = scope(answer.caller) | {"shown_at": answer.shown_at}
    whole = common | {
        "hook_instance": keys.hook_instance(answer.hook_instance),
        "patient_key": keys.patient(answer.caller, answer.patient_id) if answer.patient_id else None,
        "user_key": keys.user(answer.caller, answer.user) if answer.user else None,
        "service": bounded(answer.service, 80),
        "hook": bounded(answer.hook, 80),
        "knowledge": bounded(answer.knowledge, 80),
        "site": bounded(answer.site, 80),
        "user_role": bounded(answer.user_role, 80),
        "trigger_action": bounded(answer.trigger_action, 40),
        "week": iso_week(answer.shown_at),
    }
    for card in answer.cards:
        rows[shown_cards].append(whole | _card_row(card, keys))
        if card.standing == "shown":
            of_card = common | {"card_id": keys.card(card.card_id)}
            rows[suggestions].extend(
                of_card | {"suggestion_id": keys.card(suggestion), "name": bounded(name, 120)}
                for suggestion, name in card.suggestions.items()
            )
    rows[failures].extend(
        scope(answer.caller)
        | {
            "service": whole["service"],
            "topic": bounded(failure.topic, 80),
            "kind": failure.kind,
            "because": bounded(failure.because, 200),
            "silent": failure.silent,
            "variant": bounded(failure.variant, 80),
            "knowledge": whole["knowledge"],
            "at": answer.shown_at,
            "week": whole["week"],
        }
        for failure in answer.failures
    )


def _card_row(card: RememberedCard, keys: Keys) -> Row:
    return {
        "card_id": keys.card(card.card_id),
        "standing": card.standing,
        "variant": bounded(card.variant, 80),
        "topic": bounded(card.topic, 80),
        "message": bounded(card.message, 80),
        "indicator": bounded(card.indicator, 16),
        "parameters": {name: str(value) for name, value in card.parameters.items()},
        "evidence": keys.evidence(card.evidence),
    }


def _knowledge_row(loaded: KnowledgeLoaded) -> Row:
    return {"hash": bounded(loaded.hash, 80), "origin": bounded(loaded.origin, 200), "loaded_at": loaded.loaded_at}


def chunks(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    """Split what one statement cannot take: both databases bound the number of its parameters."""
    return (items[start : start + size] for start in range(0, len(items), size))
