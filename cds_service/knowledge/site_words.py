"""A site's own words on a card, and for whom it is: laid over the card's file, so that they are checked as if they stood there.

A mistake in them is noted in the site's file, at its own line and column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from cds_service.knowledge.wording import parse_wording
from cds_service.knowledge.yaml_source import Document, Path

WORDS = "words"
"""The part of a site's file: by topic, what its cards say otherwise."""
FOR_WHOM = "for_whom"
"""The part that says by topic for whom its cards are."""
_ANY = "*"
_LINES = {"do", "check", "why"}
_MAY_CHANGE: Mapping[str, Any] = {
    "title": None,
    "messages": {_ANY: {"indicator": None, "summary": None, "do": None, "check": None, "detail": None}},
    "notes": {_ANY: None},
    "silent": {_ANY: None},
    "passed": {_ANY: None},
    "suggestions": {_ANY: {"label": None, "recommended": None}},
    "links": None,
    "override_reasons": None,
}
"""What may be said otherwise; ``*`` is any name that the card has already. Lists are replaced as a whole."""
_SPOKEN = {"messages", "notes", "silent", "passed", "suggestions"}
"""Texts with placeholders that the outcome fills."""
_MAY_BE_NEW = {"links", "override_reasons", *_LINES}


@dataclass(slots=True)
class Overlaid(Document):
    """A card's file with a site's words in it; complaints about those go to the site's file."""

    site: Document = field(default_factory=lambda: Document(""))
    taken: dict[Path, Path] = field(default_factory=dict)
    """Where the words of a path stand in the site's file."""

    def where(self, path: Path) -> str:
        """Write a value's place, in the file that it stands in."""
        theirs = self._theirs(path)
        return self.site.where(theirs) if theirs else Document.where(self, path)

    def refuse(
        self, path: Path, problem: str, allowed: Any = (), *, found: str | None = None, of_key: bool = False
    ) -> None:
        """Note a mistake where it was written; in both files, so that the card is not made."""
        theirs = self._theirs(path)
        if theirs:
            self.site.refuse(theirs, problem, allowed, found=found, of_key=of_key)
            self.errors.append(self.site.errors[-1])
        else:
            Document.refuse(self, path, problem, allowed, found=found, of_key=of_key)

    def _theirs(self, path: Path) -> Path | None:
        for length in range(len(path), 0, -1):
            start = self.taken.get(path[:length])
            if start is not None:
                return (*start, *path[length:])
        return None


def overlaid(card: Document, site: Document, topic: str) -> Document:
    """Lay what a site says of a topic over the card's file; names that the card does not have are refused."""
    whole = Overlaid(card.file, deepcopy(card.data), dict(card.values), dict(card.keys), card.errors, site, taken={})
    found = list(_changes(site, (WORDS, topic), (), _MAY_CHANGE, card.data)) if topic in words_of(site) else []
    if (FOR_WHOM, topic) in site.values:
        found.append(((FOR_WHOM,), (FOR_WHOM, topic), site.data[FOR_WHOM][topic]))
    for path, theirs, value in found:
        _put(whole.data, path, value)
        whole.taken[path] = theirs
        for place, mark in site.values.items():
            if place[: len(theirs)] == theirs:
                whole.values[(*path, *place[len(theirs) :])] = mark
    _keep_to_known_words(whole, card.data)
    _keep_the_alarm(whole, card.data)
    return whole


def words_of(site: Document) -> Mapping[str, Any]:
    """What a site says otherwise, by topic."""
    found = site.data.get(WORDS) if isinstance(site.data, dict) else None
    return found if isinstance(found, dict) else {}


def _changes(site: Document, theirs: Path, path: Path, allowed: Any, given: Any) -> Iterator[tuple[Path, Path, Any]]:
    """Every changed value: its path in the card, its path in the site's file, and the value."""
    written: Any = site.data
    for step in theirs:
        written = written[step]
    if allowed is None:
        yield path, theirs, written
        return
    if not isinstance(written, dict):
        site.refuse(theirs, f"{theirs[-1]!r} is a mapping of keys here")
        return
    for name in written:
        inner = allowed.get(name, allowed.get(_ANY, "unknown"))
        known = given if isinstance(given, dict) else {}
        names = tuple(allowed) if _ANY not in allowed else tuple(known)
        if inner == "unknown" or (name not in known and name not in _MAY_BE_NEW):
            site.refuse((*theirs, name), f"{name!r} is none of the card's words", names, found=str(name), of_key=True)
            continue
        yield from _changes(site, (*theirs, name), (*path, name), inner, known.get(name))


def _put(data: Any, path: Path, value: Any) -> None:
    _at(data, path[:-1])[path[-1]] = value


def _keep_to_known_words(whole: Overlaid, before: Any) -> None:
    """A text may use the words that the card's own uses there, which its rule brings, and the card's parameters."""
    for path in whole.taken:
        part, written = before.get(path[0]), whole.data[path[0]]
        if path[0] not in _SPOKEN or not isinstance(part, dict):
            continue
        known = {*(before.get("parameters") or {}), "now", *_words_in(part.get(path[1]))}
        for place, text in _texts(_at(written, path[1:]), path):
            for word in sorted(_words_in(text) - known):
                if word.partition(".")[0] not in known:  # a table's cell is a parameter as well
                    whole.refuse(
                        place, f"{{{word}}} is no word of this text, and no parameter", sorted(known), found=word
                    )


def _words_in(value: Any) -> set[str]:
    """The placeholders of all texts; of a text with a mistake none, since that is reported elsewhere."""
    found: set[str] = set()
    for _, text in _texts(value, ()):
        with suppress(ValueError):
            found |= {gap.word for gap in parse_wording(text).placeholders}
    return found


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, (*path, place))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _keep_the_alarm(whole: Overlaid, before: Any) -> None:
    """A red flag's critical message stays critical: a site may silence a card openly, not by turning it down."""
    if not before.get("red_flag"):
        return
    for name, message in (before.get("messages") or {}).items():
        path: Path = ("messages", name, "indicator")
        if (
            path in whole.taken
            and message.get("indicator") == "critical"
            and whole.data["messages"][name]["indicator"] != "critical"
        ):
            whole.refuse(path, f"{name!r} is a red flag's critical message: its indicator stays critical")
