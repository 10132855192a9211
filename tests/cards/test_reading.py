"""Every card of every worked example is read at a glance: short, in the words of a ward, without anything of the machine."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from cds_service.authoring.written_cards import WrittenCard, cards_page, written_cards
from tests.expected import loaded
from tests.reading import MEDIAN_WORDS, faults, words

PAGE = Path(__file__).parents[2] / "docs" / "cards.md"


@pytest.fixture(scope="module")
def cards() -> list[WrittenCard]:
    knowledge, runner = loaded()
    return [one for card in knowledge.cards.values() for one in written_cards(card, runner)]


def test_no_card_makes_its_reader_stumble(cards: list[WrittenCard]) -> None:
    found = [f"{card.topic} / {card.example}: {fault}" for card in cards for fault in faults(card)]
    assert found == []


def test_half_of_all_cards_have_at_most_ninety_words(cards: list[WrittenCard]) -> None:
    assert median(words(card) for card in cards) <= MEDIAN_WORDS
    by_topic: dict[str, list[int]] = {}
    for card in cards:
        by_topic.setdefault(card.topic, []).append(words(card))
    assert [topic for topic, lengths in by_topic.items() if median(lengths) > MEDIAN_WORDS] == []


def test_the_page_of_the_cards_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == cards_page(*loaded()), "run: cds-service content --write"
