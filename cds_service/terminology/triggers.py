"""Which letters a text must hold for a pattern to match it at all: found once, so that most patterns are never tried.

A report holds few of the words that thousands of patterns look for. One pass over its letters, three at a time, tells
which patterns may match; what a text costs grows with its length, hardly with the number of patterns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Generic, TypeVar

SHORTEST = 2
"""Letters of a literal that is worth looking for."""
_GRAM = 3
_MOST_GROUPS = 4

Triggers = tuple[frozenset[str], ...]
"""Groups of literals in lower case: every match holds at least one of each group. No group: nothing is known."""
T = TypeVar("T")


class TriggerIndex(Generic[T]):
    """Things that are worth a closer look only where a text holds their triggers; without triggers, always."""

    def __init__(self, entries: Iterable[tuple[T, Triggers]]) -> None:
        listed = list(entries)
        self._things = [thing for thing, _ in listed]
        self._others = [groups[1:] for _, groups in listed]
        self._always = [place for place, (_, groups) in enumerate(listed) if not groups]
        by_trigger: dict[str, list[int]] = {}
        for place, (_, groups) in enumerate(listed):
            for trigger in groups[0] if groups else ():
                by_trigger.setdefault(trigger, []).append(place)
        self._short = {trigger: places for trigger, places in by_trigger.items() if len(trigger) < _GRAM}
        self._by_gram: dict[tuple[str, ...], list[tuple[str, list[int]]]] = {}
        common = Counter(gram for trigger in by_trigger for gram in set(_grams(trigger)))
        for trigger, places in by_trigger.items():
            if len(trigger) >= _GRAM:
                rarest = min(_grams(trigger), key=lambda gram: (common[gram], gram))
                self._by_gram.setdefault(rarest, []).append((trigger, places))
        self._grams = frozenset(self._by_gram)

    def of(self, lowered: str) -> list[T]:
        """The things that a text, in lower case, may concern; in the order in which they were given."""
        places = set(self._always)
        for trigger, known in self._short.items():
            if trigger in lowered:
                places.update(known)
        for gram in self._grams.intersection(_grams(lowered)):
            for trigger, known in self._by_gram[gram]:
                if trigger in lowered:
                    places.update(known)
        return [self._things[place] for place in sorted(places) if self._holds_others(place, lowered)]

    def _holds_others(self, place: int, lowered: str) -> bool:
        return all(any(trigger in lowered for trigger in group) for group in self._others[place])


def _grams(text: str) -> Iterable[tuple[str, ...]]:
    return zip(text, text[1:], text[2:], strict=False)


@lru_cache(maxsize=20_000)
def triggers(pattern: str) -> Triggers:
    """What a text must hold for a pattern to match, the most telling group first.

    Kept, so that card files which are read again cost only what changed in them. Raises :class:`re.error` for what is no
    regular expression, so that what passes here can be compiled later.
    """
    parsed = re._parser.parse(pattern, re.IGNORECASE)  # type: ignore[attr-defined]
    if "(?<" in pattern:
        _check_look_behind(parsed)
    groups = sorted(set(_groups(parsed)), key=_telling, reverse=True)
    return tuple(groups[:_MOST_GROUPS])


def _check_look_behind(tokens: Iterable[Any]) -> None:
    """What :func:`re.compile` would refuse and parsing alone does not: a look-behind of varying width."""
    for name, value in tokens:
        kind = str(name)
        if kind in {"ASSERT", "ASSERT_NOT"}:
            narrowest, widest = value[1].getwidth()
            if value[0] < 0 and narrowest != widest:
                raise re.error("look-behind requires fixed-width pattern")
            _check_look_behind(value[1])
        elif kind == "SUBPATTERN":
            _check_look_behind(value[3])
        elif kind in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            _check_look_behind(value[2])
        elif kind == "BRANCH":
            for branch in value[1]:
                _check_look_behind(branch)


def _telling(group: frozenset[str]) -> tuple[int, int, list[str]]:
    """Few long literals tell more than many short ones."""
    return min(map(len, group)), -len(group), sorted(group)


def _groups(tokens: Iterable[Any]) -> Iterator[frozenset[str]]:
    """The groups of a sequence: each run of letters, and what each part that must be there requires."""
    run: list[str] = []
    for name, value in (*tokens, (None, None)):
        kind = str(name)
        if kind == "LITERAL":
            run.append(chr(value).lower())
            continue
        if len(run) >= SHORTEST:
            yield frozenset({"".join(run)})
        run = []
        if kind == "SUBPATTERN":
            yield from _groups(value[3])
        elif kind in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"} and value[0] > 0:
            yield from _groups(value[2])
        elif kind == "BRANCH":
            best = [max(_groups(branch), key=_telling, default=None) for branch in value[1]]
            if all(best):
                yield frozenset().union(*(group for group in best if group))
