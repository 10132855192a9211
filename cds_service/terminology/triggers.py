"""Which letters a text must hold for a pattern to match it at all: found once, so that most patterns are never tried.

A report holds few of the words that thousands of patterns look for. One pass over its letters, three at a time, tells
which patterns may match; what a text costs grows with its length, hardly with the number of patterns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

SHORTEST = 2
"""Letters of a literal that is worth looking for."""
_GRAM = 3

Triggers = frozenset[str]
T = TypeVar("T")


class TriggerIndex(Generic[T]):
    """Things that are worth a closer look only where a text holds one of their triggers; without triggers, always."""

    def __init__(self, entries: Iterable[tuple[T, Triggers]]) -> None:
        listed = list(entries)
        self._things = [thing for thing, _ in listed]
        self._always = [place for place, (_, found) in enumerate(listed) if not found]
        by_trigger: dict[str, list[int]] = {}
        for place, (_, found) in enumerate(listed):
            for trigger in found:
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
        return [self._things[place] for place in sorted(places)]


def _grams(text: str) -> Iterable[tuple[str, ...]]:
    return zip(text, text[1:], text[2:], strict=False)


def triggers(pattern: str) -> Triggers:
    """Literals in lower case of which every match holds at least one; empty when no such set is known.

    Raises :class:`re.error` for what is no regular expression, so that what passes here can be compiled later.
    """
    parsed = re._parser.parse(pattern, re.IGNORECASE)  # type: ignore[attr-defined]
    if "(?<" in pattern:
        _check_look_behind(parsed)
    return _of_sequence(parsed) or frozenset()


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


def _of_sequence(tokens: Iterable[Any]) -> Triggers | None:
    """The best requirement of a sequence: of all parts that must be there, the one with the longest literals."""
    found: list[Triggers] = []
    run: list[str] = []
    for name, value in (*tokens, (None, None)):
        if str(name) == "LITERAL":
            run.append(chr(value).lower())
            continue
        if len(run) >= SHORTEST:
            found.append(frozenset({"".join(run)}))
        run = []
        inner = _of_token(str(name), value)
        if inner:
            found.append(inner)
    return max(found, key=lambda literals: (min(map(len, literals)), -len(literals)), default=None)


def _of_token(name: str, value: Any) -> Triggers | None:
    """What a token that must match requires; ``None`` when nothing is known of it."""
    if name == "SUBPATTERN":
        return _of_sequence(value[3])
    if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        return _of_sequence(value[2]) if value[0] > 0 else None
    if name == "BRANCH":
        branches = [_of_sequence(branch) for branch in value[1]]
        return frozenset().union(*(branch for branch in branches if branch)) if all(branches) else None
    return None
