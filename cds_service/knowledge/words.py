"""``cards/words/*.yaml``: how a language names what the value sets mean. A language is a file; there is no code for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from cds_service.knowledge.errors import nearest_name
from cds_service.knowledge.reading import Said, Written, read_part
from cds_service.knowledge.yaml_source import Document, Path
from cds_service.terminology.phrases import Phrases
from cds_service.terminology.triggers import triggers
from cds_service.terminology.value_sets import ValueSet

Meanings = Mapping[str, Mapping[str, list[str]]]
"""For each value set the sentences that mean it, each with the places that it is true of."""


class WordsFile(Written):
    called: ClassVar[str] = "a file of words"
    language: Said
    parts: dict[str, list[str]] = Field(default_factory=dict)
    places: dict[str, list[str]] = Field(default_factory=dict)
    sentences: dict[str, Annotated[list[str], Field(min_length=1)]] = Field(default_factory=dict)
    phrases: dict[str, list[str]] = Field(default_factory=dict)


def read_words(documents: Iterable[Document], sets: Mapping[str, ValueSet], meanings: Meanings) -> Iterator[Phrases]:
    """Read every language; give its phrases for each value set. Mistakes are noted in the documents."""
    for document in documents:
        entry = read_part(WordsFile, document)
        if entry is not None:
            yield from _Language(document, entry).phrases(sets, meanings)


_HOLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_Sources = list[tuple[Path, str]]


class _Language:
    """One file: its fragments put together, and what is wrong with them."""

    def __init__(self, document: Document, entry: WordsFile) -> None:
        self.document, self.entry = document, entry
        self.known: dict[str, str] = {}
        for key in ("parts", "places"):
            for name, words in getattr(entry, key).items():
                filled = [self._filled((key, name, place), word) for place, word in enumerate(words)]
                self.known[name] = "|".join(filled)

    def phrases(self, sets: Mapping[str, ValueSet], meanings: Meanings) -> Iterator[Phrases]:
        """The phrases of each set: sentences about its places, then those written for it alone."""
        found: dict[str, _Sources] = {}
        for name, meant in meanings.items():
            for sentence, places in meant.items():
                found.setdefault(name, []).extend(self._sentences(sentence, places))
        for name, written in self.entry.phrases.items():
            if name not in sets:
                self._refuse_set(name, sets)
                continue
            paths: list[Path] = [("phrases", name, place) for place in range(len(written))]
            found.setdefault(name, []).extend(
                (path, self._filled(path, phrase)) for path, phrase in zip(paths, written, strict=True)
            )
        for name, sources in found.items():
            phrases = Phrases(name, sets[name].kinds, tuple(pattern for _, pattern in sources if pattern))
            if phrases.patterns and are_patterns(self.document, phrases, sources):
                yield phrases

    def _sentences(self, sentence: str, places: list[str]) -> Iterator[tuple[Path, str]]:
        own = "|".join(self.known[place] for place in places if place in self.entry.places)
        if not own:
            return
        for place, pattern in enumerate(self.entry.sentences.get(sentence, ())):
            path: Path = ("sentences", sentence, place)
            yield path, self._filled(path, pattern, place=own)

    def _filled(self, path: Path, pattern: str, **also: str) -> str:
        """Put the fragments into a pattern; an unknown one is noted and gives nothing."""
        known = self.known | also
        for hole in _HOLE.finditer(pattern):
            if hole[1] not in known:
                allowed = (*self.known, "place") if path[0] == "sentences" else tuple(self.known)
                self.document.refuse(path, f"{hole[0]} is not a part or place of this file", allowed, found=hole[1])
                return ""
        return _HOLE.sub(lambda hole: known[hole[1]], pattern)

    def _refuse_set(self, name: str, sets: Mapping[str, ValueSet]) -> None:
        near = nearest_name(name, sets)
        self.document.refuse(
            ("phrases", name), f"{name!r} is not a value set" + (f" (nearest: {near})" if near else ""), of_key=True
        )


def are_patterns(document: Document, phrases: Phrases, sources: Iterable[tuple[Path, str]]) -> bool:
    """Whether phrases, each with its place in the document, are regular expressions; those that are none are noted."""
    try:
        phrases.triggers  # noqa: B018 - found once and kept
    except re.error as together:
        before = len(document.errors)
        for path, pattern in sources:
            try:
                triggers(pattern)
            except re.error as error:
                document.refuse(path, f"{pattern!r} is not a regular expression: {error}")
        if len(document.errors) == before:
            document.refuse(next(iter(sources))[0], f"the patterns do not go together: {together}")
        return False
    return True
