"""No rung says no without the look-ups behind it: over every example of every card that stays silent for want of something."""

from __future__ import annotations

import pytest

from cds_service.authoring.examples import ExampleRunner
from cds_service.authoring.variants import with_changes
from cds_service.knowledge.cards import CardDefinition
from cds_service.outcomes import NotFired
from tests.expected import loaded

CARDS = [card for card in loaded()[0].cards.values() if not card.asks_red_flags]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.topic)
def test_a_no_for_want_of_something_knows_where_it_was_looked_for(card: CardDefinition) -> None:
    runner: ExampleRunner = loaded()[1]
    forgetful = []
    for example in card.examples:
        if example.expect != "silent":
            continue
        case = runner.case_of(card, example).observed()
        outcome = with_changes(card, example.changes).ask(case)
        assert isinstance(outcome, NotFired)
        if not outcome.evidence and not outcome.looked_in and outcome.because != "deceased":
            forgetful.append(f"{example.name}: {outcome.because}")
    assert forgetful == []
