"""The alert-burden curve of a parameter: only the rules that read it run again, only for the patients where they read it.

A limit, span or quantity is handed to the rule as a watched copy once. Where the rule answers without looking at it, the
answer is the same for every value, and the patient is never asked again. Numbers and words cannot be watched: there the rule
runs again for everyone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import Any

from cds_service.chart.case import Case
from cds_service.engine.evaluate import judge
from cds_service.knowledge.cards import Card, Knowledge
from cds_service.knowledge.errors import nearest_name
from cds_service.knowledge.parameters import Parameter, change
from cds_service.simulation.intervals import Share
from cds_service.simulation.question import Question, said
from cds_service.simulation.records import Record
from cds_service.simulation.time_travel import case_at
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity

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


@dataclass(slots=True)
class Reads:
    """What a first run found: who has to be asked again, and what all the others say for ever."""

    patients: int = 0
    evaluations: int = 0
    again: list[int] = field(default_factory=list)
    """Places of the records in their shard."""
    fixed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Patients of the others with the card, by topic and indicator; ``""`` is any."""
    fixed_cards: int = 0


@dataclass(slots=True)
class Burden:
    """What one combination of values amounts to."""

    patients: Counter[tuple[str, str]] = field(default_factory=Counter)
    cards: int = 0
    cannot_tell: int = 0

    def add(self, other: Burden) -> None:
        """Join what another shard counted."""
        self.patients.update(other.patients)
        self.cards += other.cards
        self.cannot_tell += other.cannot_tell


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
    for place, record in enumerate(records):
        moments = tuple(question.moments(record))
        reads.patients += 1
        reads.evaluations += len(moments)
        looked: list[bool] = []
        fired: set[tuple[str, str]] = set()
        cards = 0
        for moment in moments:
            case = case_at(record, moment)
            for topic, names in by:
                card = question.current.cards[topic]
                if case.hook not in card.hooks:
                    continue
                arguments = dict(card.arguments)
                for name in (name for group in names for name in group):
                    arguments[name] = watched(arguments[name], looked)
                spoken = said(card, judge(case, card, arguments))
                if spoken.kind == "fired":
                    cards += 1
                    fired.update(((topic, ""), (topic, spoken.indicator), ("", "")))
        if looked:
            reads.again.append(place)
        else:
            reads.fixed.update(fired)
            reads.fixed_cards += cards
    return reads


def combinations(axes: Sequence[Axis]) -> tuple[tuple[str, ...], ...]:
    """All combinations of the axes' values, the last axis fastest."""
    return tuple(product(*(one.values for one in axes)))


def burdens(records: Iterable[Record], question: Question, axes: Sequence[Axis], by: Sequence[Reader]) -> list[Burden]:
    """Ask these records again under every combination of values."""
    variants = [
        [
            (question.current.cards[topic], _arguments(question.current.cards[topic], names, values))
            for topic, names in by
        ]
        for values in combinations(axes)
    ]
    found = [Burden() for _ in variants]
    for record in records:
        fired: list[set[tuple[str, str]]] = [set() for _ in variants]
        for moment in question.moments(record):
            case = case_at(record, moment)
            for place, cards in enumerate(variants):
                _ask(case, cards, found[place], fired[place])
        for burden, topics in zip(found, fired, strict=True):
            burden.patients.update(topics)
    return found


def _ask(
    case: Case, cards: Iterable[tuple[Card, Mapping[str, Any]]], burden: Burden, fired: set[tuple[str, str]]
) -> None:
    for card, arguments in cards:
        if case.hook not in card.hooks:
            continue
        spoken = said(card, judge(case, card, arguments))
        if spoken.kind == "fired":
            burden.cards += 1
            fired.update(((card.topic, ""), (card.topic, spoken.indicator), ("", "")))
        elif spoken.kind == "cannot tell":
            burden.cannot_tell += 1


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
        patients = reads.fixed + burden.patients
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


def watched(value: Any, looked: list[bool]) -> Any:
    """A copy that notes every look at it; a value of another kind counts as looked at."""
    if not isinstance(value, Limit | Span | Quantity):
        looked.append(True)
        return value
    kind: type[Any] = type(value)
    twin = object.__new__(_twin(kind))
    for item in fields(value):
        object.__setattr__(twin, item.name, getattr(value, item.name))
    object.__setattr__(twin, "_looked", looked)
    return twin


@lru_cache(maxsize=8)
def _twin(kind: type[Any]) -> type[Any]:
    def look(self: Any, name: str) -> Any:
        object.__getattribute__(self, "_looked").append(True)
        return object.__getattribute__(self, name)

    # slots: the parents have them too; comparing and hashing go through the fields, and so are seen
    return type(f"Watched{kind.__name__}", (kind,), {"__slots__": ("_looked",), "__getattribute__": look})


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


def _arguments(card: Card, names: Sequence[Sequence[str]], values: Sequence[str]) -> dict[str, Any]:
    arguments = dict(card.arguments)
    for group, value in zip(names, values, strict=True):
        for name in group:
            arguments[name] = change(card.parameters[name], value, {}, "sweep").value
    return arguments


def _leading(value: Any) -> Any:
    return value.stated[0] if isinstance(value, Limit) else value
