"""Words of ours that remember their sentence, so that they can be said in another language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Said(str):
    """An English text that knows how it was made: a sentence with placeholders, and what fills them.

    It reads, compares and sorts as its text. Whoever speaks another language translates the sentence and each part.
    """

    __slots__ = ("parts", "sentence")

    sentence: str
    parts: Mapping[str, Any]


def said(sentence: str, **parts: Any) -> Said:
    """Say a sentence of ours: ``said("suspected {name}", name="lung cancer")``; the catalogues are extracted from these calls."""
    made = Said(sentence.format(**parts) if parts else sentence)
    made.sentence, made.parts = sentence, parts
    return made


def plain(value: object) -> str:
    """For an encoder that knows ``str`` and none of its kind; raises :class:`NotImplementedError` for anything else."""
    if isinstance(value, Said):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def enumerated(words: Iterable[str], mark: str = ", ") -> str:
    """Several words in a row; each stays what it was."""
    words = tuple(words)
    if len(words) < 2:
        return words[0] if words else ""
    names = [f"word{place}" for place in range(len(words))]
    made = Said(mark.join(words))
    made.sentence, made.parts = mark.join(f"{{{name}}}" for name in names), dict(zip(names, words, strict=True))
    return made
