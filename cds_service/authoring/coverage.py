"""Which outcomes of a card, and which edges of its parameters, the examples and fixtures hit, and which they leave open.

An edge is held when some patient would hear otherwise if the number were one step lower (or higher): then a patient lies between
that value and the one in force, and a mistake of one step cannot pass unseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cds_service.authoring.examples import ExampleRunner
from cds_service.authoring.scenarios import ScenarioFile
from cds_service.authoring.variants import with_changes
from cds_service.chart.case import Case
from cds_service.engine.evaluate import case_for, evaluate_card
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.knowledge.parameters import Parameter, read_value
from cds_service.knowledge.ranges import number_of, written_unit
from cds_service.knowledge.value_sets import PLAUSIBLE_RESULTS
from cds_service.outcomes import CannotTell, Fired, NotFired, Outcome

_NUMERIC = frozenset({"Limit", "Quantity", "Span", "int", "Decimal"})


@dataclass(frozen=True, slots=True)
class Edge:
    """One other value of a parameter, and how many patients tell it from the one in force."""

    parameter: str
    value: str
    """The value in force."""
    other: str
    """One step lower, one step higher, or another word."""
    held_by: int
    common: str = ""
    """Name in ``parameters.yaml`` of a number that is one decision for several cards: it is enough that one of them holds it."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the patients of one card reach. Counts are of patients: examples of the card, and fixtures of its hooks."""

    topic: str
    examples: int
    fixtures: int
    messages: Mapping[str, int]
    silent: Mapping[str, int]
    cannot_tell: int | None
    """``None`` for a card that reads no chart, so that nothing can be missing."""
    notes: Mapping[str, int]
    suggestions: Mapping[str, int]
    edges: tuple[Edge, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """What no patient reaches, one sentence each."""
        return tuple(self._gaps())

    def _gaps(self) -> Iterator[str]:
        kinds = {"message": self.messages, "silent": self.silent, "note": self.notes, "suggestion": self.suggestions}
        for kind, found in kinds.items():
            yield from (f"{kind} {name}" for name, count in found.items() if not count)
        if self.cannot_tell == 0:
            yield "cannot tell"
        for edge in self.edges:
            if not edge.held_by and not edge.common:
                yield f"edge {edge.parameter}: nobody tells {edge.other} from {edge.value}"


@dataclass(frozen=True, slots=True)
class _Run:
    """One patient before one card: the card as the example changes it, and what it said."""

    card: CardDefinition
    case: Case
    changed: frozenset[str]
    outcome: Outcome


def coverage(
    knowledge: Knowledge, cards: Iterable[CardDefinition], fixtures: Mapping[str, ScenarioFile]
) -> Iterator[Coverage]:
    """Run every example and fixture of these cards, and each again with every parameter moved by one step."""
    runner = ExampleRunner(knowledge, fixtures)
    known = [runner.case(scenario) for scenario in fixtures.values()]
    everyone = knowledge.cards.values()
    for card in cards:
        runs = [_example(runner, card, place) for place in range(len(card.examples))]
        asked = [case for case in known if case.hook in card.hooks]
        shown = [_run(card, case_for(card, case, everyone).restricted_to(card.needs)) for case in asked]
        yield _covered(card, runs, shown)


def open_in_common(found: Iterable[Coverage]) -> tuple[str, ...]:
    """Edges of the numbers that cards have in common which no patient of any of these cards holds, one sentence each."""
    held: Counter[str] = Counter()
    for edge in (edge for one in found for edge in one.edges if edge.common):
        if not edge.common.startswith(f"{PLAUSIBLE_RESULTS}."):  # asked before any rule: no patient of a card can tell
            held[f"edge {edge.common}: nobody tells {edge.other} from {edge.value}"] += edge.held_by
    return tuple(sentence for sentence, count in held.items() if not count)


def _example(runner: ExampleRunner, card: CardDefinition, place: int) -> _Run:
    example = card.examples[place]
    changed = with_changes(card, example.changes)
    return _run(changed, runner.case_of(card, example), frozenset(example.changes))


def _run(card: CardDefinition, case: Case, changed: frozenset[str] = frozenset()) -> _Run:
    return _Run(card, case, changed, evaluate_card(case, card))


def _covered(card: CardDefinition, examples: Sequence[_Run], fixtures: Sequence[_Run]) -> Coverage:
    runs = (*examples, *fixtures)
    fired = [run.outcome for run in runs if isinstance(run.outcome, Fired)]
    messages = Counter(outcome.message for outcome in fired)
    silent = Counter(run.outcome.because for run in runs if isinstance(run.outcome, NotFired))
    notes = Counter(note for outcome in fired for note in set(outcome.notes))
    offers = Counter(name for outcome in fired for name in {offer.suggestion for offer in outcome.offers})
    return Coverage(
        topic=card.topic,
        examples=len(examples),
        fixtures=len(fixtures),
        messages={name: messages[name] for name in card.messages},
        silent={name: silent[name] for name in card.silent},
        cannot_tell=None if card.asks_red_flags else sum(isinstance(run.outcome, CannotTell) for run in runs),
        notes={name: notes[name] for name in card.notes},
        suggestions={name: offers[name] for name in card.suggestions},
        edges=tuple(_edges(card, runs)),
    )


def _edges(card: CardDefinition, runs: Sequence[_Run]) -> Iterator[Edge]:
    for name in card.arguments:
        parameter = card.parameters[name]
        for written, value in _neighbours(parameter):
            held = sum(
                name not in run.changed
                and _heard(evaluate_card(run.case, run.card, {**run.card.arguments, name: value}))
                != _heard(run.outcome)
                for run in runs
            )
            yield Edge(name, parameter.text, written, held, parameter.shared if parameter.common else "")


def _neighbours(parameter: Parameter) -> Iterator[tuple[str, Any]]:
    """The values next to the one in force, whether or not a site may choose them."""
    written: list[str] = []
    if parameter.between and parameter.between[0] == parameter.between[1]:
        return  # there is nothing to choose
    if parameter.kind in _NUMERIC:
        number, step = number_of(parameter, parameter.value), _step(parameter)
        written = [
            f"{other} {written_unit(parameter)}".strip() for other in (number - step, number + step) if other >= 0
        ]
    elif parameter.annotation is bool:
        written = ["false" if parameter.value else "true"]
    elif parameter.kind != "tuple[str, ...]":
        written = [word for word in parameter.one_of if word != parameter.value]
    for text in written:
        yield text, read_value(parameter, text)


def _step(parameter: Parameter) -> Decimal:
    """As fine as the parameter is written; whole for counts and spans."""
    if parameter.kind in {"int", "Span"}:
        return Decimal(1)
    numbers = (number_of(parameter, parameter.value), *(parameter.between or ()))
    return Decimal(1).scaleb(min(0, *(int(number.as_tuple().exponent) for number in numbers)))


def _heard(outcome: Outcome) -> object:
    """What a clinician would notice: which answer, how grave, with which notes and orders."""
    if isinstance(outcome, Fired):
        offers = tuple((offer.suggestion, tuple(sorted(offer.words.items())), offer.draft) for offer in outcome.offers)
        return (outcome.message, outcome.at_most, outcome.notes, offers)
    return outcome if not isinstance(outcome, NotFired) else outcome.because
