"""What was judged when the time was over stands, the red flags first; the rest is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cds_service.chart.case import Case
from cds_service.engine.evaluate import TOO_MUCH, OutOfTime, evaluate
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.outcomes import CannotTell, Failed, NotFired, Outcome

CASE = Case(as_of=datetime(2026, 3, 2, 9, 0, tzinfo=UTC), hook="patient-view")


class Asking:
    """Puts a rule in the place of every card's own, and notes which cards it was asked for."""

    def __init__(self, knowledge: Knowledge, last: int = 1000, ends: type[BaseException] = OutOfTime) -> None:
        self.asked: list[str] = []
        self._last, self._ends = last, ends
        self.cards = tuple(
            self._asking(card) for card in knowledge.services["metastatic-disease-patient-view", CASE.hook].cards
        )

    def _asking(self, card: CardDefinition) -> CardDefinition:
        if card.asks_red_flags:
            return card

        def rule(case: Case, /, **parameters: Any) -> Outcome:
            self.asked.append(card.topic)
            if len(self.asked) > self._last:
                raise self._ends
            return NotFired("asked")

        return replace(card, rule=rule, arguments={})


@pytest.mark.parametrize("last", [0, 1, 2, 5, 20])
def test_what_was_judged_by_the_end_stands_and_the_red_flags_are_asked_first(knowledge: Knowledge, last: int) -> None:
    asking = Asking(knowledge, last)
    verdicts = evaluate(CASE, asking.cards)
    flags = {card.topic for card in asking.cards if CASE.hook in card.red_flag}
    assert set(asking.asked[: len(flags)]) <= flags
    said = {verdict.card.topic: verdict.outcome for verdict in verdicts}
    answered = asking.asked[:last]
    assert all(said[topic] == NotFired("asked") for topic in answered)
    rest = set(said) - set(answered) - {"could-not-assess"}
    assert all(said[topic] == CannotTell((TOO_MUCH,)) for topic in rest)
    left = flags - set(answered)
    assert verdicts[-1].card.topic == "could-not-assess"
    assert verdicts[-1].fired is bool(left)
    assert [verdict.card for verdict in verdicts[:-1]] == [card for card in asking.cards if not card.asks_red_flags]


def test_a_rule_that_raises_costs_no_other(knowledge: Knowledge) -> None:
    asking = Asking(knowledge, 1, ends=ZeroDivisionError)
    verdicts = evaluate(CASE, asking.cards)
    assert len(asking.asked) == len(asking.cards) - 1
    assert {verdict.outcome for verdict in verdicts[:-1]} == {NotFired("asked"), Failed("ZeroDivisionError")}
