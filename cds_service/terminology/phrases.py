"""The phrases of all value sets, found in a text: which sets it speaks of, and how it means them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from cds_service.terminology.triggers import TriggerIndex, Triggers, triggers
from cds_service.terminology.wording import Reading, read_words

LONGEST_TEXT = 20_000
"""Characters of one free text that are searched for words; a longer one is read up to here."""
_STRENGTH: dict[Reading, int] = {"affirmed": 0, "doubted": 1, "history": 2, "denied": 3, "family": 4}


@dataclass(frozen=True)
class Phrases:
    """Phrases of one value set in one language: case-insensitive regular expressions, compiled when one may match."""

    value_set: str
    kinds: frozenset[str]
    """Resource types whose words are searched."""
    patterns: tuple[str, ...]

    @property
    def together(self) -> str:
        """The one expression that finds any of them."""
        return "|".join(f"(?:{pattern})" for pattern in self.patterns)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.together, re.IGNORECASE)

    @cached_property
    def triggers(self) -> Triggers:
        return triggers(self.together)


class PhraseBook:
    """The phrases of every set, by the kind of resource that speaks."""

    def __init__(self, phrases: Iterable[Phrases], wider: Mapping[str, frozenset[str]]) -> None:
        """``wider`` names, for each set, itself and all sets that include it."""
        self._wider = wider
        self.all = tuple(phrases)
        by_kind: dict[str, list[Phrases]] = {}
        for each in self.all:
            for kind in each.kinds:
                by_kind.setdefault(kind, []).append(each)
        self._by_kind = {
            kind: TriggerIndex((each, each.triggers) for each in listed) for kind, listed in by_kind.items()
        }

    def read(self, kind: str, text: str) -> dict[str, Reading]:
        """Names of the sets that a text of this kind speaks of, wider sets included, each with its strongest reading."""
        index = self._by_kind.get(kind)
        if index is None:
            return {}
        text = text[:LONGEST_TEXT]
        readings: dict[str, Reading] = {}
        for phrases in index.of(text.lower()):
            reading = read_words(text, phrases.compiled)
            if reading is None:
                continue
            for wider in self._wider[phrases.value_set]:
                if wider not in readings or _STRENGTH[reading] < _STRENGTH[readings[wider]]:
                    readings[wider] = reading
        return readings
