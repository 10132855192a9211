"""Which advice is snoozed after an override: kept in memory, because every call asks and no call may wait.

Other workers' overrides arrive by ``refresh`` within seconds; until then, or when the store is away, the card is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, select

from cds_service.service.store.records import SnoozePeriods
from cds_service.service.store.tables import feedback, shown_cards

OVERLAP = timedelta(seconds=15)
"""Read again at each refresh: nodes' clocks differ and transactions end out of order."""
_ANSWERED = (
    select(
        *feedback.c["card_id", "client", "tenant", "outcome", "outcome_at", "received_at"],
        *shown_cards.c["patient_key", "user_key", "topic", "indicator", "evidence"],
    )
    .join(shown_cards, and_(*(feedback.c[name] == shown_cards.c[name] for name in ("card_id", "client", "tenant"))))
    .where(feedback.c.received_at >= bindparam("since"))
    .where(shown_cards.c.standing == "shown", shown_cards.c.patient_key.is_not(None))
    .order_by(feedback.c.received_at)
)


@dataclass(frozen=True, slots=True)
class AnsweredCard:
    """The last word on a card of a patient; an accepted one snoozes nothing: what else it offers is still open."""

    scope: tuple[str, str, str]
    user: str | None
    critical: bool
    topic: str
    evidence: frozenset[str]
    at: datetime
    until: datetime
    """``at`` when the card was accepted."""
    overridden: bool
    kept_until: datetime

    def covers(self, topic: str, present: set[str], now: datetime) -> bool:
        """Whether this word is in force for the advice: an override, and nothing is new since."""
        return self.overridden and self.topic == topic and now < self.until and present <= self.evidence

    def is_of(self, user: str) -> bool:
        """Whether a user put it off themselves; one that nobody names is nobody's."""
        return bool(user) and self.user == user


class Snoozes:
    """The overrides still in force, by patient. ``capacity`` bounds memory; beyond it cards are shown, not silenced."""

    def __init__(self, periods: SnoozePeriods, capacity: int = 100_000) -> None:
        self._periods = periods
        self._capacity = capacity
        self._patients: dict[str, tuple[AnsweredCard, ...]] = {}
        self._changing = Lock()
        self._read_from: datetime | None = None

    def any_for(self, patient_key: str) -> bool:
        return patient_key in self._patients

    def covers(self, patient_key: str, user_key: str, topic: str, evidence: Iterable[str], now: datetime) -> bool:
        """Say whether an override of this topic is in force for a user and no evidence is new since then.

        What was critical is snoozed for who put it off, all else for everybody.
        """
        present = set(evidence)
        return any(
            card.covers(topic, present, now) and (not card.critical or card.is_of(user_key))
            for card in self._patients.get(patient_key, ())
        )

    def put_off_by_another(
        self, patient_key: str, user_key: str, topic: str, evidence: Iterable[str], now: datetime
    ) -> datetime | None:
        """Say when another user last put off this critical advice, while that is in force."""
        present = set(evidence)
        return max(
            (
                card.at
                for card in self._patients.get(patient_key, ())
                if card.critical and not card.is_of(user_key) and card.covers(topic, present, now)
            ),
            default=None,
        )

    def refresh(self, connection: Connection, now: datetime, since: datetime | None = None) -> Sequence[Row[Any]]:
        """Take up feedback of all workers received since the last refresh, or ``since``; forget what has run out.

        Gives the cards that were answered.
        """
        received_from = since or self._read_from or now - self._periods.longest - OVERLAP
        rows = connection.execute(_ANSWERED, {"since": received_from}).all()
        with self._changing:
            for row in rows:
                self._take_up(row.patient_key, self._answered(row))
            self._forget(now)
            if since is None:
                self._read_from = now - OVERLAP
        return rows

    def _answered(self, row: Row[Any]) -> AnsweredCard:
        at = min(row.outcome_at, row.received_at)  # a client's clock may run ahead
        until = _later(at, self._periods.of(row.indicator)) if row.outcome == "overridden" else at
        return AnsweredCard(
            scope=(row.card_id, row.client, row.tenant),
            user=row.user_key,
            critical=row.indicator == "critical",
            topic=row.topic,
            evidence=frozenset(row.evidence),
            at=at,
            until=until,
            overridden=row.outcome == "overridden",
            kept_until=max(until, row.received_at + 2 * OVERLAP),  # an older override read again stays overruled
        )

    def _take_up(self, patient_key: str, answered: AnsweredCard) -> None:
        cards = self._patients.get(patient_key, ())
        if any(card.scope == answered.scope and card.at >= answered.at for card in cards):
            return
        if not cards and len(self._patients) >= self._capacity:
            return
        # a new tuple, never a changed one: readers hold no lock
        self._patients[patient_key] = (*(card for card in cards if card.scope != answered.scope), answered)

    def _forget(self, now: datetime) -> None:
        for patient_key, cards in list(self._patients.items()):
            kept = tuple(card for card in cards if now < card.kept_until)
            if not kept:
                del self._patients[patient_key]
            elif len(kept) < len(cards):
                self._patients[patient_key] = kept


def _later(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment
