"""What is counted over a cohort: mergeable, so that shards are counted apart and joined in order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any, Literal

Kind = Literal["fired", "silent", "cannot tell", "failed"]


@dataclass(frozen=True, slots=True, order=True)
class Flip:
    """One patient for whom a card says something else under the candidate, and why."""

    topic: str
    patient: str
    moment: str
    before: str
    after: str
    because: tuple[str, ...] = ()
    """The changed parameters that decide it."""
    evidence: tuple[str, ...] = ()
    rung: str = ""
    """Where in the card's ladder the two answers part."""


@dataclass(slots=True)
class Side:
    """What one knowledge said of the cohort. Only shown (active) cards count as cards; silent ones stand apart."""

    outcomes: Counter[tuple[str, Kind, str, str]] = field(default_factory=Counter)
    """By topic, kind, name (message, reason, error) and indicator."""
    silent: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Cards of silent status that fired: by topic, message and indicator."""
    missing: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Evaluations that could not tell, by topic and what was missing."""
    patients: Counter[str] = field(default_factory=Counter)
    """Patients with the topic's card at any moment; ``""`` counts those with any card."""
    indicators: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Patients by topic and indicator; topic ``""`` is any."""
    cards: Counter[int] = field(default_factory=Counter)
    """Evaluations by how many cards were due."""
    held_back: int = 0
    overlap: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Side) -> None:
        """Join what another shard counted."""
        _join(self, other)


@dataclass(slots=True)
class Tally:
    """All that was counted."""

    patients: int = 0
    evaluations: int = 0
    current: Side = field(default_factory=Side)
    candidate: Side = field(default_factory=Side)
    flips: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Evaluations by topic, what was said before and what after."""
    flipped_patients: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Patients by topic and ``gains``, ``loses`` or ``changes``."""
    listed: list[Flip] = field(default_factory=list)

    def add(self, other: Tally, at_most: int) -> None:
        """Join what another shard counted; of each topic no more than ``at_most`` flips stay listed."""
        listed = self.listed
        self.listed, more = [], other.listed
        other.listed = []
        _join(self, other)
        counted = Counter(flip.topic for flip in listed)
        for flip in more:
            if counted[flip.topic] < at_most:
                listed.append(flip)
                counted[flip.topic] += 1
        self.listed, other.listed = listed, more


def _join(mine: Any, other: Any) -> None:
    for item in fields(mine):
        value = getattr(other, item.name)
        if isinstance(value, Side):
            getattr(mine, item.name).add(value)
        elif isinstance(value, Counter):
            getattr(mine, item.name).update(value)
        elif isinstance(value, int):
            setattr(mine, item.name, getattr(mine, item.name) + value)
