"""The audit: one row for every call, of whatever route, each sealed over the row before, so that no row can go or change.

A seal is a keyed hash of the row and of the seal before it. ``audit_chain`` holds the last seal, and the last one that the
purge took away, both proven by keyed hashes: who can write to the database, and does not have the store's secret, can neither
mend a chain nor shorten it. Only a whole earlier state, or none at all, proves itself: it is found by who kept a later end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from cds_service.service.store.keys import Keys, bounded
from cds_service.service.store.records import AuditEntry, Caller
from cds_service.service.store.rows import Row, scope
from cds_service.service.store.tables import audit, audit_chain
from cds_service.terminology.said import plain

_LOCK = 0x0C0DE6  # PostgreSQL's advisory lock of the chain; any fixed number
_CHAIN, _APPEND, _MOVE = select(audit_chain), insert(audit), update(audit_chain)


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of the chain: how many rows are as they were written, and the first place where it breaks."""

    rows: int
    problem: str = ""
    """Empty when it is whole."""
    end: str = ""
    """The last row and the beginning of its seal, ``812:3f2a...``, by which a later verification knows it again."""


def append(connection: Connection, keys: Keys, entries: Sequence[AuditEntry]) -> None:
    """Seal entries to the end of the chain, in this transaction; one writer at a time over all nodes."""
    if connection.dialect.name != "sqlite":  # SQLite has one writer anyway
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    head = connection.execute(_CHAIN).mappings().one()
    number, seal = head["last_id"], head["last_seal"]
    rows = []
    for entry in entries:
        number += 1
        row = _row(entry, keys) | {"id": number}
        row["patient_mark"] = keys.mark(number, row["patient"]) if row["patient"] else ""
        seal = keys.seal(seal, _sealed(row))
        rows.append(row | {"seal": seal})
    connection.execute(_APPEND, rows)
    proof = keys.seal(str(number), seal)
    connection.execute(_MOVE, {"last_id": number, "last_seal": seal, "last_proof": proof})


def purge(connection: Connection, keys: Keys, before: datetime, at_most: int) -> int:
    """Take away the oldest rows of before a moment, and keep the seal on which the rest goes on; gives how many."""
    first_kept = select(func.min(audit.c.id)).where(audit.c.at >= before).scalar_subquery()
    old = select(audit.c.id, audit.c.seal).where(audit.c.at < before, func.coalesce(audit.c.id < first_kept, True))
    rows = connection.execute(old.order_by(audit.c.id).limit(at_most)).all()
    if not rows:
        return 0
    last, seal = rows[-1]
    connection.execute(delete(audit).where(audit.c.id <= last))
    if seal:  # rows of before the audit was sealed have none, and the chain begins behind them
        proof = keys.seal(f"purged {last}", seal)
        connection.execute(update(audit_chain).values(purged_id=last, purged_seal=seal, purged_proof=proof))
    return len(rows)


def verify(connection: Connection, keys: Sequence[Keys], known: str = "") -> Verification:
    """Walk the whole chain; ``keys`` are those of the store's secret, and of the one before.

    ``known`` is the ``end`` of an earlier verification, which must still be part of it, or have been purged.
    """
    known_number, known_seal = _known(known)
    head = connection.execute(_CHAIN).mappings().one()
    number, seal, count = head["purged_id"], head["purged_seal"], 0
    if seal and not _proven(keys, f"purged {number}", seal, head["purged_proof"]):
        return Verification(0, "what the purge left behind is not proven: rows may have been taken from the beginning")
    query = select(audit).where(audit.c.id > number).order_by(audit.c.id).execution_options(yield_per=1000)
    with connection.execute(query) as result:
        for row in result.mappings():
            if problem := _broken(row, number, seal, keys):
                return Verification(count, problem)
            number, seal, count = row["id"], row["seal"], count + 1
            if number == known_number and not seal.startswith(known_seal):
                return Verification(count, f"row {number} is another than when its seal was {known_seal}")
    if number != head["last_id"] or seal != head["last_seal"]:
        return Verification(count, f"rows after {number} are missing; the last was {head['last_id']}")
    if seal and not _proven(keys, str(number), seal, head["last_proof"]):
        return Verification(count, "the end of the chain is not proven: rows may have been taken from it")
    if known_number > number:
        return Verification(count, f"row {known_number} is missing, which was there before; the last is {number}")
    return Verification(count, end=f"{number}:{seal[:16]}")


def rows_of(connection: Connection, where: Sequence[ColumnElement[bool]] = ()) -> Iterator[Row]:
    """Stream the rows, oldest first."""
    query = select(audit).where(*where).order_by(audit.c.id).execution_options(yield_per=1000)
    return (dict(row) for row in connection.execute(query).mappings())


def forget_patient(connection: Connection, caller: Caller, patients: Sequence[str]) -> int:
    """Take a patient of a client out of the audit; the seals hold, and what is left names nobody. Gives how many rows."""
    mine = [audit.c[name] == value for name, value in scope(caller).items()]
    emptied = update(audit).where(audit.c.patient.in_(patients), *mine).values(patient="")
    return connection.execute(emptied).rowcount


def _broken(row: Any, last: int, seal: str, keys: Sequence[Keys]) -> str:
    """What is wrong with a row that should follow the last one and its seal; empty when nothing is."""
    if row["id"] != last + 1:
        return f"row {last + 1} is missing"
    if not any(key.seal(seal, _sealed(row)) == row["seal"] for key in keys):
        return f"row {row['id']} is not as it was written"
    if row["patient"] and not any(key.mark(row["id"], row["patient"]) == row["patient_mark"] for key in keys):
        return f"the patient of row {row['id']} is not the one that was written"
    return ""


def _known(end: str) -> tuple[int, str]:
    if not end:
        return 0, ""
    number, _, seal = end.partition(":")
    if not number.isdecimal() or (number != "0" and len(seal) < 16):
        raise ValueError(f"{end} is no end of an audit: give what `audit verify` said, such as 812:3f2a90b1c4d5e6f7")
    return int(number), seal


def _proven(keys: Sequence[Keys], what: str, seal: str, proof: str) -> bool:
    return any(key.seal(what, seal) == proof for key in keys)


def _row(entry: AuditEntry, keys: Keys) -> Row:
    patient = entry.patient and (
        bounded(entry.patient, 200) if entry.names_patient else keys.patient(entry.caller, entry.patient)
    )
    return scope(entry.caller) | {
        "at": entry.at,
        "door": bounded(entry.door, 16),
        "service": bounded(entry.service, 80),
        "method": bounded(entry.method, 8),
        "user_reference": bounded(entry.user, 200),
        "patient": patient,
        "knowledge": bounded(entry.knowledge, 80),
        "topics": list(entry.topics),
        "status": entry.status,
        "because": bounded(entry.because, 80),
        "duration_ms": round(entry.duration_ms, 3),
    }


_FIELDS = (
    *("id", "at", "client", "tenant", "door", "service", "method", "user_reference", "patient_mark"),
    *("knowledge", "topics", "status", "because", "duration_ms"),
)


def _sealed(row: Any) -> str:
    """What a seal covers: every column, the patient by a mark that survives its erasure."""
    values = [row[name].astimezone(UTC).isoformat() if name == "at" else row[name] for name in _FIELDS]
    return msgspec.json.encode(values, enc_hook=plain).decode()
