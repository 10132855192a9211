"""Advice that nobody answers comes less often, unless it is critical; what the chart shows as done counts as accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cds_service.service.store import ChartedAction, RememberedCard, SnoozePeriods, Store
from tests.service.store.ward import (
    COLLEAGUE,
    ME,
    NORTH,
    SERVICE,
    Clock,
    accepted,
    answer,
    hypercalcaemia,
    is_snoozed,
    overridden,
)
from tests.service.wire import wait_until

CALCIUM = "Observation/ca-1 3.12 mmol/L"


def reminder(number: int, **changes: Any) -> RememberedCard:
    return hypercalcaemia(number, **({"indicator": "warning", "evidence": (CALCIUM,)} | changes))


Opening = Callable[..., Store]


@pytest.fixture
def shown(url: str, open_store: Opening, clock: Clock) -> Callable[..., Store]:
    """Show the reminder so often, once a day; gives a store that has looked at what there is."""

    def show(first: int, last: int, **changes: Any) -> Store:
        store = open_store(url)
        for number in range(first, last + 1):
            store.record_shown(answer(clock(), reminder(number, **changes)))
            clock.pass_by(days=1)
        assert store.flush()
        return looking(open_store(url))

    return show


def looking(store: Store) -> Store:
    wait_until(lambda: store._unanswered._read_from is not None)
    return store


def test_the_same_advice_three_times_without_an_answer_comes_weekly_then(
    shown: Callable[..., Store], clock: Clock
) -> None:
    assert not is_snoozed(shown(1, 2), clock, reminder(9))
    store = shown(3, 3)
    assert is_snoozed(store, clock, reminder(9)) and not is_snoozed(store, clock, reminder(9), COLLEAGUE)
    assert not is_snoozed(store, clock, reminder(9), "") and not is_snoozed(
        store, clock, reminder(9), patient="another"
    )
    assert not is_snoozed(store, clock, reminder(3)), "the very card goes out again when it is asked for again"
    assert not is_snoozed(store, clock, reminder(9, evidence=(CALCIUM, "a new sign")))
    assert not is_snoozed(store, clock, reminder(9, topic="mdt-referral"))
    clock.pass_by(days=5, hours=23)
    assert is_snoozed(store, clock, reminder(9))
    clock.pass_by(hours=1)
    assert not is_snoozed(store, clock, reminder(9))
    assert is_snoozed(shown(8, 8), clock, reminder(9))


def test_a_critical_card_never_backs_off_and_a_site_may_choose_that_none_does(
    shown: Callable[..., Store], url: str, open_store: Opening, clock: Clock
) -> None:
    assert not is_snoozed(shown(1, 4, indicator="critical"), clock, reminder(9, indicator="critical"))
    assert is_snoozed(shown(5, 8, topic="oxygen"), clock, reminder(9, topic="oxygen"))
    never = open_store(url, snooze_periods=SnoozePeriods(unanswered_after=0))
    assert not is_snoozed(never, clock, reminder(9, topic="oxygen"))


def test_feedback_begins_the_count_anew(shown: Callable[..., Store], clock: Clock) -> None:
    store = shown(1, 3)
    store.record_feedback([accepted(3, clock())], NORTH, SERVICE)
    assert not is_snoozed(store, clock, reminder(9))
    assert not is_snoozed(shown(4, 5), clock, reminder(9))


def test_what_the_chart_shows_as_done_after_the_card_counts_as_accepted(store: Store, clock: Clock) -> None:
    began = clock()
    store.record_shown(answer(began + timedelta(seconds=20), reminder(1), hypercalcaemia(2, topic="oxygen")))
    store.record_shown(answer(began, reminder(3, topic="mdt-referral"), user=COLLEAGUE))
    store.record_shown(answer(began, reminder(4, topic="sbrt", standing="capped"), reminder(5), patient_id="another"))
    store.record_feedback([overridden(3, began + timedelta(minutes=1))], NORTH, SERVICE)
    later = (
        ChartedAction("hypercalcaemia", began + timedelta(seconds=19)),  # before the card was shown: not on its advice
        ChartedAction("oxygen", began + timedelta(seconds=21)),
        ChartedAction("mdt-referral", began + timedelta(hours=1)),
        ChartedAction("sbrt", began + timedelta(hours=1)),
    )
    store.record_shown(answer(clock.pass_by(hours=2), charted=later))
    store.record_shown(answer(clock(), charted=(ChartedAction("oxygen", clock()),)))  # the first time counts
    assert store.flush()
    found = {one.group[0]: (one.shown, one.accepted, one.overridden, one.done) for one in store.tallies(["topic"])}
    assert found == {
        "hypercalcaemia": (2, 0, 0, 0),
        "oxygen": (1, 1, 0, 1),
        "mdt-referral": (1, 0, 1, 0),
        "sbrt": (0, 0, 0, 0),
    }
    done = {row.topic: row.done_at for row in store.card_rows() if row.done_at}
    assert done == {"oxygen": began + timedelta(seconds=21), "mdt-referral": began + timedelta(hours=1)}


@pytest.mark.parametrize(
    ("still", "counts"),
    [
        (frozenset({"mri", "dexamethasone"}), 0),  # nothing that it offered is done
        (frozenset({"mri"}), 1),
        (frozenset({"mri", "another"}), 1),
        (frozenset(), 1),
        (None, 1),
    ],
)
def test_one_suggestion_of_several_that_is_done_counts(
    store: Store, clock: Clock, still: frozenset[str] | None, counts: int
) -> None:
    offered = {"s-1": "mri", "s-2": "dexamethasone"}
    store.record_shown(answer(clock(), reminder(1, suggestions=offered), reminder(2, topic="oxygen")))
    action = ChartedAction("hypercalcaemia", clock() + timedelta(minutes=5), still)
    store.record_shown(answer(clock.pass_by(hours=1), charted=(action,)))
    assert store.flush()
    assert {one.group[0]: one.done for one in store.tallies(["topic"])} == {"hypercalcaemia": counts, "oxygen": 0}


@pytest.mark.parametrize(("after", "counts"), [(timedelta(days=7), 1), (timedelta(days=7, seconds=1), 0)])
def test_what_is_done_within_a_week_counts(store: Store, clock: Clock, after: timedelta, counts: int) -> None:
    store.record_shown(answer(clock(), reminder(1)))
    store.record_shown(
        answer(clock.now + timedelta(days=9), charted=(ChartedAction("hypercalcaemia", clock() + after),), user=ME)
    )
    assert store.flush()
    assert [one.done for one in store.tallies(["topic"])] == [counts]
