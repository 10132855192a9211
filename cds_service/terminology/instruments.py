"""Questions, scores and scales: which of their answers mean that something is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Grade:
    """Which answers to a question mean that something is there: numbers from a limit on, or words."""

    means: tuple[str, ...] = ()
    """Value sets of what is there; none: the signs that the words of the question name."""
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    says: re.Pattern[str] | None = None

    def holds(self, number: Decimal) -> bool:
        """Whether a numeric answer is of this grade."""
        return (self.at_least is not None and number >= self.at_least) or (
            self.at_most is not None and number <= self.at_most
        )


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that a closed question has: how records write it, by code or in words, and what it means."""

    says: re.Pattern[str]
    """Of a whole code, display or text, in any letters."""
    means: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    """Parts of the body that are this answer."""
    number: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A question, score or scale. It is never a sign by itself: its answer is, when it reaches one of the grades."""

    low: Decimal
    high: Decimal
    """What can be answered in numbers, in ``unit`` where it has one; a number beyond is not understood."""
    grades: tuple[Grade, ...]
    normal: re.Pattern[str] | None = None
    """Words of an answer that denies."""
    unit: str = ""
    ability: bool = False
    """It asks what the patient can do: who cannot has what its one grade means."""

    @property
    def means(self) -> frozenset[str]:
        """All that its answers may mean."""
        return frozenset(name for grade in self.grades for name in grade.means)
