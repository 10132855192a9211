"""The store: remembers without delaying an answer, and acknowledges feedback only when it is on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection

from cds_service.service.store import audit, erasure, migrate, report
from cds_service.service.store.audit_events import audit_event
from cds_service.service.store.charted_actions import note_charted_actions
from cds_service.service.store.database import Database
from cds_service.service.store.drift import Drift, drifts
from cds_service.service.store.feedback import ReasonKept, insert_feedback
from cds_service.service.store.keys import Keys
from cds_service.service.store.records import (
    Acknowledged,
    AdviceIdentity,
    Asker,
    AuditEntry,
    Caller,
    CardFeedback,
    KnowledgeLoaded,
    RememberedAnswer,
    Retention,
    SnoozePeriods,
    StoreHealth,
    StoreUnavailable,
)
from cds_service.service.store.report import (
    ALWAYS,
    AuditRow,
    CardRow,
    FailureTally,
    KnowledgeRow,
    Period,
    ReasonTally,
    Tally,
)
from cds_service.service.store.retention import purge, purge_audit
from cds_service.service.store.rows import Record, chunks, insert_records
from cds_service.service.store.snooze import Snoozes
from cds_service.service.store.unanswered import Unanswered
from cds_service.service.store.writer import Chore, Writer

DRIFT_EVERY = 3600.0
"""Seconds between two looks at how often cards are due."""
FEEDBACK_AT_ONCE = 200
"""Items of feedback in one transaction."""
PatientKey = tuple[str, ...]
DEFAULT_RETENTION = Retention()
DEFAULT_SNOOZE_PERIODS = SnoozePeriods()


class Store:
    """One process's way to the database: ``open`` it after the fork, ``close`` it before the end.

    ``url`` is ``sqlite:///path`` or ``postgresql://...``; ``secret`` keys the hashes of patients and evidence and must be
    the same in all workers and nodes; what was hashed with ``old_secret`` is recognised while it is given. ``timeout`` in
    seconds bounds each wait for the database. ``keep_comments`` keeps the text of user comments, which may name a patient;
    by default only their length is kept. ``drifted`` hears every hour whose rate has drifted.
    Raises ValueError for an unusable url or secret.
    """

    def __init__(
        self,
        url: str,
        secret: bytes,
        *,
        old_secret: bytes | None = None,
        timeout: float = 2.0,
        capacity: int = 10_000,
        retention: Retention = DEFAULT_RETENTION,
        snooze_periods: SnoozePeriods = DEFAULT_SNOOZE_PERIODS,
        snooze_refresh: float = 2.0,
        keep_comments: bool = False,
        migrate_on_open: bool = True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        drifted: Callable[[Sequence[Drift]], object] = lambda _: None,
    ) -> None:
        self._database = Database(url, timeout)
        self._keys = Keys(secret)
        self._all_keys = (self._keys, *([Keys(old_secret)] if old_secret else []))
        self._snoozes = Snoozes(snooze_periods)
        self._unanswered = Unanswered(snooze_periods)
        self._retention = retention
        self._keep_comments = keep_comments
        self._migrate_on_open = migrate_on_open
        self._clock = clock
        self._drifted = drifted
        self.drifting: tuple[Drift, ...] = ()
        """Cards whose rate had doubled or fallen to nothing at the last hourly look."""
        self._ready = False
        self._preparing = Lock()
        self._writer = Writer(
            self._write,
            [
                Chore(snooze_refresh, self._look),
                Chore(retention.purge_every.total_seconds(), self.purge),
                Chore(DRIFT_EVERY, self._look_for_drift),
            ],
            capacity,
        )

    # Life

    def open(self) -> StoreHealth:
        """Bring the tables to their newest form and start the writer.

        A database that is away does not stop the service: the answer says so, and the store goes on trying.
        """
        try:
            self._prepare()
            self._refresh_snoozes()
        except StoreUnavailable as error:
            self._writer.trouble = error.cause
        self._writer.start()
        return self.health()

    def close(self, timeout: float = 5.0) -> int:
        """Write what is queued for at most ``timeout`` seconds; gives how many records were lost."""
        lost = self._writer.close(timeout)
        self._database.close()
        return lost

    def check(self) -> None:
        """Ask the database whether it is there and has the tables; raises StoreUnavailable."""
        self._prepare()
        if migrate.current(self._database) != migrate.NEWEST:
            self._ready = False
            raise StoreUnavailable("checking the tables", "tables of another revision")

    def health(self) -> StoreHealth:
        """Say where the store stands without asking the database."""
        writer = self._writer
        ready = self._ready and not writer.trouble
        return StoreHealth(ready, writer.queued, writer.written, writer.dropped, writer.trouble)

    @property
    def database(self) -> Database:
        """The database itself, for tables that others fill, such as ``used_tokens``."""
        return self._database

    @contextmanager
    def transaction(self, doing: str) -> Iterator[Connection]:
        """Open a transaction of one's own, committed at the end of the block; raises StoreUnavailable."""
        self._prepare()
        with self._database.writing(doing) as connection:
            yield connection

    # Remembering, later

    def record_shown(self, answer: RememberedAnswer) -> bool:
        """Leave an answer to be written; never waits. False, and counted, when the queue is full."""
        return self._writer.put(answer)

    def record_call(self, entry: AuditEntry) -> bool:
        """Leave an audit entry to be written, of refused calls too; never waits."""
        return self._writer.put(entry)

    def record_knowledge(self, loaded: KnowledgeLoaded) -> bool:
        """Leave a knowledge version to be written; never waits."""
        return self._writer.put(loaded)

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything recorded so far is written; False when ``timeout`` seconds were not enough."""
        return self._writer.flush(timeout)

    # Feedback, now

    def record_feedback(
        self,
        items: Sequence[CardFeedback],
        caller: Caller,
        service: str,
        reason_kept: ReasonKept = lambda topic, code, system: (code, system),
    ) -> Acknowledged:
        """Record feedback durably: it is on disk when this returns. Raises StoreUnavailable; then some may be on record.

        A large call is recorded in batches, so that it does not keep other writers waiting; what it repeats is recorded once.
        """
        self._prepare()
        self._writer.flush(1.0)  # the cards may still be in our own queue; a busy database takes its time
        received_at = self._clock()
        done = Acknowledged()
        for batch in chunks(items, FEEDBACK_AT_ONCE):
            with self._database.writing("recording feedback") as connection:
                done += insert_feedback(
                    connection, self._keys, batch, caller, service, received_at, self._keep_comments, reason_kept
                )
        if done.recorded:
            self._take_up_own_overrides(received_at)
        return done

    # Snooze, from memory

    def patient_key(self, caller: Caller, patient_id: str) -> PatientKey:
        """Give the keyed hashes by which a patient is known here: one for each secret."""
        return tuple(keys.patient(caller, patient_id) for keys in self._all_keys)

    def lot(self, of: str, patient_id: str) -> float:
        """Draw for a patient a number from 0 to below 100 that is the same in all workers and nodes."""
        return self._keys.lot(of, patient_id)

    def asker(self, caller: Caller, patient_id: str, user_id: str) -> Asker:
        """Give the keyed hashes by which a user who asks about a patient is known here."""
        users = tuple(keys.user(caller, user_id) if user_id else "" for keys in self._all_keys)
        return Asker(self.patient_key(caller, patient_id), users)

    def is_snoozed(self, asker: Asker, advice: AdviceIdentity, now: datetime) -> bool:
        """Say whether this advice is snoozed for who asks, without new evidence: put off, or often shown and never answered.

        A critical card is snoozed only for the user who put it off, any other for everybody. Asks memory only. What another
        worker took in arrives within seconds; what is not known does not rest.
        """
        for keys, patient, user in zip(self._all_keys, asker.patients, asker.users, strict=True):
            known, unanswered = self._snoozes.any_for(patient), self._unanswered.any_for(patient)
            if not known and not unanswered:
                continue
            evidence = tuple(keys.evidence(advice.evidence))
            if known and self._snoozes.covers(patient, user, advice.topic, evidence, now):
                return True
            if unanswered and user and advice.indicator != "critical":
                card = keys.card(advice.card_id)
                if self._unanswered.backs_off(patient, user, advice.topic, evidence, card, now):
                    return True
        return False

    def put_off_by_another(self, asker: Asker, advice: AdviceIdentity, now: datetime) -> datetime | None:
        """Say when a colleague put off this critical advice, which is snoozed for them alone; asks memory only."""
        found = [
            self._snoozes.put_off_by_another(patient, user, advice.topic, keys.evidence(advice.evidence), now)
            for keys, patient, user in zip(self._all_keys, asker.patients, asker.users, strict=True)
            if self._snoozes.any_for(patient)
        ]
        return max((at for at in found if at is not None), default=None)

    # For auditors

    def verify_audit(self, known: str = "") -> audit.Verification:
        """Walk the chain of seals from one end to the other, which must hold the ``known`` end of an earlier time."""
        with self._asking() as connection:
            return audit.verify(connection, self._all_keys, known)

    def audit_events(self) -> Iterator[dict[str, Any]]:
        """Stream the audit as FHIR AuditEvent resources, oldest first."""
        with self._asking() as connection:
            yield from map(audit_event, audit.rows_of(connection))

    def forget_patient(self, caller: Caller, patient_id: str) -> dict[str, int]:
        """Erase what is kept of a patient of this client; gives rows by table. Raises StoreUnavailable."""
        self._prepare()
        references = (patient_id, f"Patient/{patient_id}")
        with self._database.writing("erasing a patient", patient=True) as connection:
            return erasure.forget(connection, caller, self.patient_key(caller, patient_id), references)

    # Questions

    def recall(self, caller: Caller, card_id: str) -> report.Recalled | None:
        """Give what a client was shown under a card's id; its evidence is hashed as by :meth:`evidence_marks`."""
        self._writer.flush(1.0)  # it may have been shown just now
        with self._asking() as connection:
            return report.recalled(connection, caller.client, caller.tenant, self._keys.card(card_id))

    def evidence_marks(self, evidence: str) -> frozenset[str]:
        """The keyed hashes by which a piece of evidence is kept: one for each secret."""
        return frozenset(mark for keys in self._all_keys for mark in keys.evidence((evidence,)))

    def tallies(self, by: Sequence[str], period: Period = ALWAYS) -> list[Tally]:
        """Count cards shown, accepted, overridden, held back, by groups such as topic and week (``report.GROUPS``)."""
        with self._asking() as connection:
            return report.tallies(connection, by, period)

    def reasons(self, by: Sequence[str], period: Period = ALWAYS) -> list[ReasonTally]:
        """Count overridden cards by groups and reason."""
        with self._asking() as connection:
            return report.reasons(connection, by, period)

    def failure_tallies(self, by: Sequence[str], period: Period = ALWAYS) -> list[FailureTally]:
        """Count rules that failed or could not tell, by groups (``report.FAILURE_GROUPS``)."""
        with self._asking() as connection:
            return report.failure_tallies(connection, by, period)

    def card_rows(self, period: Period = ALWAYS) -> Iterator[CardRow]:
        """Stream cards with their latest feedback; memory does not grow with their number."""
        with self._asking() as connection:
            yield from report.card_rows(connection, period)

    def audit_rows(self, period: Period = ALWAYS) -> Iterator[AuditRow]:
        """Stream the calls of a period."""
        with self._asking() as connection:
            yield from report.audit_rows(connection, period)

    def unknown_feedback(self, period: Period = ALWAYS) -> int:
        """Count feedback that named no card on record."""
        with self._asking() as connection:
            return report.unknown_feedback(connection, period)

    def drifts(self) -> tuple[Drift, ...]:
        """Name the cards whose rate has doubled or fallen to nothing within the last week."""
        with self._asking() as connection:
            return drifts(connection, self._clock())

    def knowledge_history(self, limit: int = 100) -> list[KnowledgeRow]:
        """List knowledge versions as they were loaded, newest first."""
        with self._asking() as connection:
            return report.knowledge_history(connection, limit)

    def purge(self) -> dict[str, int]:
        """Delete what has outlived its days; gives rows by table. The writer does this by itself now and then."""
        self._prepare()
        now = self._clock()
        audited = purge_audit(self._database, self._keys, self._retention, now)
        return purge(self._database, self._retention, now) | {"audit": audited}

    def _prepare(self) -> None:
        """Migrate, or see that someone has; once is enough."""
        with self._preparing:
            if self._ready:
                return
            try:
                if self._migrate_on_open:
                    migrate.upgrade(self._database)
                elif migrate.current(self._database) != migrate.NEWEST:
                    raise StoreUnavailable("checking the tables", "tables of another revision")
            except ValueError:
                raise StoreUnavailable("migrating", "tables of a revision that this version does not know") from None
            self._ready = True

    def _write(self, records: Sequence[Record]) -> None:
        self._prepare()
        with self._database.writing("recording answers") as connection:
            insert_records(connection, self._keys, records)
            note_charted_actions(connection, self._keys, [one for one in records if isinstance(one, RememberedAnswer)])
            if entries := [record for record in records if isinstance(record, AuditEntry)]:
                audit.append(connection, self._keys, entries)

    def _look(self) -> None:
        """See now and then that the tables are ours, and take up what others were answered: health then answers from memory."""
        self.check()
        self._refresh_snoozes()
        with self._database.reading("reading cards without an answer") as connection:
            self._unanswered.refresh(connection, self._clock())

    def _look_for_drift(self) -> None:
        self._prepare()
        with self._database.reading("comparing rates") as connection:
            self.drifting = drifts(connection, self._clock())
        self._drifted(self.drifting)

    def _refresh_snoozes(self) -> None:
        self._prepare()
        with self._database.reading("reading overrides") as connection:
            self._take_up(self._snoozes.refresh(connection, self._clock()))

    def _take_up_own_overrides(self, received_at: datetime) -> None:
        try:
            with self._database.reading("reading overrides") as connection:
                self._take_up(self._snoozes.refresh(connection, self._clock(), since=received_at))
        except StoreUnavailable:
            pass  # the feedback is on disk and acknowledged; the next refresh takes it up

    def _take_up(self, answered: Sequence[Any]) -> None:
        for row in answered:
            self._unanswered.answered(row.patient_key, row.user_key or "", row.topic, tuple(row.evidence))

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        self._prepare()
        with self._database.reading("reading for a report", patient=True) as connection:
            yield connection
