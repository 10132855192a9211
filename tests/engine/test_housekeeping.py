"""Routine work of one visit stands in one card, and each reminder still counts on its own."""

from __future__ import annotations

from cds_service.service.answer_records import evidence_of_card
from tests.engine.test_respond import a_card, answer, fired, topics

MARKERS, DENTAL = a_card("tumour-markers", "info"), a_card("bma-dental-review", "info")


def test_two_reminders_become_one_card_that_names_them() -> None:
    found = answer((MARKERS, fired()), (DENTAL, fired()), (a_card("staging-ct"), fired()))
    assert topics(found) == ["staging-ct", "housekeeping"]
    card = found.shown[1].card
    assert card.summary == "2 things due at this visit: dental examination, tumour markers"
    assert card.extension["topics"] == ("bma-dental-review", "tumour-markers")
    assert [part.topic for part in found.shown[1].parts] == ["bma-dental-review", "tumour-markers"]


def test_its_suggestions_are_those_of_all_by_topic_and_name() -> None:
    found = answer((MARKERS, fired(offers=())), (DENTAL, fired(offers=())))
    assert found.shown[0].suggestions == {}
    assert found.shown[0].card.indicator == "info"


def test_one_reminder_alone_keeps_its_own_card() -> None:
    assert topics(answer((MARKERS, fired()))) == ["tumour-markers"]


def test_what_is_no_reminder_stays_apart() -> None:
    warned = a_card("bma-dental-review", "warning")
    assert topics(answer((MARKERS, fired()), (warned, fired()))) == ["bma-dental-review", "tumour-markers"]
    assert topics(answer((MARKERS, fired()), (DENTAL, fired()), hook="order-sign")) == [
        "bma-dental-review",
        "tumour-markers",
    ]


def test_beside_a_critical_card_it_is_held_back() -> None:
    found = answer((a_card("mscc-suspected", "critical"), fired()), (MARKERS, fired()), (DENTAL, fired()))
    assert (topics(found), found.held_back) == (
        ["mscc-suspected"],
        ("housekeeping", "bma-dental-review", "tumour-markers"),
    )


def test_what_was_put_off_in_it_is_snoozed_alone_and_together() -> None:
    whole = answer((MARKERS, fired()), (DENTAL, fired())).shown[0]
    alone = whole.parts[0]
    assert {f"{alone.topic}:{key}" for key in evidence_of_card(alone)} < set(evidence_of_card(whole))
