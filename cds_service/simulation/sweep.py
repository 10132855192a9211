"""The alert-burden curve of a parameter: only the rules that read it run again, only for the patients for whom it matters.

Each rule runs once with a watched copy of the parameter (:mod:`simulation.recorded_checks`), and what it asked is noted. A value
for which every question gets the same answer leaves the rule's outcome as it was, so that the rule need not run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Any

from cds_service.chart.case import Case
from cds_service.engine.evaluate import evaluate_card
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.knowledge.errors import nearest_name
from cds_service.knowledge.parameters import Parameter, change
from cds_service.simulation.intervals import Share
from cds_service.simulation.question import Question, said
from cds_service.simulation.recorded_checks import Check, Notes, recording
from cds_service.simulation.records import Record
from cds_service.terminology.quantities import Limit

MOST_VALUES = 400


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter and the values it takes. ``key`` is ``topic.parameter`` or ``shared.parameter``."""

    key: str
    values: tuple[str, ...]
    """As written in a site's file: ``3.1 mmol/L``."""
    numbers: tuple[Decimal, ...]
    unit: str
    current: str
    """The one of the values that is in force; empty when none is."""


Reader = tuple[str, tuple[tuple[str, ...], ...]]
"""A card's topic, and for each axis the names under which the card reads it."""


@dataclass(frozen=True, slots=True)
class CardReads:
    """A card that looked at the parameters for a record, and what it said under the values in force."""

    topic: str
    blind: bool
    """What it saw cannot be replayed: it runs again for every value."""
    checks: tuple[Check, ...]
    said: tuple[str, ...]
    """Indicator of each moment at which it fired."""


@dataclass(frozen=True, slots=True)
class Again:
    """A record that may have to be asked again: its place in the shard, by which cards, and what all others say for ever."""

    place: int
    cards: tuple[CardReads, ...]
    fired: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Reads:
    """What a first run found: who has to be asked again, and what all the others say for ever."""

    patients: int = 0
    evaluations: int = 0
    again: list[Again] = field(default_factory=list)
    fixed: dict[tuple[str, str], int] = field(default_factory=dict)
    """Patients who are never asked again, with the card, by topic and indicator; ``""`` is any."""
    fixed_cards: int = 0
    """Cards of answers that never change, of those who are asked again too."""


@dataclass(slots=True)
class Burden:
    """What one combination of values amounts to."""

    patients: Counter[tuple[str, str]] = field(default_factory=Counter)
    cards: int = 0

    def add(self, other: Burden) -> None:
        """Join what another shard counted."""
        self.patients.update(other.patients)
        self.cards += other.cards


def axis(knowledge: Knowledge, key: str, start: str, stop: str, step: str) -> Axis:
    """Make an axis; raises :class:`ValueError` with what is wrong and what is allowed."""
    parameters = _of_key(knowledge, key)
    try:
        low, high, by = Decimal(start), Decimal(stop), Decimal(step)
    except ArithmeticError:
        raise ValueError(f"sweep {key} FROM TO STEP takes three numbers, found {start} {stop} {step}") from None
    if by <= 0 or high < low or (high - low) / by > MOST_VALUES:
        raise ValueError(
            f"sweep {key}: from {low} to {high} in steps of {by} is no range of up to {MOST_VALUES} values"
        )
    parameter = parameters[0]
    unit = parameter.unit if parameter.unit not in {"", "1"} else ""
    numbers = tuple(low + by * place for place in range(int((high - low) / by) + 1))
    values = tuple(f"{number} {unit}".strip() for number in numbers)
    for value in (values[0], values[-1]):
        try:
            change(parameter, value, {}, "sweep")
        except ValueError as error:
            raise ValueError(f"sweep {key}: {error}") from None
    now = _leading(parameter.value)
    current = (value for value in values if _leading(change(parameter, value, {}, "sweep").value) == now)
    return Axis(key, values, numbers, unit, next(current, ""))


def readers(knowledge: Knowledge, axes: Sequence[Axis]) -> tuple[Reader, ...]:
    """The cards whose rules take any of the parameters."""
    found = []
    for topic, card in knowledge.cards.items():
        names = tuple(
            tuple(name for name in card.arguments if _is_meant(topic, card.parameters[name], one.key)) for one in axes
        )
        if any(names) and card.evaluated:
            found.append((topic, names))
    if not found:
        keys = " and ".join(one.key for one in axes)
        raise ValueError(
            f"no rule of an active card reads {keys}; it stands in words or orders only, or the card is retired"
        )
    return tuple(found)


