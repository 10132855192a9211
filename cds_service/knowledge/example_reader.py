"""The worked examples of a card: what they expect is checked against the names of the card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cds_service.knowledge.card_file import CardFile, ExampleEntry
from cds_service.knowledge.cards import Example
from cds_service.knowledge.parameters import NotAmong, Parameter, check_value, read_value
from cds_service.knowledge.yaml_source import Document, Path

_EXPECT = re.compile(r"fired ([\w-]+)(?: (info|warning|critical))?|silent(?: ([\w-]+))?|cannot tell|failed")
_FORMS = ("fired <message>", "fired <message> <indicator>", "silent <reason>", "cannot tell", "failed")


def read_examples(document: Document, card: CardFile, parameters: Mapping[str, Parameter]) -> tuple[Example, ...]:
    """Read the examples of a card file; names that the card does not have are noted."""
    found = []
    for place, entry in enumerate(card.examples):
        path: Path = ("examples", place)
        match = _EXPECT.fullmatch(entry.expect)
        if match is None:
            document.refuse((*path, "expect"), f"{entry.expect!r} is no expectation", _FORMS)
            continue
        _check(document, path, card, entry, match)
        _check_changes(document, path, entry, parameters)
        found.append(_example(document, path, card, entry, match))
    return tuple(found)


def _check(document: Document, path: Path, card: CardFile, entry: ExampleEntry, match: re.Match[str]) -> None:
    message, _, reason = match.groups()
    if message and message not in card.messages:
        document.refuse((*path, "expect"), f"{message!r} is not a message", tuple(card.messages), found=message)
    if reason and reason not in card.silent:
        document.refuse((*path, "expect"), f"{reason!r} is not under 'silent'", tuple(card.silent), found=reason)
    if entry.hook is not None and entry.hook not in card.hooks:
        document.refuse(
            (*path, "hook"), f"{entry.hook!r} is not a hook of this card", tuple(card.hooks), found=entry.hook
        )
    for key, names, known in (
        ("offers", entry.offers or [], card.suggestions),
        ("notes", entry.notes, card.notes),
    ):
        for place, name in enumerate(names):
            if name not in known:
                what = "a suggestion" if key == "offers" else "a note"
                document.refuse((*path, key, place), f"{name!r} is not {what} of this card", tuple(known), found=name)


def _check_changes(document: Document, path: Path, entry: ExampleEntry, parameters: Mapping[str, Parameter]) -> None:
    for name, written in entry.set.items():
        here = (*path, "set", name)
        if name not in parameters:
            document.refuse(here, f"{name!r} is not a parameter", tuple(parameters), found=name, of_key=True)
            continue
        try:
            check_value(parameters[name], read_value(parameters[name], written))
        except NotAmong as error:
            document.refuse(here, f"{name!r}: {error}", error.allowed, found=error.found)
        except ValueError as error:
            document.refuse(here, f"{name!r}: {error}")


def _example(document: Document, path: Path, card: CardFile, entry: ExampleEntry, match: re.Match[str]) -> Example:
    message, _, reason = match.groups()
    indicator: Any = match[2]
    kinds: dict[str, Any] = {"f": "fired", "s": "silent", "c": "cannot tell"}
    return Example(
        name=entry.name,
        where=document.where(path),
        patient=entry.patient,
        facts=tuple(entry.facts),
        hook=entry.hook or card.hooks[0],
        as_of=entry.as_of or "",
        changes=entry.set,
        expect="failed" if entry.expect == "failed" else kinds[entry.expect[0]],
        expect_name=message or reason or "",
        expect_indicator=indicator,
        offers=None if entry.offers is None else tuple(entry.offers),
        notes=tuple(entry.notes),
        because=entry.because,
    )
