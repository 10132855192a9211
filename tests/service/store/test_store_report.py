"""Counts over what was shown, and the end of what is old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from cds_service.service.store import AuditEntry, KnowledgeLoaded, Period, RememberedFailure, Retention, Store, Tally
from cds_service.service.store.report import ALWAYS
from cds_service.service.store.tables import used_tokens
from tests.service.store.ward import NORTH, SERVICE, Clock, accepted, answer, hypercalcaemia, overridden


@pytest.fixture
def season(store: Store, clock: Clock) -> Store:
    """Two weeks: three calcium cards and an oxygen card shown, one accepted, two overridden, others held back."""
    store.record_shown(answer(clock(), hypercalcaemia(1), hypercalcaemia(2), user_role=""))
    store.record_feedback([accepted(1, clock() + timedelta(minutes=4))], NORTH, SERVICE)
    store.record_feedback([overridden(2, clock() + timedelta(minutes=9))], NORTH, SERVICE)
    clock.pass_by(days=7)
    oxygen = hypercalcaemia(4, topic="oxygen", suggestions={})
    held = [hypercalcaemia(5 + n, standing=standing) for n, standing in enumerate(("capped", "snoozed", "silent"))]
    store.record_shown(answer(clock(), hypercalcaemia(3), oxygen, *held))
    words_only = overridden(4, clock() - timedelta(minutes=1), reason_code="", reason_system="", comment="at home")
    store.record_feedback([words_only], NORTH, SERVICE)
    return store


def test_cards_are_counted_by_topic(season: Store) -> None:
    assert season.tallies(["topic"]) == [
        Tally(("hypercalcaemia",), shown=3, accepted=1, overridden=1, silent=1, capped=1, snoozed=1),
        Tally(("oxygen",), shown=1, accepted=0, overridden=1, silent=0, capped=0, snoozed=0),
    ]
    assert [tally.no_response for tally in season.tallies(["topic"])] == [1, 0]


def test_cards_are_counted_by_week_and_role(season: Store) -> None:
    by_week = [(tally.group, tally.shown) for tally in season.tallies(["week", "user_role"])]
    assert by_week == [(("2026-W10", ""), 2), (("2026-W11", "Practitioner"), 2)]


def test_counts_keep_to_the_period_and_to_the_site(season: Store, clock: Clock) -> None:
    first_week = Period(until=clock() - timedelta(days=1))
    assert [tally.shown for tally in season.tallies([], first_week)] == [2]
    assert [tally.shown for tally in season.tallies([], Period(since=clock()))] == [2]
    assert season.tallies(["topic"], Period(where={"site": "elsewhere"})) == []
    assert season.tallies(["topic"], Period(where={"site": "uk-nice"})) == season.tallies(["topic"], ALWAYS)


def test_reasons_are_counted_and_a_comment_alone_has_none(season: Store) -> None:
    assert [(reason.group, reason.code, reason.cards, reason.with_comment) for reason in season.reasons(["topic"])] == [
        (("hypercalcaemia",), "comfort-care", 1, 0),
        (("oxygen",), "", 1, 1),
    ]


def test_the_time_to_action_is_never_negative(season: Store) -> None:
    seconds = {row.outcome: row.seconds_to_action for row in season.card_rows(Period(where={"topic": "oxygen"}))}
    assert seconds == {"overridden": 0.0}
    times = [row.seconds_to_action for row in season.card_rows(Period(where={"topic": "hypercalcaemia"}))]
    assert [time for time in times if time is not None] == [240.0, 540.0]


def test_accepted_suggestions_are_named_as_in_the_card_file(season: Store) -> None:
    assert [row.accepted_suggestions for row in season.card_rows() if row.outcome == "accepted"] == [("saline",)]


def test_a_group_that_does_not_exist_is_named_with_those_that_do(store: Store) -> None:
    with pytest.raises(ValueError, match="'patient_key'; known are topic, message"):
        store.tallies(["patient_key"])
    with pytest.raises(ValueError, match="known are topic"):
        store.tallies([], Period(where={"evidence": "x"}))


def test_what_is_older_than_its_days_is_purged(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
    store = open_store(url, retention=Retention(100, 100, 100, 10))
    failure = RememberedFailure("oxygen", "failed", "KeyError")
    for number in range(2):
        store.record_shown(answer(clock(), hypercalcaemia(number), failures=(failure,)))
        store.record_call(AuditEntry(clock(), NORTH, SERVICE, 200, 1.0))
        store.record_knowledge(KnowledgeLoaded("3f9a", "packaged", clock()))
        store.record_feedback([overridden(number, clock())], NORTH, SERVICE)
        clock.pass_by(days=60)
    store.flush()
    with store.transaction("adding tokens") as connection:
        for jti, lasts in (("old", -1), ("new", 60)):
            row = {"issuer": "iss", "jti_hash": jti, "expires_at": int(clock().timestamp()) + lasts}
            connection.execute(insert(used_tokens), row)
    assert store.purge() == {
        "shown_cards": 1,
        "suggestions": 1,
        "failures": 1,
        "feedback": 1,
        "audit": 2,
        "used_tokens": 1,
    }
    assert len(list(store.card_rows())) == 1
    assert len(store.knowledge_history()) == 2
    assert not any(store.purge().values())


def test_a_purge_of_many_rows_goes_in_steps(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
    store = open_store(url, retention=Retention(cards_days=1))
    for start in range(0, 4500, 500):
        store.record_shown(answer(clock(), *(hypercalcaemia(number) for number in range(start, start + 500))))
    store.flush(20)
    clock.pass_by(days=2)
    assert store.purge()["shown_cards"] == 4500


def test_zero_days_keep_for_ever(url: str, open_store: Callable[..., Store], clock: Clock) -> None:
    store = open_store(url, retention=Retention(0, 0, 0, 0))
    store.record_shown(answer(datetime(1990, 1, 1, tzinfo=UTC), hypercalcaemia(1)))
    store.flush()
    assert store.purge() == {"used_tokens": 0, "audit": 0}
    assert len(list(store.card_rows())) == 1
