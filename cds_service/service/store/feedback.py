"""Feedback on disk: each event once, within its client, before it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from cds_service.service.store.keys import Keys, bounded, code_or_nothing, system_or_nothing
from cds_service.service.store.records import Acknowledged, Caller, CardFeedback
from cds_service.service.store.rows import Row, chunks, insert_new, scope
from cds_service.service.store.tables import feedback, shown_cards

LONGEST_COMMENT = 4000
ReasonKept = Callable[[str, str, str], tuple[str, str]]
"""For a card's topic ("" when it is not on record) and a reason's code and system as sent: those that are kept."""


def insert_feedback(
    connection: Connection,
    keys: Keys,
    items: Sequence[CardFeedback],
    caller: Caller,
    service: str,
    received_at: datetime,
    keep_comments: bool,
    reason_kept: ReasonKept,
) -> Acknowledged:
    """Insert feedback and say what became of it.

    An item equal in card, outcome and timestamp to one on record is a repeat. A card of another client is not touched
    and the item not kept: who asks learns no more than for a card that nobody has shown.
    """
    common = scope(caller) | {"service": bounded(service, 80), "received_at": received_at}
    rows = [common | _row(item, keys, keep_comments) for item in items]
    topics, foreign = _owners(connection, {row["card_id"] for row in rows}, common)
    kept = [row | _judged(row, topics, reason_kept) for row in rows if row["card_id"] not in foreign]
    kept.sort(key=lambda row: (row["card_id"], row["outcome"], row["outcome_at"]))  # one order: no deadlocks
    recorded = unknown = 0
    for chunk in chunks(kept, 200):
        statement = insert_new(connection.dialect.name, feedback).values(list(chunk)).returning(feedback.c.known)
        knowns = connection.execute(statement).scalars().all()
        recorded += len(knowns)
        unknown += knowns.count(False)
    return Acknowledged(recorded, len(kept) - recorded, unknown, len(rows) - len(kept))


def _owners(connection: Connection, card_ids: set[str], common: Row) -> tuple[dict[str, str], set[str]]:
    """Split cards that were shown into the caller's own, with their topics, and those of others only; the rest is unknown."""
    own: dict[str, str] = {}
    others: set[str] = set()
    cards = shown_cards.c
    for chunk in chunks(sorted(card_ids), 500):
        query = select(cards.card_id, cards.client, cards.tenant, cards.topic).where(cards.card_id.in_(chunk))
        for card_id, client, tenant, topic in connection.execute(query.where(cards.standing == "shown")):
            if (client, tenant) == (common["client"], common["tenant"]):
                own[card_id] = topic
            else:
                others.add(card_id)
    return own, others - own.keys()


def _judged(row: Row, topics: Mapping[str, str], reason_kept: ReasonKept) -> Row:
    """What is known of the row's card: whether it is on record, and which reason its list allows."""
    card = row["card_id"]
    code, system = reason_kept(topics.get(card, ""), row["reason_code"], row["reason_system"])
    return {"known": card in topics, "reason_code": code_or_nothing(code), "reason_system": system_or_nothing(system)}


def _row(item: CardFeedback, keys: Keys, keep_comments: bool) -> Row:
    return {
        "card_id": keys.card(item.card_id),
        "outcome": item.outcome,
        "outcome_at": _in_utc(item.outcome_at),
        "reason_code": item.reason_code,
        "reason_system": item.reason_system,
        "comment_length": len(item.comment),
        "comment": bounded(item.comment, LONGEST_COMMENT) if keep_comments and item.comment else None,
        "accepted_suggestions": sorted({keys.card(suggestion) for suggestion in item.accepted}),
    }


def _in_utc(moment: datetime) -> datetime:
    """Bring a client's time to UTC; a year 1 with an offset, which no calendar holds, becomes the earliest moment."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if moment.year < 2 else datetime.max.replace(tzinfo=UTC)