def find_reads(records: Iterable[Record], question: Question, by: Sequence[Reader]) -> Reads:
    """Run the rules once with watched parameters."""
    reads = Reads()
    fixed: Counter[tuple[str, str]] = Counter()
    for place, record in enumerate(records):
        cases = question.cases(record)
        reads.patients += 1
        reads.evaluations += len(cases)
        again: list[CardReads] = []
        fired: set[tuple[str, str]] = set()
        for topic, names in by:
            asked = _asked(cases, question.current.cards[topic], names)
            if asked.blind or asked.checks:
                again.append(asked)
            else:
                reads.fixed_cards += len(asked.said)
                fired.update(_groups(topic, asked.said))
        if again:
            reads.again.append(Again(place, tuple(again), tuple(sorted(fired))))
        else:
            fixed.update(fired)
    reads.fixed = dict(sorted(fixed.items()))
    return reads


def _asked(cases: Iterable[Case], card: CardDefinition, names: Sequence[Sequence[str]]) -> CardReads:
    """Run a card with watched parameters."""
    arguments = dict(card.arguments)
    notes = Notes()
    for axis_place, group in enumerate(names):
        for name in group:
            arguments[name] = recording(arguments[name], axis_place, notes)
    found = []
    for case in cases:
        if case.hook in card.hooks:
            notes.blind = notes.blind or notes.unwatched
            spoken = said(card, evaluate_card(case, card, arguments))
            if spoken.kind == "fired":
                found.append(spoken.indicator)
    return CardReads(card.topic, notes.blind, tuple(dict.fromkeys(notes.checks)), tuple(found))


def _groups(topic: str, indicators: Iterable[str]) -> set[tuple[str, str]]:
    return {(each, name) for indicator in indicators for each in (topic, "") for name in ("", indicator)}


def combinations(axes: Sequence[Axis]) -> tuple[tuple[str, ...], ...]:
    """All combinations of the axes' values, the last axis fastest."""
    return tuple(product(*(one.values for one in axes)))


Variant = Mapping[str, Mapping[str, Any]]
"""For each topic its rule's arguments under one combination of values."""


def variants_of(question: Question, axes: Sequence[Axis], by: Sequence[Reader]) -> list[Variant]:
    """The arguments under every combination."""
    cards = {topic: question.current.cards[topic] for topic, _ in by}
    return [{topic: _arguments(cards[topic], names, values) for topic, names in by} for values in combinations(axes)]


class Replay:
    """Decides for which combinations of values a card has to run again."""

    def __init__(self, variants: Sequence[Variant], by: Sequence[Reader]) -> None:
        self._variants = variants
        self._names = {topic: [group[0] if group else "" for group in names] for topic, names in by}
        self._known: dict[tuple[str, Check], tuple[int, ...]] = {}

    def stale(self, asked: CardReads) -> frozenset[int]:
        """Places of the combinations under which a question of the rule gets another answer."""
        if asked.blind:
            return frozenset(range(len(self._variants)))
        return frozenset(place for check in asked.checks for place in self._failing(asked.topic, check))

    def _failing(self, topic: str, check: Check) -> tuple[int, ...]:
        known = self._known.get((topic, check))
        if known is None:
            name = self._names[topic][check.axis]
            failing = (place for place, variant in enumerate(self._variants) if not check.holds(variant[topic][name]))
            known = self._known[topic, check] = tuple(failing)
        return known


def burdens(
    again: Sequence[Again],
    records: Callable[[Sequence[int]], Iterable[Record]],
    question: Question,
    axes: Sequence[Axis],
    by: Sequence[Reader],
) -> list[Burden]:
    """Count every combination of values; ``records`` gives those at the places that have to be asked again."""
    variants = variants_of(question, axes, by)
    replay = Replay(variants, by)
    found = [Burden() for _ in variants]
    stale_of = [[replay.stale(asked) for asked in one.cards] for one in again]
    asking = [one.place for one, stale in zip(again, stale_of, strict=True) if any(stale)]
    waiting = iter(records(asking))
    for one, stale in zip(again, stale_of, strict=True):
        cases: list[Case] = []
        if any(stale):
            record = next(waiting)
            cases = question.cases(record)
        fired = [set(one.fired) for _ in variants]
        for asked, places in zip(one.cards, stale, strict=True):
            card, groups = question.current.cards[asked.topic], _groups(asked.topic, asked.said)
            for place, burden in enumerate(found):
                if place in places:
                    spoken = _ask(cases, card, variants[place][asked.topic])
                    burden.cards += len(spoken)
                    fired[place] |= _groups(asked.topic, spoken)
                elif asked.said:
                    burden.cards += len(asked.said)
                    fired[place] |= groups
        for burden, topics in zip(found, fired, strict=True):
            if topics:
                burden.patients.update(topics)
    return found


