"""The phrases of all value sets, found in a text: which sets it speaks of, and how it means them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from cds_service.terminology.cues import Cues, Reading
from cds_service.terminology.triggers import TriggerIndex, Triggers, triggers
from cds_service.terminology.wording import STRENGTH, Prose

LONGEST_TEXT = 20_000
"""Characters of one free text that are searched for words; a longer one is read up to here."""
ORDERS = frozenset({"MedicationRequest", "ServiceRequest"})
"""Kinds whose indication is their own statement; elsewhere what a text was asked is none."""

PLANNABLE = frozenset({"Device", "Procedure", "MedicationStatement"})
"""What a set is of that may be planned and not be there yet."""


@dataclass(frozen=True)
class Phrase:
    """One phrase of a value set: a case-insensitive regular expression, compiled when it may match."""

    value_set: str
    kinds: frozenset[str]
    """Resource types whose words are searched."""
    pattern: str

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)

    @cached_property
    def triggers(self) -> Triggers:
        return triggers(self.pattern)


class PhraseBook:
    """The phrases of every set, by the kind of resource that speaks."""

    def __init__(self, phrases: Iterable[Phrase], cues: Cues, wider: Mapping[str, frozenset[str]]) -> None:
        """``wider`` names, for each set, itself and all sets that include it."""
        self.cues = cues
        self._wider = wider
        self.all = tuple(phrases)
        by_kind: dict[str, list[Phrase]] = {}
        for each in self.all:
            for kind in each.kinds:
                by_kind.setdefault(kind, []).append(each)
        self._telling: dict[tuple[str, str], TriggerIndex[Phrase]] = {}
        self._by_kind = {
            kind: TriggerIndex((each, each.triggers) for each in listed) for kind, listed in by_kind.items()
        }

    def read(self, kind: str, text: str) -> dict[str, Reading]:
        """Names of the sets that a text of this kind speaks of, wider sets included, each with its strongest reading."""
        index = self._by_kind.get(kind)
        if index is None:
            return {}
        prose = Prose(text[:LONGEST_TEXT], self.cues, order=kind in ORDERS)
        readings: dict[str, Reading] = {}
        for phrase in index.of(prose.lowered):
            if readings.get(phrase.value_set) == "affirmed":
                continue
            reading = prose.reading(phrase.compiled, plannable=not phrase.kinds.isdisjoint(PLANNABLE))
            if reading is None:
                continue
            for wider in self._wider[phrase.value_set]:
                if wider not in readings or STRENGTH[reading] < STRENGTH[readings[wider]]:
                    readings[wider] = reading
        return readings

    def affirms(self, kind: str, text: str, sets: Iterable[str]) -> bool:
        """Whether a text of this kind affirms one of these sets: no other phrases are looked for."""
        prose = Prose(text[:LONGEST_TEXT], self.cues, order=kind in ORDERS)
        phrases = (phrase for name in sets for phrase in self._of(kind, name).of(prose.lowered))
        return any(prose.reading(phrase.compiled) == "affirmed" for phrase in phrases)

    def _of(self, kind: str, name: str) -> TriggerIndex[Phrase]:
        """The phrases that tell a set: its own, and those of the sets that it includes."""
        if (kind, name) not in self._telling:
            telling = (each for each in self.all if kind in each.kinds and name in self._wider[each.value_set])
            self._telling[kind, name] = TriggerIndex((each, each.triggers) for each in telling)
        return self._telling[kind, name]
