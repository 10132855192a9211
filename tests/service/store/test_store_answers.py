"""What an answer leaves behind: complete, without a name, and never in the answer's way."""

from __future__ import annotations

import gc
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from cds_service.service.store import (
    AuditEntry,
    KnowledgeLoaded,
    RememberedFailure,
    Store,
    development_secret,
)
from cds_service.service.store.records import ChartedAction
from cds_service.service.store.tables import metadata, shown_cards
from tests.service.store.ward import NORTH, SERVICE, SOUTH, Clock, answer, card_id, hypercalcaemia


def test_a_shown_card_is_remembered_with_what_decided_it(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    assert store.flush()
    (row,) = store.card_rows()
    assert (row.card_id, row.topic, row.message, row.indicator) == (card_id(1), "hypercalcaemia", "treat", "critical")
    assert row.parameters == {"treat_at": "3.00 mmol/L"}
    assert (row.knowledge, row.site, row.user_role, row.hook) == ("3f9a", "uk-nice", "Practitioner", "patient-view")
    assert row.trigger_action == "23"
    assert (row.shown_at, row.week) == (clock(), "2026-W10")
    assert row.offered_suggestions == ("saline",)


def test_neither_patient_nor_hook_instance_nor_evidence_is_readable(store: Store, clock: Clock) -> None:
    remembered = answer(clock(), hypercalcaemia(1))
    store.record_shown(remembered)
    store.flush()
    with store.transaction("looking") as connection:
        everything = repr([connection.execute(select(table)).all() for table in metadata.sorted_tables])
    for word in ("MARKED-PATIENT-ID", remembered.hook_instance, "Observation/ca-1", "3.12"):
        assert word not in everything
        assert word not in repr(remembered)


def test_the_same_answer_sent_again_is_one_card(store: Store, clock: Clock) -> None:
    for _ in range(2):
        store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.flush()
    assert len(list(store.card_rows())) == 1
    assert store.health().dropped == 0


def test_two_clients_may_have_one_card_id(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.record_shown(answer(clock(), hypercalcaemia(1), caller=SOUTH))
    store.flush()
    assert {row.client for row in store.card_rows()} == {NORTH.client, SOUTH.client}


def test_a_silent_card_is_remembered_beside_the_shown_one(store: Store, clock: Clock) -> None:
    shown, candidate = hypercalcaemia(1), hypercalcaemia(1, standing="silent", variant="calcium-3.1")
    store.record_shown(answer(clock(), shown, candidate))
    store.flush()
    assert [(tally.group, tally.shown, tally.silent) for tally in store.tallies(["variant"])] == [
        (("",), 1, 0),
        (("calcium-3.1",), 0, 1),
    ]


def test_failures_of_rules_are_counted(store: Store, clock: Clock) -> None:
    failure = RememberedFailure("oxygen", "cannot-tell", "spo2")
    store.record_shown(answer(clock(), failures=(failure, failure, RememberedFailure("oxygen", "failed", "KeyError"))))
    store.flush()
    tallies = store.failure_tallies(["topic", "kind"])
    assert [(tally.group, tally.failures) for tally in tallies] == [
        (("oxygen", "cannot-tell"), 2),
        (("oxygen", "failed"), 1),
    ]


def test_calls_and_knowledge_versions_are_remembered(store: Store, clock: Clock) -> None:
    store.record_call(AuditEntry(clock(), NORTH, "order-select", 200, 3.5, ("hypercalcaemia",)))
    store.record_call(AuditEntry(clock.pass_by(seconds=1), NORTH, "order-select", 401, 0.25))
    store.record_knowledge(KnowledgeLoaded("3f9a", "packaged cards", clock()))
    store.record_knowledge(KnowledgeLoaded("77aa", "sites/uk-nice.yaml", clock()))
    store.flush()
    assert [(row.status, row.duration_ms, row.topics) for row in store.audit_rows()] == [
        (200, 3.5, ("hypercalcaemia",)),
        (401, 0.25, ()),
    ]
    assert [row.hash for row in store.knowledge_history()] == ["77aa", "3f9a"]


def test_text_that_a_database_cannot_hold_does_not_lose_the_answer(store: Store, clock: Clock) -> None:
    odd = hypercalcaemia(1, message="nul \x00", evidence=("half a pair \ud800",), parameters={"note": "x\x00"})
    store.record_shown(answer(clock(), odd, site="s" * 500, user_role="\udfff"))
    store.flush()
    (row,) = store.card_rows()
    assert row.message == "nul \ufffd"
    assert len(row.site) == 80


def test_a_record_that_cannot_become_a_row_does_not_take_others_with_it(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.record_shown(answer(clock(), hypercalcaemia(2, indicator=None)))
    store.record_shown(answer(clock(), hypercalcaemia(3), shown_at=None))
    store.record_call(AuditEntry(clock(), NORTH, "order-select", None, 3.5))  # type: ignore[arg-type]
    store.record_shown(answer(clock(), hypercalcaemia(4)))
    assert store.flush()
    assert {row.card_id for row in store.card_rows()} == {card_id(1), card_id(4)}
    assert store.health().dropped == 3


def test_an_answer_never_waits_for_a_locked_database(
    tmp_path: Path, open_store: Callable[..., Store], clock: Clock
) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db", timeout=0.2)
    blocker = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    began = time.perf_counter()
    for number in range(100):
        assert store.record_shown(answer(clock(), hypercalcaemia(number)))
    assert time.perf_counter() - began < 0.2 * 100 / 2  # each would wait so long
    assert not store.flush(0.5)
    blocker.execute("ROLLBACK")
    assert store.flush(10)
    assert len(list(store.card_rows())) == 100


def test_a_full_queue_drops_and_counts(tmp_path: Path, open_store: Callable[..., Store], clock: Clock) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db", timeout=0.2, capacity=10)
    blocker = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    store.record_shown(answer(clock(), hypercalcaemia(0)))
    time.sleep(0.8)  # the writer holds this one and waits
    taken = [store.record_shown(answer(clock(), hypercalcaemia(number))) for number in range(1, 26)]
    assert taken == [True] * 10 + [False] * 15
    assert (store.health().dropped, store.health().queued) == (15, 11)
    blocker.execute("ROLLBACK")
    assert store.flush(10)
    assert len(list(store.card_rows())) == 11


def test_closing_writes_what_waits(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
    store = open_store(url)
    for number in range(1200):
        store.record_shown(answer(clock(), hypercalcaemia(number)))
    assert store.close() == 0
    assert not store.record_shown(answer(clock(), hypercalcaemia(1)))
    with open_store(url).transaction("counting") as connection:
        assert len(connection.execute(select(shown_cards.c.card_id)).all()) == 1200


def test_the_development_secret_is_made_once_and_private(tmp_path: Path) -> None:
    secret = development_secret(tmp_path / "data")
    assert development_secret(tmp_path / "data") == secret
    assert len(secret) >= 32
    (kept,) = (tmp_path / "data").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("patient", ["", "p-1"])
def test_a_patient_key_differs_between_tenants(store: Store, patient: str) -> None:
    keys = {store.patient_key(type(NORTH)(NORTH.client, tenant), patient) for tenant in ("ward-1", "ward-2", "")}
    assert len(keys) == 3


def test_a_batch_leaves_nothing_behind_in_memory(store: Store, clock: Clock) -> None:
    """What only the garbage collector finds gathers for hours, since a worker's looks rarely."""

    def left_by(batches: int) -> int:
        gc.collect()
        for number in range(batches):
            store.record_shown(
                answer(clock(), hypercalcaemia(number), charted=(ChartedAction("hypercalcaemia", clock()),))
            )
            store.record_call(AuditEntry(clock(), NORTH, SERVICE, 200, 1.0))
            assert store.flush()
        return gc.collect()

    left_by(5)
    assert left_by(25) < 25
