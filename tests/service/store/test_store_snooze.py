"""Advice that was overridden is snoozed for its time, until there is new evidence."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from cds_service.service.store import AdviceIdentity, SnoozePeriods, Store
from tests.service.store.ward import (
    COLLEAGUE,
    ME,
    NORTH,
    SERVICE,
    Clock,
    accepted,
    answer,
    card_id,
    hypercalcaemia,
    is_snoozed,
    overridden,
)
from tests.service.wire import wait_until

CALCIUM = ("Observation/ca-1 3.12 mmol/L",)


def _snoozed(store: Store, clock: Clock, evidence: tuple[str, ...] = CALCIUM, topic: str = "hypercalcaemia") -> bool:
    return is_snoozed(store, clock, hypercalcaemia(9, topic=topic, evidence=evidence))


@pytest.fixture
def snoozing(store: Store, clock: Clock) -> Store:
    """A critical hypercalcaemia card was just overridden."""
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    return store


def test_an_overridden_critical_card_is_snoozed_for_four_hours(snoozing: Store, clock: Clock) -> None:
    clock.pass_by(hours=3, minutes=59)
    assert _snoozed(snoozing, clock)
    clock.pass_by(minutes=1)
    assert not _snoozed(snoozing, clock)


def test_new_evidence_ends_the_rest(snoozing: Store, clock: Clock) -> None:
    assert not _snoozed(snoozing, clock, (*CALCIUM, "Observation/ca-2 3.40 mmol/L"))


def test_evidence_that_is_gone_does_not_end_the_rest(snoozing: Store, clock: Clock) -> None:
    assert _snoozed(snoozing, clock, ())


def test_another_topic_does_not_rest(snoozing: Store, clock: Clock) -> None:
    assert not _snoozed(snoozing, clock, topic="mscc-suspected")


def test_another_patient_does_not_rest(snoozing: Store, clock: Clock) -> None:
    assert not is_snoozed(snoozing, clock, hypercalcaemia(9), patient="another")


def test_an_accepted_card_does_not_rest(snoozing: Store, clock: Clock) -> None:
    clock.pass_by(minutes=5)
    snoozing.record_feedback([accepted(1, clock())], NORTH, SERVICE)
    assert not _snoozed(snoozing, clock)
    time.sleep(0.4)  # refreshes read the older override again
    assert not _snoozed(snoozing, clock)


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
    wait_until(lambda: _snoozed(here, clock))


def test_snoozing_outlives_a_restart(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
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


def test_asking_takes_microseconds(snoozing: Store, clock: Clock) -> None:
    key, nobody = snoozing.asker(NORTH, "MARKED-PATIENT-ID", ME), snoozing.asker(NORTH, "nobody", ME)
    advice = AdviceIdentity("hypercalcaemia", "critical", CALCIUM, card_id(9))
    began = time.thread_time()
    for _ in range(1000):
        snoozing.is_snoozed(key, advice, clock())
        snoozing.is_snoozed(nobody, advice, clock())
    assert time.thread_time() - began < 0.5


def test_a_critical_card_is_snoozed_for_who_put_it_off_and_a_colleague_sees_when(snoozing: Store, clock: Clock) -> None:
    at, card = clock(), hypercalcaemia(1)
    clock.pass_by(minutes=20)
    advice = AdviceIdentity(card.topic, card.indicator, card.evidence)
    me, colleague = (snoozing.asker(NORTH, "MARKED-PATIENT-ID", user) for user in (ME, COLLEAGUE))
    assert (snoozing.is_snoozed(me, advice, clock()), snoozing.put_off_by_another(me, advice, clock())) == (True, None)
    assert (
        snoozing.is_snoozed(colleague, advice, clock()),
        snoozing.put_off_by_another(colleague, advice, clock()),
    ) == (
        False,
        at,
    )
    new = AdviceIdentity(card.topic, card.indicator, (*card.evidence, "a new sign"))
    assert snoozing.put_off_by_another(colleague, new, clock()) is None
    clock.pass_by(hours=4)
    assert snoozing.put_off_by_another(colleague, advice, clock()) is None


def test_what_is_not_critical_is_snoozed_for_everybody(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1, indicator="warning")))
    store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    for user in (ME, COLLEAGUE, ""):
        assert is_snoozed(store, clock, hypercalcaemia(9, indicator="warning"), user)


@pytest.mark.parametrize(("by", "user"), [("", ""), ("", ME), (ME, "")])
def test_a_critical_card_that_nobody_is_known_to_have_put_off_is_snoozed_for_nobody(
    store: Store, clock: Clock, by: str, user: str
) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1), user=by))
    store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    assert not is_snoozed(store, clock, hypercalcaemia(9), user)


def test_an_accepted_card_hides_nothing_at_the_second_of_its_acceptance(store: Store, clock: Clock) -> None:
    for number, indicator in enumerate(("critical", "warning"), start=1):
        store.record_shown(answer(clock(), hypercalcaemia(number, indicator=indicator)))
        store.record_feedback([accepted(number, clock() + timedelta(seconds=59))], NORTH, SERVICE)
        assert not is_snoozed(store, clock, hypercalcaemia(number, indicator=indicator))
