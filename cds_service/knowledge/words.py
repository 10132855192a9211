"""``cards/words/*.yaml``, a file a language: how it names what the value sets mean, how it denies, doubts and remembers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Annotated, ClassVar, cast

from pydantic import Field

from cds_service.knowledge.errors import nearest_name
from cds_service.knowledge.reading import NonEmptyText, Written, read_part
from cds_service.knowledge.vocabulary import VocabularyEntry, VocabularyReader
from cds_service.knowledge.yaml_source import Document, Path
from cds_service.terminology.cues import GRAMMAR, KINDS, SECTIONS, Language, Reading
from cds_service.terminology.phrases import Phrase
from cds_service.terminology.triggers import triggers
from cds_service.terminology.value_sets import ValueSet
from cds_service.terminology.vocabulary import Vocabulary
from cds_service.terminology.wording import folded

Meanings = Mapping[str, Mapping[str, list[str]]]
"""For each value set the sentences that mean it, each with the places that it is true of."""
_Lists = dict[str, list[str]]


class CuesEntry(Written):
    called: ClassVar[str] = "the cues of a language"
    before: _Lists
    after: _Lists
    headings: _Lists = Field(default_factory=dict)
    grammar: _Lists = Field(default_factory=dict)


class WordsFile(Written):
    called: ClassVar[str] = "a file of words"
    language: NonEmptyText
    parts: _Lists = Field(default_factory=dict)
    places: _Lists = Field(default_factory=dict)
    sentences: dict[str, Annotated[list[str], Field(min_length=1)]] = Field(default_factory=dict)
    phrases: _Lists = Field(default_factory=dict)
    cues: CuesEntry
    vocabulary: VocabularyEntry = Field(default_factory=lambda: VocabularyEntry.model_validate({}))


def read_words(
    documents: Iterable[Document], sets: Mapping[str, ValueSet], meanings: Meanings
) -> tuple[list[Phrase], list[Language], Vocabulary]:
    """Read every language: its phrases for each value set, its cues, its vocabulary. Mistakes are noted in the documents."""
    phrases: list[Phrase] = []
    languages: list[Language] = []
    vocabularies = VocabularyReader()
    for document in documents:
        entry = read_part(WordsFile, document)
        if entry is not None:
            reader = _Reader(document, entry)
            languages.append(reader.language())
            phrases += reader.phrases(sets, meanings)
            vocabularies.take(document, entry.vocabulary)
    return phrases, languages, vocabularies.together()


_HOLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_NEEDED = ("denied", "doubted", "family", "history")
"""What a language must be able to say before a phrase, so that no word of it is heard without its denials."""
_FOLLOWING: tuple[Reading, ...] = ("doubted", "planned", "denied", "history", "family")
_STRUCTURE = ("stops", "be", "followers")
"""Words of a language from which the fragments of cues behind a phrase are built."""


class _Reader:
    """One file: its fragments put together, and what is wrong with them."""

    def __init__(self, document: Document, entry: WordsFile) -> None:
        self.document, self.entry = document, entry
        self.known: dict[str, str] = {}
        for key in ("parts", "places"):
            for name, words in getattr(entry, key).items():
                filled = [self._filled((key, name, place), word) for place, word in enumerate(words)]
                self.known[name] = "|".join(filled)

    def language(self) -> Language:
        """The cues, with every fragment in its place."""
        cues = self.entry.cues
        self._check_keys("before", cues.before, KINDS, _NEEDED)
        self._check_keys("after", cues.after, _FOLLOWING, ())
        self._check_keys("headings", cues.headings, SECTIONS, ())
        self._check_keys("grammar", cues.grammar, (*GRAMMAR, *_STRUCTURE), ())
        self.known |= _fragments({key: "|".join(cues.grammar.get(key, ())) or "(?!)" for key in _STRUCTURE})
        after = cast(dict[Reading, list[str]], cues.after)
        return Language(
            self.entry.language,
            {kind: self._cues("before", kind, words) for kind, words in cues.before.items()},
            {reading: self._cues("after", reading, words) for reading, words in after.items()},
            {section: self._cues("headings", section, words) for section, words in cues.headings.items()},
            {
                name: self._cues("grammar", name, words)
                for name, words in cues.grammar.items()
                if name not in _STRUCTURE
            },
        )

    def phrases(self, sets: Mapping[str, ValueSet], meanings: Meanings) -> Iterator[Phrase]:
        """The phrases of each set: sentences about its places, then those written for it alone."""
        self._check_meant(meanings)
        for name, meant in meanings.items():
            for sentence, places in meant.items():
                for path, pattern in self._sentences(sentence, places):
                    yield from self._phrase(sets[name], path, pattern)
        for name, written in self.entry.phrases.items():
            if name not in sets:
                self._refuse_set(name, sets)
                continue
            for place, phrase in enumerate(written):
                path = ("phrases", name, place)
                yield from self._phrase(sets[name], path, self._filled(path, phrase))

    def _check_meant(self, meanings: Meanings) -> None:
        """A sentence or place that no value set means, and no phrase holds, would be heard of nothing, silently."""
        written = chain(*self.entry.phrases.values(), *self.entry.places.values())
        held = {hole for text in written for hole in _HOLE.findall(text)}
        sentences = {sentence for meant in meanings.values() for sentence in meant}
        places = {place for meant in meanings.values() for each in meant.values() for place in each}
        for key, named, known in (
            ("sentences", self.entry.sentences, sentences),
            ("places", self.entry.places, places | held),
        ):
            for name in sorted(named.keys() - known):
                problem = f"no value set means {name!r}"
                self.document.refuse((key, name), problem, sorted(known), found=name, of_key=True)

    def _phrase(self, value_set: ValueSet, path: Path, pattern: str) -> Iterator[Phrase]:
        phrase = Phrase(value_set.name, value_set.kinds, pattern)
        if pattern and is_pattern(self.document, path, pattern, phrase):
            yield phrase

    def _cues(self, table: str, key: str, words: list[str]) -> tuple[str, ...]:
        paths: list[Path] = [("cues", table, key, place) for place in range(len(words))]
        filled = [(path, self._filled(path, word)) for path, word in zip(paths, words, strict=True)]
        return tuple(pattern for path, pattern in filled if pattern and is_pattern(self.document, path, pattern))

    def _check_keys(self, table: str, written: _Lists, allowed: Iterable[str], needed: Iterable[str]) -> None:
        for key in written:
            if key not in allowed:
                problem = f"{key!r} is not a table of cues"
                self.document.refuse(("cues", table, key), problem, tuple(allowed), found=key, of_key=True)
        for key in needed:
            if not written.get(key):
                problem = f"{self.entry.language} needs {key!r} cues: its words are not heard without its denials"
                self.document.refuse(("cues", table), problem)

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
        return _HOLE.sub(lambda hole: f"({known[hole[1]]})", folded(pattern))

    def _refuse_set(self, name: str, sets: Mapping[str, ValueSet]) -> None:
        near = nearest_name(name, sets)
        self.document.refuse(
            ("phrases", name), f"{name!r} is not a value set" + (f" (nearest: {near})" if near else ""), of_key=True
        )


def _fragments(words: Mapping[str, str]) -> dict[str, str]:
    """What stands between a phrase and a cue behind it: few plain words, no comma, no other statement."""
    end = r"\s*(?:$|[.,;:)\]?!]|- )"
    stop = f"(?:{words['stops']})"
    fill = rf"(?:\s(?!{stop}\b)[\w'/&+.-]+){{0,5}}?"
    separator = r"(?:\s?[,:=(-]{1,3}\s?|\s|\s?\?\s)"
    be = rf"(?:(?:{words['be']})\s){{0,4}}"
    return {
        "stop": stop,
        "fill": fill,
        "sep": separator,
        "be": be,
        "up_to": f"{fill}{separator}{be}",
        "ended": f"(?={end})",
        "follow": rf"(?={end}|\s+(?:{words['followers']})\b)",
    }


def is_pattern(document: Document, path: Path, written: str, phrase: Phrase | None = None) -> bool:
    """Whether what is written, or the phrase that it became, is a regular expression; one that is none is noted."""
    try:
        if phrase is None:
            triggers(written)
        else:
            phrase.triggers  # noqa: B018 - found once and kept
    except re.error as error:
        document.refuse(path, f"{written!r} is not a regular expression: {error}")
        return False
    return True
