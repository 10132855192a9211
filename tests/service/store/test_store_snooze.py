"""Advice that was overridden rests for its time, until there is new evidence."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from cds_service.service.store import SnoozePeriods, Store
from tests.service.store.ward import NORTH, SERVICE, Clock, accepted, answer, hypercalcaemia, overridden

CALCIUM = ("Observation/ca-1 3.12 mmol/L",)


def _snoozed(store: Store, clock: Clock, evidence: tuple[str, ...] = CALCIUM, topic: str = "hypercalcaemia") -> bool:
    return store.snoozed(store.patient_key(NORTH, "MARKED-PATIENT-ID"), topic, evidence, clock())


@pytest.fixture
def resting(store: Store, clock: Clock) -> Store:
    """A critical hypercalcaemia card was just overridden."""
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    return store


def test_an_overridden_critical_card_rests_for_four_hours(resting: Store, clock: Clock) -> None:
    clock.pass_by(hours=3, minutes=59)
    assert _snoozed(resting, clock)
    clock.pass_by(minutes=1)
    assert not _snoozed(resting, clock)


def test_new_evidence_ends_the_rest(resting: Store, clock: Clock) -> None:
    assert not _snoozed(resting, clock, (*CALCIUM, "Observation/ca-2 3.40 mmol/L"))


def test_evidence_that_is_gone_does_not_end_the_rest(resting: Store, clock: Clock) -> None:
    assert _snoozed(resting, clock, ())


def test_another_topic_does_not_rest(resting: Store, clock: Clock) -> None:
    assert not _snoozed(resting, clock, topic="mscc-suspected")


def test_another_patient_does_not_rest(resting: Store, clock: Clock) -> None:
    other = resting.patient_key(NORTH, "another")
    assert not resting.snoozed(other, "hypercalcaemia", CALCIUM, clock())


def test_an_accepted_card_does_not_rest(resting: Store, clock: Clock) -> None:
    clock.pass_by(minutes=5)
    resting.record_feedback([accepted(1, clock())], NORTH, SERVICE)
    assert not _snoozed(resting, clock)
    time.sleep(0.4)  # refreshes read the older override again
    assert not _snoozed(resting, clock)


def test_a_client_whose_clock_runs_ahead_cannot_prolong_the_rest(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.record_feedback([overridden(1, clock() + timedelta(days=300))], NORTH, SERVICE)
    assert _snoozed(store, clock)
    clock.pass_by(hours=5)
    assert not _snoozed(store, clock)


def test_a_card_that_was_not_shown_to_anyone_does_not_rest(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1, standing="silent")))
    assert store.record_feedback([overridden(1, clock())], NORTH, SERVICE).unknown == 1
    assert not _snoozed(store, clock)


def test_an_override_taken_by_another_worker_is_known_here_soon(
    url: str, open_store: Callable[..., Store], clock: Clock
) -> None:
    here, there = open_store(url), open_store(url)
    here.record_shown(answer(clock(), hypercalcaemia(1)))
    here.flush()
    there.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    deadline = time.monotonic() + 5
    while not _snoozed(here, clock):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_rest_outlives_a_restart(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
    first = open_store(url)
    first.record_shown(answer(clock(), hypercalcaemia(1)))
    first.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    first.close()
    clock.pass_by(hours=1)
    assert _snoozed(open_store(url), clock)


def test_a_site_may_choose_that_nothing_rests(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
    none = timedelta(0)
    store = open_store(url, snooze_periods=SnoozePeriods(none, none, none))
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    assert not _snoozed(store, clock)


def test_asking_takes_microseconds(resting: Store, clock: Clock) -> None:
    key, nobody = resting.patient_key(NORTH, "MARKED-PATIENT-ID"), resting.patient_key(NORTH, "nobody")
    began = time.perf_counter()
    for _ in range(1000):
        resting.snoozed(key, "hypercalcaemia", CALCIUM, clock())
        resting.snoozed(nobody, "hypercalcaemia", CALCIUM, clock())
    assert time.perf_counter() - began < 0.5
