"""How much text that nobody has met before one request may have read: patterns take time for every character.

What lies beyond is not read, and a gap of its kind of data: nobody knows what it says.
"""

from __future__ import annotations

from cds_service.terminology.phrases import LONGEST_TEXT

CHARACTERS = 400_000
"""Of new texts in one request: a hundred long reports and more. What is remembered from this or another request is free."""
_OF_STRUCTURE = 8
"""Characters of JSON, or of an instruction's few words, that take as long as one of prose."""


class TextAllowance:
    """What is left of the text that one request may have read; ``refused`` counts what was not read to its end."""

    __slots__ = ("_left", "characters", "refused")

    def __init__(self, characters: float = CHARACTERS) -> None:
        self.characters = self._left = characters
        self.refused = 0

    def readable(self, text: str) -> str:
        """The part of a text that may be read: all of it, its beginning when it is too long, or nothing."""
        part = text[:LONGEST_TEXT]
        if len(part) > self._left:
            part = ""
        self._left -= len(part)
        self.refused += len(part) < len(text)
        return part

    def takes(self, characters: int) -> bool:
        """Whether an instruction of so many characters, its structure included, may be read."""
        cost = characters // _OF_STRUCTURE
        if cost > self._left:
            self.refused += 1
            return False
        self._left -= cost
        return True


def endless() -> TextAllowance:
    """For what no client sends: a cohort, a folder of files, a worked example."""
    return TextAllowance(float("inf"))
