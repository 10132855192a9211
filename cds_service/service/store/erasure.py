"""A patient is taken out of the store: cards, their suggestions and feedback go, the audit keeps its rows without the patient."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, tuple_

from cds_service.service.store import audit
from cds_service.service.store.records import Caller
from cds_service.service.store.tables import feedback, shown_cards, suggestions

_CARD = ("card_id", "client", "tenant")


def forget(
    connection: Connection, caller: Caller, patient_keys: Sequence[str], references: Sequence[str]
) -> dict[str, int]:
    """Erase a patient of a client; gives rows by table.

    The patient is known by keyed hashes, and by references where a site keeps those in its audit.
    """
    cards = select(*shown_cards.c[_CARD]).where(shown_cards.c.patient_key.in_(patient_keys)).distinct()
    gone = {}
    for table in (feedback, suggestions):
        gone[table.name] = connection.execute(delete(table).where(tuple_(*table.c[_CARD]).in_(cards))).rowcount
    mine = delete(shown_cards).where(shown_cards.c.patient_key.in_(patient_keys))
    gone[shown_cards.name] = connection.execute(mine).rowcount
    gone["audit"] = audit.forget_patient(connection, caller, (*patient_keys, *references))
    return gone
