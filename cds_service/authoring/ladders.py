"""The ladder of a card as its worked examples climb it: the rungs in their order, and those that stand before each message.

What is printed and exported is so what runs; a rung that no example reaches is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cds_service.authoring.examples import ExampleRunner
from cds_service.authoring.scenarios import ScenarioFile
from cds_service.authoring.variants import with_changes
from cds_service.engine.evaluate import evaluate_card
from cds_service.knowledge.cards import Card, Knowledge
from cds_service.outcomes import path


@dataclass(frozen=True, slots=True)
class CardLadder:
    """The rungs of a card's rule by name: silences, messages, and facts that may not be known."""

    rungs: tuple[str, ...]
    before: Mapping[str, tuple[str, ...]]
    """For each message the rungs that every patient has passed to whom it speaks."""


def ladders_of(knowledge: Knowledge, fixtures: Mapping[str, ScenarioFile]) -> dict[str, CardLadder]:
    """The ladder of every card by topic."""
    runner = ExampleRunner(knowledge, fixtures)
    return {topic: ladder_of(card, runner) for topic, card in knowledge.cards.items()}


def ladder_of(card: Card, runner: ExampleRunner) -> CardLadder:
    """Run the examples of a card and join the paths of their answers."""
    paths = dict.fromkeys(
        path(evaluate_card(runner.case_of(card, example), with_changes(card, example.changes)))
        for example in card.examples
    )
    spoken = {name: [way[:-1] for way in paths if way[-1:] == (name,)] for name in card.messages}
    order = joined(paths, (*card.silent, *card.messages))
    before = {
        name: tuple(rung for rung in order if ways and all(rung in way for way in ways))
        for name, ways in spoken.items()
    }
    return CardLadder(order, before)


def joined(paths: Iterable[Sequence[str]], written: Sequence[str]) -> tuple[str, ...]:
    """One order that keeps that of every path; rungs that no path sets apart stand as the card file writes them.

    Should two paths contradict each other, the rung that the file writes first goes first.
    """
    after: dict[str, set[str]] = {}
    for way in paths:
        for rung in way:
            after.setdefault(rung, set())
        for first, second in pairwise(way):
            after[second].add(first)
    rank = {rung: place for place, rung in enumerate(written)}
    order: list[str] = []
    while after:
        free = [rung for rung, earlier in after.items() if earlier <= set(order)] or list(after)
        following = min(free, key=lambda rung: rank.get(rung, -1))
        del after[following]
        order.append(following)
    return tuple(order)
