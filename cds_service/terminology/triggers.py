"""Which letters a text must hold for a pattern to match it at all: found once, so that most patterns are never tried.

A plain substring test is a hundred times cheaper than a search by pattern, and a report holds few of the words that
three hundred value sets look for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

SHORTEST = 2
"""Letters of a literal that is worth looking for."""

Triggers = frozenset[str]


def triggers(pattern: str) -> Triggers:
    """Literals in lower case of which every match holds at least one; empty when no such set is known."""
    return _of_sequence(re._parser.parse(pattern, re.IGNORECASE)) or frozenset()  # type: ignore[attr-defined]


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
