"""Which advice to a patient is snoozed, and which critical card a colleague has put off, as one call sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from cds_service.engine.shown import Due
from cds_service.service.answer_records import evidence_of_card, store_caller
from cds_service.service.auth.caller import Caller
from cds_service.service.store import AdviceIdentity, Asker

if TYPE_CHECKING:
    from cds_service.service.store import Store


class PatientMemory(Protocol):
    """What each answer asks; it never waits for the database."""

    def is_snoozed(self, due: Due) -> bool:
        """Whether this advice was put off, or shown often without an answer, and nothing is new."""
        ...

    def put_off(self, due: Due) -> datetime | None:
        """When a colleague put off this critical advice, which is snoozed for that colleague alone."""
        ...


class NoMemory:
    """Nothing is remembered."""

    def is_snoozed(self, due: Due) -> bool:
        return False

    def put_off(self, due: Due) -> datetime | None:
        return None


NO_MEMORY = NoMemory()


@dataclass(frozen=True, slots=True)
class StoreMemory:
    """What the store remembers, for one user who asks about one patient at one moment."""

    store: Store
    asker: Asker
    now: datetime

    def is_snoozed(self, due: Due) -> bool:
        return self.store.is_snoozed(self.asker, _advice(due), self.now)

    def put_off(self, due: Due) -> datetime | None:
        return self.store.put_off_by_another(self.asker, _advice(due), self.now)


def store_memory(store: Store, caller: Caller, patient_id: str, user_id: str, now: datetime) -> StoreMemory:
    """Ask the store's memory for a user about a patient."""
    return StoreMemory(store, store.asker(store_caller(caller), patient_id, user_id), now)


def _advice(due: Due) -> AdviceIdentity:
    return AdviceIdentity(due.topic, due.indicator, evidence_of_card(due), str(due.uuid))
