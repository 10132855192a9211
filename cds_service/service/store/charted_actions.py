"""What the chart shows as done is written beside the card that asked for it: it counts as accepted, whoever gives feedback.

One suggestion of several is enough, as it is with feedback: done is what the card offered then and offers no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from cds_service.service.store.keys import Keys
from cds_service.service.store.records import FOLLOWED, ChartedAction, RememberedAnswer
from cds_service.service.store.tables import shown_cards, suggestions

_CARD = ("card_id", "client", "tenant", "standing", "variant")
_OPEN = (
    select(*shown_cards.c[_CARD], *shown_cards.c["patient_key", "topic", "shown_at"])
    .where(shown_cards.c.patient_key.in_(bindparam("patients")), shown_cards.c.topic.in_(bindparam("topics")))
    .where(shown_cards.c.shown_at >= bindparam("first"), shown_cards.c.shown_at < bindparam("last"))
    .where(shown_cards.c.standing == "shown", shown_cards.c.variant == "", shown_cards.c.done_at.is_(None))
)
_OFFERED = select(suggestions).where(suggestions.c.card_id.in_(bindparam("cards")))
_DONE = (
    update(shown_cards)
    .where(*(shown_cards.c[name] == bindparam(f"this_{name}") for name in _CARD))
    .values(done_at=bindparam("at"))
)


def note_charted_actions(connection: Connection, keys: Keys, answers: Iterable[RememberedAnswer]) -> None:
    """Mark the cards of these patients that were shown before the action; times are compared to the second and below."""
    done: dict[str, list[ChartedAction]] = {}
    for answer in answers:
        if answer.charted and answer.patient_id:
            done.setdefault(keys.patient(answer.caller, answer.patient_id), []).extend(answer.charted)
    if not done:
        return
    every = [action for charted in done.values() for action in charted]
    wanted = {
        "patients": list(done),
        "topics": list({action.topic for action in every}),
        "first": min(action.at for action in every) - FOLLOWED,
        "last": max(action.at for action in every),
    }
    cards = connection.execute(_OPEN, wanted).all()
    offered = _offered(connection, cards)
    rows = [
        {f"this_{name}": getattr(card, name) for name in _CARD} | {"at": at}
        for card in cards
        if (at := _first_after(done[card.patient_key], card, offered[_key(card)])) is not None
    ]
    if rows:
        connection.execute(_DONE, rows)


def _offered(connection: Connection, cards: Iterable[Any]) -> Mapping[tuple[str, ...], set[str]]:
    """What each of the cards offered, by the names of the card file."""
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in connection.execute(_OFFERED, {"cards": list({card.card_id for card in cards})}):
        found[_key(row)].add(row.name)
    return found


def _key(row: Any) -> tuple[str, ...]:
    return row.card_id, row.client, row.tenant


def _first_after(charted: Iterable[ChartedAction], card: Any, offered: set[str]) -> datetime | None:
    shown = card.shown_at
    found = (
        action.at.astimezone(UTC)
        for action in charted
        if action.topic == card.topic
        and shown < action.at <= shown + FOLLOWED
        and (action.still is None or offered - action.still)
    )
    return min(found, default=None)
