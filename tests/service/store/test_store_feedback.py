"""Feedback: durable, once, and within its client."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from cds_service.service.store import Acknowledged, CardFeedback, Store
from cds_service.service.store.tables import feedback
from tests.service.store.ward import (
    NORTH,
    SERVICE,
    SOUTH,
    Clock,
    accepted,
    answer,
    card_id,
    hypercalcaemia,
    is_snoozed,
    overridden,
)


def _rows(store: Store) -> list[dict[str, object]]:
    with store.transaction("looking") as connection:
        return [dict(row) for row in connection.execute(select(feedback).order_by(feedback.c.id)).mappings()]


def test_feedback_sent_twice_is_recorded_once(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    item = overridden(1, clock())
    assert store.record_feedback([item], NORTH, SERVICE) == Acknowledged(recorded=1)
    assert store.record_feedback([item, item], NORTH, SERVICE) == Acknowledged(repeated=2)
    assert len(_rows(store)) == 1


def test_the_same_moment_in_another_zone_is_the_same_event(store: Store, clock: Clock) -> None:
    item = overridden(1, clock())
    elsewhere = overridden(1, clock().astimezone(timezone(timedelta(hours=5, minutes=30))))
    store.record_feedback([item], NORTH, SERVICE)
    assert store.record_feedback([elsewhere], NORTH, SERVICE).repeated == 1


def test_a_later_outcome_of_the_same_card_is_history_and_the_last_one_counts(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.record_feedback([overridden(1, clock())], NORTH, SERVICE)
    later = clock.pass_by(minutes=20)
    assert store.record_feedback([accepted(1, later)], NORTH, SERVICE).recorded == 1
    assert [row["outcome"] for row in _rows(store)] == ["overridden", "accepted"]
    (tally,) = store.tallies(["topic"])
    assert (tally.shown, tally.accepted, tally.overridden) == (1, 1, 0)


def test_an_earlier_outcome_that_arrives_late_does_not_count(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.record_feedback([accepted(1, clock() + timedelta(minutes=9))], NORTH, SERVICE)
    store.record_feedback([overridden(1, clock() + timedelta(minutes=3))], NORTH, SERVICE)
    (tally,) = store.tallies(["topic"])
    assert (tally.accepted, tally.overridden) == (1, 0)


def test_an_unknown_card_is_taken_and_marked_unknown(store: Store, clock: Clock) -> None:
    assert store.record_feedback([overridden(404, clock())], NORTH, SERVICE) == Acknowledged(recorded=1, unknown=1)
    assert [row["known"] for row in _rows(store)] == [False]
    assert store.unknown_feedback() == 1


def test_feedback_for_another_clients_card_is_not_kept(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    assert store.record_feedback([overridden(1, clock())], SOUTH, SERVICE) == Acknowledged(foreign=1)
    assert _rows(store) == []
    (tally,) = store.tallies(["topic"])
    assert tally.no_response == 1


def test_feedback_sent_ahead_by_another_client_never_counts_for_the_card(store: Store, clock: Clock) -> None:
    store.record_feedback([overridden(1, clock())], SOUTH, SERVICE)
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    store.flush()
    (tally,) = store.tallies(["topic"])
    assert (tally.shown, tally.overridden) == (1, 0)
    assert not is_snoozed(store, clock, hypercalcaemia(1, evidence=()))


def test_another_tenant_of_the_same_client_is_another_client(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    other = type(NORTH)(NORTH.client, "ward-2")
    assert store.record_feedback([overridden(1, clock())], other, SERVICE).foreign == 1


def test_five_hundred_items_are_taken_at_once_and_again(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), *(hypercalcaemia(number) for number in range(400))))
    items = [overridden(number, clock()) for number in range(500)]
    assert store.record_feedback(items, NORTH, SERVICE) == Acknowledged(recorded=500, unknown=100)
    assert store.record_feedback(items, NORTH, SERVICE) == Acknowledged(repeated=500)


def test_a_comment_is_kept_as_its_length(store: Store, clock: Clock) -> None:
    item = overridden(1, clock(), comment="Mrs Marked declined")
    store.record_feedback([item], NORTH, SERVICE)
    (row,) = _rows(store)
    assert row["comment_length"] == 19
    assert row["comment"] is None
    assert "Mrs Marked" not in repr(item)


def test_a_comment_is_kept_when_the_site_says_so(url: str, open_store: object, clock: Clock) -> None:
    store = open_store(url, keep_comments=True)  # type: ignore[operator]
    store.record_feedback([overridden(1, clock(), comment="already on saline\x00\ud800")], NORTH, SERVICE)
    (row,) = _rows(store)
    assert row["comment"] == "already on saline\ufffd\ufffd"


@pytest.mark.parametrize("text", ["Mrs Marked", "", "\x00", "\ud800", "x" * 5000, "card 'quoted'; --"])
def test_free_text_where_ids_and_codes_belong_is_taken_but_not_kept(store: Store, clock: Clock, text: str) -> None:
    item = CardFeedback(text, "overridden", clock(), accepted=(text,), reason_code=f"{text} ", reason_system=text)
    assert store.record_feedback([item], NORTH, SERVICE).unknown == 1
    (row,) = _rows(store)
    assert str(row["card_id"]).startswith("other-")
    assert (row["reason_code"], row["reason_system"]) == ("", "")
    assert store.record_feedback([item], NORTH, SERVICE).repeated == 1


def test_a_time_at_the_edge_of_the_calendar_is_taken(store: Store) -> None:
    first = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    last = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12)))
    assert store.record_feedback([overridden(1, first), overridden(1, last)], NORTH, SERVICE).recorded == 2


def test_a_card_still_in_the_queue_is_known_to_its_feedback(store: Store, clock: Clock) -> None:
    for number in range(20):
        store.record_shown(answer(clock(), hypercalcaemia(number)))
        assert store.record_feedback([overridden(number, clock())], NORTH, SERVICE).unknown == 0


def test_card_ids_are_the_same_in_upper_case(store: Store, clock: Clock) -> None:
    store.record_shown(answer(clock(), hypercalcaemia(1)))
    item = overridden(1, clock(), card_id=card_id(1).upper())
    assert store.record_feedback([item], NORTH, SERVICE).unknown == 0
