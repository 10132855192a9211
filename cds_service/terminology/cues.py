"""The cues that turn a phrase round: denial, doubt, history, family; and those that only seem to. Of all languages together.

A record does not say in which language it is written, and many hold two. What a language denies with stands in its file
(``cards/words``); here the files become tables that are searched once, whatever their number: a cue is tried only where its
letters occur. The method is that of NegEx (Chapman 2001) and ConText (Harkema 2009).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from cds_service.terminology.triggers import TriggerIndex, Triggers, triggers

Reading = Literal["affirmed", "doubted", "planned", "denied", "history", "family"]

KINDS = (
    "neutral",
    "standing",
    "doubted",
    "family",
    "history",
    "risk",
    "planned",
    "denied",
    "not",
    "plain",
    "ends",
    "affirming",
    "weak",
)
"""What a cue before a phrase can be; of two that begin together the one that stands first here is heard.

``neutral`` looks like denial or history and is none. ``standing`` (``no new``) leaves a lasting disease and denies a sign.
``risk`` speaks of what might come, ``planned`` of what will be done, ``not`` denies up to the next comma, ``plain`` a list of
short items, ``denied`` a whole list. ``ends`` ends whatever came before; ``affirming`` opens a new statement behind a comma,
``weak`` does so outside a list.
"""
SECTIONS = ("asked", "family", "past", "findings")
"""What a heading opens: what a report was asked, what relatives had, what is over, and what was found."""


@dataclass(frozen=True, slots=True)
class Language:
    """The cues of one language, as its file writes them: regular expressions over text in lower case."""

    name: str
    before: Mapping[str, tuple[str, ...]]
    after: Mapping[Reading, tuple[str, ...]]
    headings: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words of the grammar of cues, by :data:`GRAMMAR`."""


GRAMMAR = (
    "and",
    "or",
    "abbreviations",
    "carries_on",
    "history_ends",
    "risk_ends",
    "shows",
    "has",
    "purpose",
    "purpose_belongs",
    "lasting",
    "non",
    "undone_by_non",
    "renewed",
)
"""Words that decide how far a cue reaches, and where a sentence ends."""


class Cue(NamedTuple):
    """A cue or word in the sentence before a phrase."""

    kind: str
    """One of :data:`KINDS`, or ``joint``, ``comma``, ``query``, ``word``."""
    text: str


