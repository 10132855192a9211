"""Sentences of a card file with ``{placeholders}``: parsed once at load, filled on each request."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
NAME = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*)?"
"""A word or parameter, or a table's cell: ``doses.full.dose``."""
_CONTENT = re.compile(rf"(?:(now)(?:\s*\+\s*([a-z][a-z0-9_]*))?|({NAME})(?:\.(value|unit))?)")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A gap that a word of the outcome, a parameter or the clock fills."""

    text: str
    """As written between the braces: ``dose.value``, ``now + mri_within``."""
    word: str
    """Name of the word or parameter; ``now`` for the clock."""
    part: str = ""
    """``value`` or ``unit`` of a quantity; empty for all of it."""
    plus: str = ""
    """The span parameter that is added to now."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text of a card: literal pieces and placeholders in turn."""

    text: str
    """As the author wrote it."""
    pieces: tuple[str | Placeholder, ...]
    placeholders: tuple[Placeholder, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        gaps = tuple(piece for piece in self.pieces if isinstance(piece, Placeholder))
        object.__setattr__(self, "placeholders", gaps)

    def fill(self, write: Callable[[Placeholder], str]) -> str:
        """Write the text out; ``write`` gives each placeholder's words."""
        if not self.placeholders:
            return self.text
        return "".join([piece if isinstance(piece, str) else write(piece) for piece in self.pieces])

    @property
    def literal_length(self) -> int:
        """Characters that stand whatever the placeholders bring."""
        return sum(len(piece) for piece in self.pieces if isinstance(piece, str))

    def __str__(self) -> str:
        return self.text


def parse_wording(text: str) -> Wording:
    """Find the placeholders of a text. Raises :class:`ValueError` for braces that hold something else."""
    pieces: list[str | Placeholder] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        _add_literal(pieces, text[end : match.start()])
        pieces.append(parse_placeholder(match[1]))
        end = match.end()
    _add_literal(pieces, text[end:])
    return Wording(text, tuple(pieces))


def parse_placeholder(content: str) -> Placeholder:
    """Read what stands between braces. Raises :class:`ValueError` that shows the allowed forms."""
    match = _CONTENT.fullmatch(content.strip())
    if match is None:
        raise ValueError(
            f"{{{content}}} is no placeholder; write {{word}}, {{word.value}}, {{word.unit}}, {{now}} or {{now + parameter}}"
        )
    now, plus, word, part = match.groups()
    if now:
        return Placeholder(f"now + {plus}" if plus else "now", "now", "", plus or "")
    return Placeholder(f"{word}.{part}" if part else word, word, part or "")


def _add_literal(pieces: list[str | Placeholder], text: str) -> None:
    if "{" in text or "}" in text:
        raise ValueError("a brace stands alone; braces hold placeholders only")
    if text:
        pieces.append(text)
