"""An audit that an auditor accepts: every row sealed, none can go or change unseen, a patient can be erased all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from sqlalchemy import delete, select, update

from cds_service.service.store import AuditEntry, Caller, Retention, Store
from cds_service.service.store.tables import audit, audit_chain
from tests.service.store.ward import NORTH, SERVICE, Clock, answer, hypercalcaemia, is_snoozed, overridden

PATIENT = "MARKED-PATIENT-ID"


def entry(clock: Clock, number: int = 1, **more: object) -> AuditEntry:
    whole = AuditEntry(
        clock(),
        NORTH,
        SERVICE,
        200,
        12.3456789 + number,
        topics=("hypercalcaemia critical", "could-not-assess warning"),
        user="Practitioner/p1",
        patient=PATIENT,
        knowledge="4b0b25c1002d",
    )
    return replace(whole, **more)  # type: ignore[arg-type]


@pytest.fixture
def audited(store: Store, clock: Clock) -> Store:
    for number in range(10):
        store.record_call(entry(clock, number, door="feedback" if number % 2 else "hook"))
    store.record_call(entry(clock, status=401, because="replayed", caller=Caller(), user="", patient="", topics=()))
    assert store.flush()
    return store


def test_every_column_is_filled(audited: Store) -> None:
    rows = list(audited.audit_rows())
    first = rows[0]
    assert (first.client, first.tenant) == (NORTH.client, NORTH.tenant)
    assert (first.door, first.service, first.method) == ("hook", SERVICE, "POST")
    assert first.user_reference == "Practitioner/p1"
    assert first.patient == audited.patient_key(NORTH, PATIENT)[0]
    assert first.topics == ("hypercalcaemia critical", "could-not-assess warning")
    assert (first.knowledge, first.status, first.because) == ("4b0b25c1002d", 200, "")
    assert (rows[-1].status, rows[-1].because) == (401, "replayed")


def test_an_audit_that_nobody_touched_is_whole(audited: Store) -> None:
    found = audited.verify_audit()
    assert (found.rows, found.problem) == (11, "")


def test_an_empty_audit_is_whole(store: Store) -> None:
    store.check()
    assert store.verify_audit().problem == ""


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ("DELETE FROM audit WHERE id = 5", "row 5 is missing"),
        ("DELETE FROM audit WHERE id = 1", "row 1 is missing"),
        ("DELETE FROM audit WHERE id >= 10", "rows after 9 are missing; the last was 11"),
        ("UPDATE audit SET status = 200 WHERE id = 11", "row 11 is not as it was written"),
        ("UPDATE audit SET topics = '[]' WHERE id = 3", "row 3 is not as it was written"),
        ("UPDATE audit SET user_reference = 'Practitioner/p2' WHERE id = 4", "row 4 is not as it was written"),
        ("UPDATE audit SET patient = 'another' WHERE id = 4", "the patient of row 4"),
        (
            "UPDATE audit SET seal = (SELECT seal FROM audit WHERE id = 2) WHERE id = 3",
            "row 3 is not as it was written",
        ),
        (
            "DELETE FROM audit WHERE id > 9;"
            "UPDATE audit_chain SET last_id = 9, last_seal = (SELECT seal FROM audit WHERE id = 9)",
            "the end of the chain is not proven",
        ),
        (
            "UPDATE audit_chain SET purged_id = 2, purged_seal = (SELECT seal FROM audit WHERE id = 2);"
            "DELETE FROM audit WHERE id <= 2",
            "what the purge left behind is not proven",
        ),
        ("UPDATE audit_chain SET purged_id = 2; DELETE FROM audit WHERE id <= 2", "row 3 is not as it was written"),
    ],
)
def test_whatever_is_taken_or_changed_is_found(audited: Store, done: str, said: str) -> None:
    with audited.transaction("tampering") as connection:
        for statement in done.split(";"):
            connection.exec_driver_sql(statement)
    assert audited.verify_audit().problem.startswith(said)


def chain_of(store: Store) -> tuple[object, ...]:
    with store.transaction("looking at the chain") as connection:
        return tuple(connection.execute(select(audit_chain)).one())


def put_back(store: Store, rows: int, chain: tuple[object, ...]) -> None:
    """What somebody does who takes all rows after so many away, with the chain's end as it was then."""
    with store.transaction("tampering") as connection:
        connection.execute(delete(audit).where(audit.c.id > rows))
        connection.execute(update(audit_chain).values(dict(zip(audit_chain.c.keys(), chain, strict=True))))