class Cues:
    """The cues of several languages, compiled for search."""

    def __init__(self, languages: Iterable[Language]) -> None:
        known = tuple(languages)
        self.names = tuple(language.name for language in known)
        ranked = (
            _Pattern(rank, kind, _words(cue))
            for rank, kind in enumerate(KINDS)
            for language in known
            for cue in language.before.get(kind, ())
        )
        self._before = TriggerIndex((pattern, pattern.triggers) for pattern in ranked)
        after = (
            _Pattern(rank, reading, f"{_LEAD}(?:{cue})")
            for rank, reading in enumerate(_AFTER)
            for language in known
            for cue in language.after.get(reading, ())
        )
        self._after = TriggerIndex((pattern, pattern.triggers) for pattern in after)
        words = {name: [word for language in known for word in language.words.get(name, ())] for name in GRAMMAR}
        self.ands = frozenset(words["and"])
        self.ors = frozenset(words["or"])
        self.history_ends = frozenset(words["history_ends"])
        self.risk_ends = frozenset(words["risk_ends"])
        self.purpose = frozenset(words["purpose"])
        self.purpose_belongs = frozenset(words["purpose_belongs"])
        self.shows = _any(words["shows"])
        self.has = _any(words["has"])
        self.abbreviated = _any(words["abbreviations"])
        self.carries_on = _any([*words["carries_on"], r"[:,(-]"])
        self.lasting = _any(words["lasting"])
        self.non = re.compile(rf"(?<![a-z])(?:{_any(words['non']).pattern})[- ]?$")
        self.undone_by_non = _any(words["undone_by_non"])
        self._renewed = _any(words["renewed"])
        self._base = re.compile(
            rf"(?P<joint>\b(?:{'|'.join(sorted(self.ands | self.ors, key=len, reverse=True)) or '(?!)'})\b|/|&)"
            r"|(?P<comma>[,()\[\]]|(?<= )-+(?= ))|(?P<query>\?+)|(?P<word>[^\s,()\[\]?/]+)"
        )
        self._list_goes_on = re.compile(
            rf"[^.;:]{{0,60}}?\b(?:{'|'.join(sorted(self.ors, key=len, reverse=True)) or '(?!)'})\b"
        )
        self._headings = _headings(known)

    def tokens(self, before: str) -> Iterator[Cue]:
        """The cues and words of the sentence up to the phrase, in order."""
        cues: dict[int, tuple[int, int, str]] = {}
        for pattern in self._before.of(before):
            for match in pattern.compiled.finditer(before):
                best = cues.get(match.start())
                if match.end() > match.start() and (best is None or pattern.rank < best[0]):
                    cues[match.start()] = (pattern.rank, match.end(), pattern.kind)
        place = 0
        while token := self._base.search(before, place):
            cue = cues.get(token.start())
            if cue is not None:
                _, place, kind = cue
                yield Cue(kind, before[token.start() : place])
            else:
                place = token.end()
                yield Cue(token.lastgroup or "word", token.group())

    def reading_after(self, after: str) -> Reading:
        """How the words that follow a phrase put it."""
        found = (pattern for pattern in self._after.of(after) if pattern.compiled.match(after))
        best = min(found, key=lambda pattern: pattern.rank, default=None)
        return best.kind if best is not None else "affirmed"  # type: ignore[return-value]

    def is_renewed(self, before: str, matched: str, after: str) -> bool:
        """Whether what is planned is the replacement or the check of something that is there."""
        return bool(self._renewed.search(before[-_NEAR:] + matched + after[:_NEAR]))

    def list_goes_on(self, after: str) -> bool:
        """Whether what follows the phrase is the rest of an ``or`` list."""
        return bool(self._list_goes_on.match(after))

    def headings(self, lowered: str) -> list[tuple[int, str]]:
        """Where each heading of a text ends, and what it opens; a blank line ends what relatives or the past had."""
        found: list[tuple[int, str]] = []
        if not any(mark in lowered for mark in ":\n"):
            return found
        for heading in self._headings.finditer(lowered):
            kind = (heading.lastgroup or "").removesuffix("_line")
            if kind != "blank":
                found.append((heading.end(), kind))
            elif found and found[-1][1] in {"family", "past"}:
                found.append((heading.end(), ""))
        return found

    @staticmethod
    def section_at(headings: list[tuple[int, str]], place: int) -> str:
        """What the nearest heading before a place opens; nothing when there is none."""
        before = bisect_right(headings, place, key=lambda heading: heading[0])
        return headings[before - 1][1] if before else ""


_AFTER: tuple[Reading, ...] = ("family", "doubted", "planned", "denied", "history")
"""Which reading wins when several cues follow: ``unlikely but cannot be excluded`` is doubted."""
_NEAR = 25
"""Characters before and behind a phrase in which its replacement stands."""
_LEAD = r"[\s)\]\"']{0,4}"


@dataclass(frozen=True)
class _Pattern:
    rank: int
    kind: str
    text: str

    @cached_property
    def triggers(self) -> Triggers:
        return triggers(self.text)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.text)


def _words(cue: str) -> str:
    return rf"(?<![\w/'-])(?:{cue})(?:(?<=')|(?![\w/']))"  # "absence d'une": an elided word ends at its apostrophe


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{word})" for word in words) or "(?!)")


def _headings(languages: tuple[Language, ...]) -> re.Pattern[str]:
    """Headings with a colon wherever they stand, or alone on a line; of relatives and the past alone on a line only."""
    lines = {
        section: "|".join(word for language in languages for word in language.headings.get(section, ())) or "(?!)"
        for section in SECTIONS
    }
    inline = "|".join(rf"(?P<{section}>\b(?:{lines[section]})\s?:)" for section in ("asked", "findings"))
    alone = "|".join(rf"(?P<{section}_line>^[ *#]*(?:{lines[section]})[ *]*:?[ *]*$)" for section in SECTIONS)
    return re.compile(rf"{alone}|{inline}|(?P<blank>\n[ ]*\n)", re.MULTILINE)
