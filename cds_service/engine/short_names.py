"""Names of the record cut short for a summary, as a colleague would write them; the detail keeps them whole."""

from __future__ import annotations

import re
from functools import lru_cache

from cds_service.terminology.vocabulary import Vocabulary

_REMEMBERED = 4096


class ShortNames:
    """Cuts names without what classifications add, and says the rest as clinicians do: by the words of the card files."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The name without fillers, in the words of the ward; it starts as it did, with or without a capital."""
        known = self._known.get(name)  # an EHR names its problems alike from patient to patient
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[name] = self._shortened(name)
        return known

    def _shortened(self, name: str) -> str:
        short = name
        for pattern, plain in self._vocabulary.names:
            short = pattern.sub(plain, short)
        short = short.strip(" ,;")
        return (capitalised(short) if name[:1].isupper() else short) or name

    def cut(self, text: str, longest: int) -> str:
        """The text up to a whole word where one ends in the later half, else in the middle of one; no loose end stays."""
        kept = text[:longest]
        if not text[longest].isspace() and kept.rfind(" ") > longest // 2:
            kept = kept[: kept.rfind(" ")]
        while True:
            kept = kept.rstrip(" ,;")
            shorter, _, last = kept.rpartition(" ")
            if not shorter or last.lower() not in self._vocabulary.loose_ends:
                return kept
            kept = shorter


@lru_cache(maxsize=8)
def short_names(vocabulary: Vocabulary) -> ShortNames:
    """The same for every call of one knowledge, with what it remembers."""
    return ShortNames(vocabulary)


def within_a_sentence(title: str) -> str:
    """A title as a part of a sentence: without its capital."""
    return title[:1].lower() + title[1:]


def capitalised(sentence: str) -> str:
    """A sentence with a capital first, unless its first word is spelt with capitals further in, such as eGFR."""
    first = re.match(r"[^\W\d_]+\b", sentence)
    return sentence[:1].upper() + sentence[1:] if first and first[0].islower() else sentence
