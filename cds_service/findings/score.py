"""Scores of bone stability: as somebody recorded them, else added up from what the record says, as the least that they can be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.lesion_words import lesion_words
from cds_service.terminology.dates import Span


@dataclass(frozen=True, slots=True, eq=False)
class Instrument:
    """A published score: its components, each with the points of the statements that a record may make."""

    concept: str
    """Value set of a recorded score."""
    in_words: re.Pattern[str]
    """How a report writes it, with the points as its only group: ``SINS 14``."""
    points: Mapping[str, Mapping[str, int]]
    """By component, in the order of the publication, then by statement."""
    at_least: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Statements that leave the degree open."""
    without: Mapping[str, str] = field(default_factory=dict)
    """Components that score 0 when a report denies this in so many words."""
    least: int = 0
    """What a component scores of which nothing is known."""

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.points)

    @property
    def highest(self) -> int:
        return sum(max(statements.values()) for statements in self.points.values())

    @property
    def statements(self) -> tuple[str, ...]:
        """All value sets that it reads."""
        tables = (*self.points.values(), *self.at_least.values())
        return tuple(dict.fromkeys((*(name for table in tables for name in table), *self.without.values())))


@dataclass(frozen=True, slots=True)
class Score:
    """Points that are certain, the inputs that are missing, and where the points come from."""

    points: int
    missing: tuple[str, ...]
    facts: tuple[Fact, ...]
    reported: bool = False


@finding
def score(case: Case, instrument: Instrument, age: Span, beside: Mapping[str, tuple[int, Fact]]) -> Score:
    """The newest recorded score no older than ``age``; without one the sum of what is known.

    ``beside`` holds points of components from elsewhere than statements, such as a pain score; a statement goes first.
    """
    recorded = _recorded(case, instrument, age)
    if recorded is not None:
        return Score(recorded[0], (), (recorded[1],), reported=True)
    said = lesion_words(case, age, *instrument.statements)
    stated = _mixed(said.stated)
    found = {part: best for part, table in instrument.points.items() if (best := _best(stated, table))}
    found |= {part: points for part, points in beside.items() if part not in found}
    for part, concept in instrument.without.items():
        if part not in found and concept in said.denied:
            found[part] = (0, said.denied[concept])
    open_ = {part: table for part, table in instrument.at_least.items() if part not in found}
    known = {part: best for part, table in open_.items() if (best := _best(stated, table))} | found
    missing = tuple(part for part in instrument.parts if part not in found)
    unknown = instrument.least * sum(part not in known for part in missing)
    facts = tuple(dict.fromkeys(fact for _, fact in known.values()))
    return Score(sum(points for points, _ in known.values()) + unknown, missing, facts)


def _recorded(case: Case, instrument: Instrument, age: Span) -> tuple[int, Fact] | None:
    """The newest score of an observation or in a report's words, of one day the highest; numbers off the scale are none."""
    found: list[tuple[int, Fact]] = [
        (points, fact)
        for fact in case.recent(case.observations.of(instrument.concept), age)
        if (points := _points(fact, instrument)) is not None and fact.status != "preliminary" and not fact.comparator
    ]
    for report in case.recent(case.reports, age):
        match = instrument.in_words.search(report.conclusion)
        if match and report.status == "final":
            found.append((int(match[1]), report))
    on_scale = [each for each in found if 0 <= each[0] <= instrument.highest]
    return min(on_scale, key=lambda each: (case.days_since(each[1].when) or 0, -each[0]), default=None)


def _points(fact: Observation, instrument: Instrument) -> int | None:
    """The number of an observation, or the one in its words ("SINS 14, unstable")."""
    if fact.value is not None:
        return int(fact.value.value)
    match = instrument.in_words.search(fact.text)
    return int(match[1]) if match else None


def _mixed(stated: Mapping[str, Fact]) -> dict[str, Fact]:
    """A mixed lesion is named by both words, or as such."""
    lytic, blastic, mixed = (stated.get(f"{kind}-lesion") for kind in ("lytic", "blastic", "mixed"))
    if mixed is None and (lytic is None or blastic is None):
        return dict(stated)
    other = {name: fact for name, fact in stated.items() if name not in {"lytic-lesion", "blastic-lesion"}}
    return other if lytic is None or mixed is not None else {**other, "mixed-lesion": lytic}


def _best(stated: Mapping[str, Fact], table: Mapping[str, int]) -> tuple[int, Fact] | None:
    """The statement with the most points."""
    found = [(points, stated[concept]) for concept, points in table.items() if concept in stated]
    return max(found, key=lambda pair: pair[0], default=None)
