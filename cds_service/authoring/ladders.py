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
from cds_service.chart.needs import NEEDS
from cds_service.engine.evaluate import evaluate_card
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.outcomes import NotFired, Outcome, path


@dataclass(frozen=True, slots=True)
class CardLadder:
    """The rungs of a card's rule by name: silences, messages, and facts that may not be known."""

    rungs: Mapping[tuple[str, ...], tuple[str, ...]]
    """For each group of hooks that asks the same questions: the chart that is opened, the orders that are placed."""
    before: Mapping[str, tuple[str, ...]]
    """For each message the rungs that every patient has passed to whom it speaks."""
    silences: Mapping[str, tuple[str, ...]]
    """For each rung that was silent the kinds of data in which something was looked for in vain; none: a fact silenced it."""


def ladders_of(
    knowledge: Knowledge, fixtures: Mapping[str, ScenarioFile], cards: Iterable[CardDefinition] | None = None
) -> dict[str, CardLadder]:
    """The ladder of every card by topic; ``cards`` gives them one by one to who watches."""
    runner = ExampleRunner(knowledge, fixtures)
    asked = knowledge.cards.values() if cards is None else cards
    return {card.topic: ladder_of(card, runner) for card in asked}


def ladder_of(card: CardDefinition, runner: ExampleRunner) -> CardLadder:
    """Run the examples of a card and join the paths of their answers."""
    answers = [
        (example.hook, evaluate_card(runner.case_of(card, example).observed(), with_changes(card, example.changes)))
        for example in card.examples
    ]
    climbed = [(hook, path(answer)) for hook, answer in answers]
    written = (*card.silent, *card.messages)
    groups = [tuple(hook for hook in card.hooks if (hook == "patient-view") is viewing) for viewing in (False, True)]
    rungs = {group: joined([way for hook, way in climbed if hook in group], written) for group in groups if group}
    spoken = {name: [way[:-1] for _, way in climbed if way[-1:] == (name,)] for name in card.messages}
    before = {
        name: tuple(rung for rung in ways[0] if all(rung in way for way in ways)) if ways else ()
        for name, ways in spoken.items()
    }
    return CardLadder(rungs, before, _silences([answer for _, answer in answers], card.silent))


def _silences(answers: Iterable[Outcome], written: Iterable[str]) -> dict[str, tuple[str, ...]]:
    silent = [answer for answer in answers if isinstance(answer, NotFired)]
    return {
        name: tuple(
            dict.fromkeys(need for one in silent if one.because == name for need in one.looked_in if need in NEEDS)
        )
        for name in written
        if any(one.because == name for one in silent)
    }


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