@pytest.mark.parametrize("rows", [0, 5])
def test_a_chain_put_back_to_an_earlier_state_is_found_by_who_knows_a_later_one(
    store: Store, clock: Clock, rows: int
) -> None:
    def write(count: int) -> None:
        clock.pass_by(minutes=1)
        for number in range(count):
            store.record_call(entry(clock, number))
        assert store.flush()

    write(rows)
    earlier, before = chain_of(store), store.verify_audit().end
    write(7)
    later = store.verify_audit().end
    assert store.verify_audit(before).problem == store.verify_audit(later).problem == ""
    put_back(store, rows, earlier)
    assert store.verify_audit(before).problem == ""
    assert store.verify_audit(later).problem.startswith(f"row {rows + 7} is missing")
    write(7)
    assert store.verify_audit().problem == ""
    assert store.verify_audit(later).problem.startswith(f"row {rows + 7} is another than")
    with pytest.raises(ValueError, match="such as 812:"):
        store.verify_audit("everything")


def test_two_writers_make_one_chain(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
    stores = [open_store(url) for _ in range(3)]
    for number in range(60):
        stores[number % 3].record_call(entry(clock, number))
        if not number % 7:
            assert all(store.flush() for store in stores)
    assert all(store.flush() for store in stores)
    assert stores[0].verify_audit().rows == 60
    assert stores[0].verify_audit().problem == ""


def test_what_the_purge_took_is_no_break(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
    store = open_store(url, retention=Retention(audit_days=10))
    for number in range(6):
        store.record_call(entry(clock, number))
        assert store.flush()
        clock.now += timedelta(days=3)
    first = store.verify_audit().end
    assert store.purge()["audit"] == 3
    found = store.verify_audit(first)
    assert store.verify_audit("2:0123456789abcdef").problem == ""  # gone by the purge, which is proven
    assert (found.rows, found.problem) == (3, "")
    assert store.purge()["audit"] == 0
    store.record_call(entry(clock))
    assert store.flush()
    assert store.verify_audit().rows == 4


def test_a_patient_is_erased_and_the_seals_hold(audited: Store, clock: Clock) -> None:
    audited.record_shown(answer(clock(), hypercalcaemia(1)))
    audited.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    audited.record_call(entry(clock, patient="another"))
    assert audited.flush()
    other = Caller("https://another.example.org", NORTH.tenant)
    assert set(audited.forget_patient(other, PATIENT).values()) == {0}
    gone = audited.forget_patient(NORTH, PATIENT)
    assert (gone["shown_cards"], gone["feedback"], gone["audit"]) == (1, 1, 10)
    assert list(audited.card_rows()) == []
    assert [row.patient for row in audited.audit_rows() if row.patient] == list(audited.patient_key(NORTH, "another"))
    assert audited.verify_audit().problem == ""
    with audited.transaction("looking for marks") as connection:
        marks = connection.execute(select(audit.c.patient_mark).where(audit.c.patient_mark != "")).scalars().all()
    assert len(set(marks)) == len(marks)  # what is left joins no two rows


def test_a_site_may_keep_references(store: Store, clock: Clock) -> None:
    store.record_call(entry(clock, names_patient=True))
    assert store.flush()
    assert [row.patient for row in store.audit_rows()] == [PATIENT]
    assert store.forget_patient(NORTH, PATIENT)["audit"] == 1


def test_a_changed_secret_leaves_what_was_hashed_before_in_use(
    url: str, open_store: Callable[..., Store], clock: Clock
) -> None:
    before = open_store(url)
    before.record_call(entry(clock))
    before.record_shown(answer(clock(), hypercalcaemia(1)))
    assert before.flush()
    before.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    assert is_snoozed(before, clock, hypercalcaemia(1), patient=PATIENT)
    old = b"a secret of the ward, for tests"
    after = Store(url, b"another secret, for the days to come", old_secret=before._keys._secret, clock=clock)
    stranger = Store(url, b"another secret, for the days to come", clock=clock)
    assert old
    try:
        for store in (after, stranger):
            store.open()
        after.record_call(entry(clock))
        assert after.flush()
        assert after.verify_audit().problem == ""
        assert is_snoozed(after, clock, hypercalcaemia(1), patient=PATIENT)
        assert not is_snoozed(stranger, clock, hypercalcaemia(1), patient=PATIENT)
        assert stranger.verify_audit().problem == "row 1 is not as it was written"
        assert after.forget_patient(NORTH, PATIENT)["audit"] == 2
    finally:
        after.close()
        stranger.close()


def test_the_audit_is_exported_as_fhir(audited: Store) -> None:
    events = list(audited.audit_events())
    assert len(events) == 11
    for event in events:
        AuditEvent.model_validate(event)
    assert events[0]["outcome"] == "0"
    assert events[0]["agent"][1]["who"] == {"reference": "Practitioner/p1"}
    assert events[0]["subtype"][0]["code"] == "hook"
    assert {"type": "shown", "valueString": "hypercalcaemia critical"} in events[0]["entity"][0]["detail"]
    assert (events[-1]["outcome"], events[-1]["outcomeDesc"]) == ("4", "replayed")
    assert PATIENT not in str(events)
