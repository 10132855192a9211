"""No rung says no without the look-ups behind it, or over what was not understood: proved for every rung of every card.

A rung is written without a word about gaps; what it looked up is watched. So each silence of each example is asked again with
something odd where it looked, or in the place of the result that it rests on: then nobody may say no.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from cds_service.authoring.variants import with_changes
from cds_service.chart.case import Case
from cds_service.chart.gaps import Gap
from cds_service.knowledge.cards import CardDefinition
from cds_service.ladder import DECEASED
from cds_service.outcomes import NotFired
from cds_service.terminology.dates import parse_moment
from tests.expected import loaded

KNOWLEDGE, RUNNER = loaded()
CARDS = [card for card in KNOWLEDGE.cards.values() if not card.asks_red_flags]
SCOPE = "no_cancer"
"""Only a problem that cannot be read leaves open whether the patient has cancer."""


WHATEVER_THE_KIDNEYS = {("contrast-safety", "dialysis"), ("contrast-safety", "emergency")}
"""Silent because of something else; the result is quoted beside it."""


@cache
def silences(card: CardDefinition) -> list[tuple[str, CardDefinition, Case, NotFired]]:
    """The silent examples of a card: name, card as the example has it, case and answer."""
    found = []
    for example in card.examples:
        if example.expect == "silent":
            varied, case = with_changes(card, example.changes), RUNNER.case_of(card, example)
            outcome = varied.ask(case.observed())
            assert isinstance(outcome, NotFired)
            if outcome.because != DECEASED:
                found.append((f"{example.name}: {outcome.because}", varied, case, outcome))
    return found


def says_no_over(card: CardDefinition, case: Case, need: str, concepts: frozenset[str] = frozenset()) -> bool:
    """Whether the card still says no when something of this kind, of today, is not understood."""
    odd = Gap(
        need=need,
        concepts=concepts,
        reference="Basic/odd",
        problem="not-understood",
        when=parse_moment(case.as_of.date().isoformat()),
    )
    return isinstance(card.ask(replace(case, gaps=[*case.gaps, odd], memo={}).observed()), NotFired)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.topic)
def test_a_no_knows_where_it_looked_and_holds_over_nothing_that_was_not_understood_there(card: CardDefinition) -> None:
    forgetful, asked = [], set()
    for name, varied, case, outcome in silences(card):
        if not outcome.evidence and not outcome.looked_in:
            forgetful.append(f"{name}: neither a fact nor a look")
        for need in outcome.looked_in:
            if (outcome.because, need) in asked or (outcome.because == SCOPE and need != "conditions"):
                continue
            asked.add((outcome.because, need))
            if says_no_over(varied, case, need):
                forgetful.append(f"{name}: says no over an odd one of {need}")
    assert forgetful == []


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.topic)
def test_a_no_that_rests_on_a_result_does_not_hold_over_a_later_one_that_was_not_understood(
    card: CardDefinition,
) -> None:
    forgetful, asked = [], set()
    for name, varied, case, outcome in silences(card):
        results = [fact for fact in outcome.evidence if fact.reference.startswith("Observation/")]
        for fact in () if outcome.looked_in else results[:1]:
            if outcome.because in asked or (card.topic, outcome.because) in WHATEVER_THE_KIDNEYS:
                continue
            asked.add(outcome.because)
            if says_no_over(varied, case, "observations", fact.concepts):
                forgetful.append(f"{name}: says no over a later one that is odd")
    assert forgetful == []
