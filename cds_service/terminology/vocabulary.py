"""Words that stand around values, dates, names and questions of a record, of all languages together.

A record does not say in which language it is written, so none of them is left out. What each language says stands in its
file (``cards/words``, under ``vocabulary``): words, or regular expressions over text in lower case without accents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Comparator = Literal["", "<", "<=", ">", ">="]

LISTS = (
    "flags",
    "not_the_result",
    "normal_range",
    "range",
    "out_of",
    "questions",
    "able",
    "unable",
    "months",
    "per",
    "events",
    "loose_ends",
)
"""What a language may list.

``flags`` a laboratory sets behind a value (``high``); ``not_the_result`` stands beside a limit, another day's value or a dose;
``normal_range`` heads the range of the healthy, ``range`` stands between its ends, ``out_of`` before the most that a scale has.
``questions`` are names of scores and surveys; ``unable`` and, where that is not said, ``able`` answer what somebody can do.
``months`` are twelve, each by the letters that it begins with. ``per`` and ``events`` belong to units (``beats per minute``).
``loose_ends`` end no text that is cut short.
"""


@dataclass(frozen=True, slots=True)
class Words:
    """The vocabulary of one language, as its file writes it."""

    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By :data:`LISTS`."""
    comparators: Mapping[str, Comparator] = field(default_factory=dict)
    """``over`` is ``>``."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Spellings to units in normal form: ``grammes`` is ``g``."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Patterns of what classifications write to what the ward says: ``malignant neoplasm of`` is ``cancer of``; in turn."""


class Vocabulary:
    """The words of several languages, ready for those who read with them."""

    def __init__(self, languages: Iterable[Words] = ()) -> None:
        known = tuple(languages)
        self._lists = {name: _once(word for one in known for word in one.lists.get(name, ())) for name in LISTS}
        self.comparators = {word: sign for one in known for word, sign in one.comparators.items()}
        self.units = {spelling: unit for one in known for spelling, unit in one.units.items()}
        self.months = {
            letters: number
            for one in known
            for number, month in enumerate(one.lists.get("months", ()), 1)
            for letters in month.split()
        }
        self.able, self.unable = re.compile(self.any_of("able")), re.compile(self.any_of("unable"))
        self.loose_ends = frozenset(self._lists["loose_ends"])
        self.names = tuple(
            (re.compile(name, re.IGNORECASE), plain) for one in known for name, plain in one.names.items()
        )

    def words(self, name: str) -> tuple[str, ...]:
        """A list of all languages, by :data:`LISTS`."""
        return self._lists[name]

    def any_of(self, name: str) -> str:
        """A pattern that matches any word of a list; without words, nothing."""
        return "|".join(f"(?:{word})" for word in self._lists[name]) or "(?!)"


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
