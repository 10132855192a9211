"""When a canary is taken back: its calls fail, or its cards come, more often or more seldom than the band allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.service.canary_record import Terms

FEWEST_FAILURES = 3
"""Failed calls before it is more than bad luck."""
FEWEST_CARDS = 5
"""Cards due, or expected, before a difference is."""
DEVIATIONS = 3
"""How many standard deviations (Poisson) a count must lie beyond the expected one."""


@dataclass(slots=True)
class Tally:
    """How calls went: how many, how many failed, and how many had each card due, whatever became of it."""

    calls: int = 0
    failed: int = 0
    cards: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.calls + other.calls, self.failed + other.failed, self.cards + other.cards)

    def as_json(self) -> dict[str, Any]:
        """The tally as a worker says it."""
        return {"calls": self.calls, "failed": self.failed, "cards": dict(self.cards)}

    @classmethod
    def of_json(cls, written: Mapping[str, Any]) -> Tally:
        """Read back what :meth:`as_json` made of one."""
        return cls(int(written["calls"]), int(written["failed"]), Counter(written["cards"]))


def out_of_band(tried: Tally, elsewhere: Tally, terms: Terms) -> str:
    """Say what left the band; empty while all is within it.

    Failures count from the third on; rates of cards only when there and elsewhere enough calls were made.
    """
    if tried.failed >= FEWEST_FAILURES and tried.failed * max(elsewhere.calls, 1) > (
        terms.band * elsewhere.failed * tried.calls
    ):
        return f"{tried.failed} of {tried.calls} calls failed, {elsewhere.failed} of {elsewhere.calls} elsewhere"
    if min(tried.calls, elsewhere.calls) < terms.calls:
        return ""
    for topic in sorted((tried.cards.keys() | elsewhere.cards.keys()) - set(terms.expected)):
        expected, seen = elsewhere.cards[topic] * tried.calls / elsewhere.calls, tried.cards[topic]
        if _leaves(expected, seen, terms.band):
            return f"{topic} is due {seen} times in {tried.calls} calls, where {expected:.1f} are expected"
    return ""


def _leaves(expected: float, seen: int, band: float) -> bool:
    beyond_chance = abs(seen - expected) >= DEVIATIONS * max(expected, 1.0) ** 0.5
    if not beyond_chance or max(expected, seen) < FEWEST_CARDS:
        return False
    return seen > band * expected or band * seen < expected
