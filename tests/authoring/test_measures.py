"""Cards are short, and so is the answer in which they come: the table of ``docs/calibration.md`` is worked out, not written."""

from __future__ import annotations

import json
from statistics import median

from benchmarks.bodies import body
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.handler import HookHandler
from tests import expected, measures


def test_the_table_is_that_of_the_cards() -> None:
    written = measures.PAGE.read_text(encoding="utf-8")
    assert written == measures.page(written), "run: python -m tests.measures"


def test_the_answer_to_the_standard_request_is_small_and_its_orders_are_whole() -> None:
    answer = measures.answer_of(measures.STANDARD, expected.loaded()[0])
    assert len(answer) < measures.MOST_BYTES
    cards = json.loads(answer)["cards"]
    assert [card["source"]["topic"]["code"] for card in cards] == ["mscc-suspected", "bma-start"]
    assert all(card["links"] and card["extension"]["evidence"] and card["overrideReasons"] for card in cards)
    orders = [action["resource"] for card in cards for one in card["suggestions"] for action in one["actions"]]
    assert len(orders) == 6
    for order in orders:
        assert {"status", "intent", "category", "subject", "encounter", "requester", "authoredOn"} <= order.keys()
        assert order["reasonCode"] and 1 <= len(order["reasonReference"]) <= 2


def test_the_answer_to_the_body_of_the_benchmarks_is_as_small() -> None:
    advisor = KnowledgeAdvisor(expected.loaded()[0], pages=measures.ADDRESS)
    answer = HookHandler(advisor, development=True).answer("metastatic-disease-patient-view", body("20 kB"))
    assert 9_000 < len(answer.body) < measures.MOST_BYTES


def test_half_of_all_cards_have_at_most_ninety_words() -> None:
    knowledge, runner = expected.loaded()
    for card in knowledge.cards.values():
        written = list(measures.written_cards(card, runner)) if card.status == "active" else []
        assert not written or median(map(measures.words_of, written)) <= 90, card.topic
