"""``vocabulary`` of ``cards/words/*.yaml``: words of a language around values, dates, names and questions."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from pydantic import Field

from cds_service.knowledge.reading import NonEmptyText, Written
from cds_service.knowledge.yaml_source import Document, Path
from cds_service.terminology.units import nearest_unit, normalise_unit
from cds_service.terminology.vocabulary import LISTS, Comparator, Vocabulary, Words
from cds_service.terminology.wording import folded, plain

_Texts = Annotated[list[NonEmptyText], Field(default_factory=list)]
_SIGNS: dict[str, Comparator] = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
_MONTHS = 12


class VocabularyEntry(Written):
    """One language. Lists are those of :data:`terminology.vocabulary.LISTS`, and a list for each comparator."""

    called: ClassVar[str] = "the vocabulary of a language"
    above: _Texts
    at_least: _Texts
    below: _Texts
    at_most: _Texts
    flags: _Texts
    not_the_result: _Texts
    normal_range: _Texts
    range: _Texts
    out_of: _Texts
    questions: _Texts
    able: _Texts
    unable: _Texts
    months: _Texts
    per: _Texts
    events: _Texts
    loose_ends: _Texts
    units: dict[str, list[NonEmptyText]] = Field(default_factory=dict)
    names: dict[str, str] = Field(default_factory=dict)


_PATTERNS = frozenset({"not_the_result", "normal_range", "range", "out_of", "questions", "able", "unable"})
"""Lists of regular expressions; the others are words, said as they stand."""


class VocabularyReader:
    """Reads one language after the other; no spelling is two units."""

    def __init__(self) -> None:
        self._languages: list[Words] = []
        self._units: dict[str, str] = {}

    def take(self, document: Document, entry: VocabularyEntry) -> None:
        """Read the vocabulary of one file; mistakes are noted in the document."""
        if entry.months and len(entry.months) != _MONTHS:
            document.refuse(("vocabulary", "months"), f"a year has twelve months, found {len(entry.months)}")
        for name in sorted(_PATTERNS):
            for place, pattern in enumerate(getattr(entry, name)):
                _check(document, ("vocabulary", name, place), pattern)
        for pattern, said in entry.names.items():
            _check(document, ("vocabulary", "names", pattern), pattern, said)
        lists = {name: tuple(_folded(name, word) for word in getattr(entry, name)) for name in LISTS}
        comparators = {plain(word.lower()): sign for name, sign in _SIGNS.items() for word in getattr(entry, name)}
        self._languages.append(Words(lists, comparators, self._spellings(document, entry), entry.names))

    def together(self) -> Vocabulary:
        return Vocabulary(self._languages)

    def _spellings(self, document: Document, entry: VocabularyEntry) -> dict[str, str]:
        found: dict[str, str] = {}
        for unit, spellings in entry.units.items():
            path: Path = ("vocabulary", "units", unit)
            if normalise_unit(unit) != unit:
                near = nearest_unit(unit)
                problem = f"{unit!r} is no unit in normal form" + (f" (nearest: {near})" if near else "")
                document.refuse(path, problem, of_key=True)
                continue
            for place, written in enumerate(spellings):
                spelling = plain(written.lower()).replace(" ", "")
                other = self._units.setdefault(spelling, unit)
                if other != unit or normalise_unit(spelling) not in {None, unit}:
                    document.refuse((*path, place), f"{written!r} is {normalise_unit(spelling) or other!r} already")
                found[spelling] = unit
        return found


def _folded(name: str, word: str) -> str:
    return folded(word) if name in _PATTERNS else plain(word.lower())


def _check(document: Document, path: Path, pattern: str, said: str = "") -> None:
    """Note a pattern that is no regular expression, and what cannot stand in its place."""
    try:
        re.compile(pattern).sub(said, "")
    except (re.error, IndexError) as error:
        document.refuse(path, f"{pattern!r} with {said!r}: {error}" if said else f"{pattern!r} is no pattern: {error}")
