"""Which advice was shown to a user again and again and never answered: kept in memory, as the overrides are.

Cards of all workers arrive by ``refresh`` within seconds; until then, or when the store is away, the card is shown.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from cds_service.service.store.records import SnoozePeriods
from cds_service.service.store.snooze import OVERLAP
from cds_service.service.store.tables import feedback, shown_cards

COUNTED = timedelta(days=30)
"""How far back cards are counted."""
_FEEDBACK = select(feedback.c.id).where(
    *(feedback.c[name] == shown_cards.c[name] for name in ("card_id", "client", "tenant"))
)
_SHOWN = (
    select(
        *shown_cards.c["card_id", "patient_key", "user_key", "topic", "evidence", "shown_at"],
        _FEEDBACK.exists().label("answered"),
    )
    .where(shown_cards.c.shown_at >= bindparam("since"))
    .where(shown_cards.c.standing == "shown", shown_cards.c.indicator != "critical")
    .where(shown_cards.c.patient_key.is_not(None), shown_cards.c.user_key.is_not(None))
    .order_by(shown_cards.c.shown_at)
)


class _Said(NamedTuple):
    """The same advice to the same user about the same patient."""

    user: str
    topic: str
    evidence: tuple[str, ...]


class _Time(NamedTuple):
    at: datetime
    card: str


class Unanswered:
    """The times at which advice went out without an answer, by patient. Beyond ``capacity`` patients cards are shown."""

    def __init__(self, periods: SnoozePeriods, capacity: int = 100_000) -> None:
        self._after, self._period = periods.unanswered_after, periods.unanswered
        self._capacity = capacity
        self._patients: dict[str, dict[_Said, tuple[_Time, ...]]] = {}
        self._changing = Lock()
        self._read_from: datetime | None = None

    def any_for(self, patient_key: str) -> bool:
        return patient_key in self._patients

    def backs_off(
        self, patient_key: str, user_key: str, topic: str, evidence: tuple[str, ...], card: str, now: datetime
    ) -> bool:
        """Say whether the user was shown the same often enough, lately, without an answer.

        A card that went out under this very id goes out again: the client asks a second time for the same answer.
        """
        times = self._patients.get(patient_key, {}).get(_Said(user_key, topic, evidence), ())
        before = [one for one in times if one.at <= now]
        if not self._after or len(before) < self._after or any(one.card == card for one in times):
            return False
        return now - max(before).at < self._period

    def refresh(self, connection: Connection, now: datetime) -> None:
        """Take up what all workers have shown since the last refresh; forget what is too old to count."""
        if not self._after:
            return
        rows = connection.execute(_SHOWN, {"since": self._read_from or now - COUNTED}).all()
        with self._changing:
            for row in rows:
                said = _Said(row.user_key, row.topic, tuple(row.evidence))
                if row.answered:
                    self._begin_anew(row.patient_key, said)
                else:
                    self._take_up(row.patient_key, said, _Time(row.shown_at, row.card_id))
            self._forget(now - COUNTED)
            self._read_from = now - OVERLAP

    def answered(self, patient_key: str, user_key: str, topic: str, evidence: tuple[str, ...]) -> None:
        """Begin to count anew: there was feedback on it."""
        with self._changing:
            self._begin_anew(patient_key, _Said(user_key, topic, evidence))

    def _begin_anew(self, patient_key: str, said: _Said) -> None:
        known = self._patients.get(patient_key)
        if known and said in known:
            self._put(patient_key, {one: times for one, times in known.items() if one != said})

    def _take_up(self, patient_key: str, said: _Said, time: _Time) -> None:
        known = self._patients.get(patient_key, {})
        times = known.get(said, ())
        if time in times or (not known and len(self._patients) >= self._capacity):
            return
        self._put(patient_key, {**known, said: (*times, time)[-self._after :]})

    def _forget(self, before: datetime) -> None:
        for patient_key, known in list(self._patients.items()):
            kept = {said: times for said, times in known.items() if max(times).at >= before}
            if len(kept) < len(known):
                self._put(patient_key, kept)

    def _put(self, patient_key: str, known: dict[_Said, tuple[_Time, ...]]) -> None:
        # a new mapping, never a changed one: readers hold no lock
        if known:
            self._patients[patient_key] = known
        else:
            self._patients.pop(patient_key, None)
