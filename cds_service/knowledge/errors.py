"""What is wrong in which card file: place, what was found, what was allowed, the nearest right name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_MOST_LISTED, _EXAMPLES = 80, 5
"""Names that a reader still looks through; of more some examples and the nearest."""


@dataclass(frozen=True, slots=True)
class CardFileError(Exception):
    """One mistake in one file; its text is the whole message for the person who edits the file."""

    file: str
    line: int
    """1-based; 0 when the mistake has no line, as in a ``--set``."""
    column: int
    problem: str
    allowed: tuple[str, ...] = ()
    nearest: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        text = f"{place}: {self.problem}"
        if len(self.allowed) > _MOST_LISTED:
            text += f"; allowed: {len(self.allowed)} names, such as {', '.join(self.allowed[:_EXAMPLES])}"
        elif self.allowed:
            text += f"; allowed: {', '.join(self.allowed)}"
        if self.nearest:
            text += f" (nearest: {self.nearest})"
        return text


class KnowledgeError(Exception):
    """All mistakes of all card files, in the order of files and lines."""

    def __init__(self, errors: Iterable[CardFileError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.file, error.line, error.column)))
        super().__init__("\n".join(str(error) for error in self.errors))


class NotAmong(ValueError):
    """A word that is not one of those that are allowed."""

    def __init__(self, found: str, allowed: tuple[str, ...], problem: str = "is not among the allowed values") -> None:
        super().__init__(f"{found!r} {problem}")
        self.found, self.allowed = found, allowed


def nearest_name(found: str, allowed: Iterable[str]) -> str:
    """Give the allowed name that looks most like what was found, or nothing when none does."""
    close = get_close_matches(found.lower(), sorted(allowed), n=1, cutoff=0.5)
    return close[0] if close else ""