def _ask(cases: Iterable[Case], card: CardDefinition, arguments: Mapping[str, Any]) -> list[str]:
    outcomes = (said(card, evaluate_card(case, card, arguments)) for case in cases if case.hook in card.hooks)
    return [spoken.indicator for spoken in outcomes if spoken.kind == "fired"]


@dataclass(frozen=True, slots=True)
class Point:
    """One combination of values and its burden."""

    values: tuple[str, ...]
    patients: int
    of: int
    per_100: float
    low: float
    high: float
    by_indicator: Mapping[str, float]
    """Cards of this indicator for 100 patients."""
    by_topic: Mapping[str, float]
    """Patients of 100 with this topic's card."""
    cards_per_100: float
    """Cards for 100 evaluations."""
    is_current: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """A finished sweep."""

    cohort: str
    axes: tuple[Axis, ...]
    topics: tuple[str, ...]
    patients: int
    asked_again: int
    points: tuple[Point, ...]
    version: str


def curve(
    cohort: str, axes: Sequence[Axis], by: Sequence[Reader], reads: Reads, found: Sequence[Burden], version: str
) -> Curve:
    """Join those who were asked again with those whose answer never changes."""
    points = []
    for values, burden in zip(combinations(axes), found, strict=True):
        patients = Counter(reads.fixed)
        patients.update(burden.patients)
        share = Share(patients["", ""], reads.patients)
        low, high = share.interval
        points.append(
            Point(
                values=values,
                patients=share.count,
                of=share.of,
                per_100=round(100 * share.value, 3),
                low=round(100 * low, 3),
                high=round(100 * high, 3),
                by_indicator={
                    name: round(100 * sum(patients[topic, name] for topic, _ in by) / max(1, reads.patients), 3)
                    for name in ("critical", "warning", "info")
                },
                by_topic={topic: round(100 * patients[topic, ""] / max(1, reads.patients), 3) for topic, _ in by},
                cards_per_100=round(100 * (reads.fixed_cards + burden.cards) / max(1, reads.evaluations), 3),
                is_current=all(value == one.current for value, one in zip(values, axes, strict=True)),
            )
        )
    topics = tuple(topic for topic, _ in by)
    return Curve(cohort, tuple(axes), topics, reads.patients, len(reads.again), tuple(points), version)


def _of_key(knowledge: Knowledge, key: str) -> list[Parameter]:
    found = [
        parameter
        for each, card in knowledge.cards.items()
        for parameter in card.parameters.values()
        if _is_meant(each, parameter, key)
    ]
    if found:
        return found
    known = sorted(
        {f"{each}.{name}" for each, card in knowledge.cards.items() for name in card.arguments}
        | {
            f"shared.{one.shared}"
            for card in knowledge.cards.values()
            for one in card.parameters.values()
            if one.shared
        }
    )
    near = nearest_name(key, known)
    raise ValueError(
        f"{key!r} is not a parameter, such as hypercalcaemia.treat_at" + (f"; nearest is {near}" if near else "")
    )


def _is_meant(topic: str, parameter: Parameter, key: str) -> bool:
    return key == f"{topic}.{parameter.name}" or (bool(parameter.shared) and key == f"shared.{parameter.shared}")


def _arguments(card: CardDefinition, names: Sequence[Sequence[str]], values: Sequence[str]) -> dict[str, Any]:
    arguments = dict(card.arguments)
    for group, value in zip(names, values, strict=True):
        for name in group:
            arguments[name] = change(card.parameters[name], value, {}, "sweep").value
    return arguments


def _leading(value: Any) -> Any:
    return value.stated[0] if isinstance(value, Limit) else value
