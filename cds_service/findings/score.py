"""Scores of bone stability: as somebody recorded them, else added up from what the record says, as the least that they can be."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cds_service.clinical import Case, Fact, Observation, Span, Table, finding
from cds_service.findings.lesion_words import lesion_words


@dataclass(frozen=True, slots=True)
class Points:
    """A row of a published score: what one statement counts."""

    points: int


@dataclass(frozen=True, slots=True, eq=False)
class Instrument:
    """A published score: its components, each with the statements that a record may make; a table gives their points."""

    concept: str
    """Value set of a recorded score."""
    in_words: re.Pattern[str]
    """How a report writes it, with the points as its only group: ``SINS 14``."""
    components: Mapping[str, tuple[str, ...]]
    """Statements by component, in the order of the publication."""
    at_least: Mapping[str, str] = field(default_factory=dict)
    """Statements that leave the degree of a component open: it counts at least their points."""
    without: Mapping[str, str] = field(default_factory=dict)
    """Components that score 0 when a report denies this in so many words."""
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Rows of the table that a clinician chooses from, by component, as published: those that no record states too."""

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.components)

    @property
    def statements(self) -> tuple[str, ...]:
        """All value sets that it reads."""
        named = (name for statements in self.components.values() for name in statements)
        return tuple(dict.fromkeys((*named, *self.at_least.values(), *self.without.values())))

    def highest(self, table: Table[Points]) -> int:
        """The most points that the scale has."""
        return sum(max(table[name].points for name in statements) for statements in self.components.values())


@dataclass(frozen=True, slots=True)
class Score:
    """Points that are certain, the inputs that are missing, and where the points come from."""

    points: int
    missing: tuple[str, ...]
    facts: tuple[Fact, ...]
    reported: bool = False
    known: Mapping[str, tuple[str, Fact]] = field(default_factory=dict, compare=False)
    """By component the row of the table that was counted, and the fact that states it."""


@finding
def score(
    case: Case, instrument: Instrument, table: Table[Points], age: Span, beside: Mapping[str, tuple[str, Fact]]
) -> Score:
    """The newest recorded score no older than ``age``; without one the sum of what is known.

    The table's row ``unknown`` says what a component counts of which nothing is known. ``beside`` holds rows of components
    from elsewhere than statements, such as a pain score; a statement goes first.
    """
    recorded = _recorded(case, instrument, table, age)
    if recorded is not None:
        return Score(recorded[0], (), (recorded[1],), reported=True)
    said = lesion_words(case, age, *instrument.statements)
    stated = _mixed(said.stated)
    found = {part: best for part, names in instrument.components.items() if (best := _best(stated, names, table))}
    found |= {part: (table[row].points, row, fact) for part, (row, fact) in beside.items() if part not in found}
    for part, concept in instrument.without.items():
        if part not in found and concept in said.denied:
            found[part] = (0, instrument.answers[part][-1], said.denied[concept])
    open_ = {part: name for part, name in instrument.at_least.items() if part not in found}
    known = {part: best for part, name in open_.items() if (best := _best(stated, (name,), table))} | found
    missing = tuple(part for part in instrument.parts if part not in found)
    unknown = table["unknown"].points * sum(part not in known for part in missing)
    facts = tuple(dict.fromkeys(fact for *_, fact in known.values()))
    certain = {part: (row, fact) for part, (_, row, fact) in found.items()}
    return Score(sum(points for points, *_ in known.values()) + unknown, missing, facts, known=certain)


def _recorded(case: Case, instrument: Instrument, table: Table[Points], age: Span) -> tuple[int, Fact] | None:
    """The newest score of an observation, or in words of a problem or report, of one day the highest; off the scale is none."""
    found: list[tuple[int, Fact]] = [
        (points, fact)
        for fact in case.recent(case.observations.of(instrument.concept), age)
        if (points := _points(fact, instrument)) is not None and fact.status != "preliminary" and not fact.comparator
    ]
    written: list[tuple[Fact, str]] = [
        *((one, one.conclusion) for one in case.recent(case.reports, age) if one.status == "final"),
        *((problem, problem.text) for problem in case.recent(case.active(instrument.concept), age)),
    ]
    found += [(int(match[1]), fact) for fact, text in written if (match := instrument.in_words.search(text))]
    highest = instrument.highest(table) if found else 0
    on_scale = [each for each in found if 0 <= each[0] <= highest]
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
    return {**({"mixed-lesion": lytic} if lytic else {}), **other}


def _best(stated: Mapping[str, Fact], names: Iterable[str], table: Table[Points]) -> tuple[int, str, Fact] | None:
    """The statement with the most points, its row and who states it."""
    found = [(table[name].points, name, stated[name]) for name in names if name in stated]
    return max(found, key=lambda pair: pair[0], default=None)
