"""The worked examples of a card: groups and edges are written out, expectations checked against the names of the card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cds_service.knowledge.card_file import CardFile
from cds_service.knowledge.cards import Example
from cds_service.knowledge.errors import NotAmong
from cds_service.knowledge.example_file import ExampleEntry, ExpectedAnswer, GroupEntry
from cds_service.knowledge.parameters import Parameter, check_value, read_value
from cds_service.knowledge.reading import read_part
from cds_service.knowledge.yaml_source import Document, Path, plain_scalar

_EXPECT = re.compile(r"fired ([\w-]+)(?: (info|warning|critical))?|silent(?: ([\w-]+))?|cannot tell|failed")
_FORMS = ("fired <message>", "fired <message> <indicator>", "silent <reason>", "cannot tell", "failed")
_VALUE = "{value}"


def read_examples(document: Document, card: CardFile, parameters: Mapping[str, Parameter]) -> tuple[Example, ...]:
    """Read a file of examples; mistakes, and names that the card does not have, are noted."""
    if not isinstance(document.data, list):
        document.refuse((), "the file is a list of examples and of groups of examples")
        return ()
    found: dict[str, Example] = {}
    for path, entry in _written_out(document):
        name, match = entry.name or "", _EXPECT.fullmatch(entry.expect or "")
        if match is None:
            document.refuse((*path, "expect"), f"{entry.expect!r} is no expectation", _FORMS)
            continue
        if name in found:
            document.refuse((*path, "name"), f"{name!r} stands twice; the first is {found[name].where}")
        _check(document, path, card, entry, match)
        _check_changes(document, path, entry, parameters)
        found[name] = _example(document, path, card, entry, match)
    return tuple(found.values())


def _written_out(document: Document) -> Iterator[tuple[Path, ExampleEntry]]:
    """Every example with all that its group gives, those with edges one by one."""
    for place, written in enumerate(document.data):
        path: Path = (place,)
        if isinstance(written, dict) and "examples" in written:
            group = read_part(GroupEntry, document, path)
            if group is not None:
                for number, entry in enumerate(group.examples):
                    yield from _edges(document, (*path, "examples", number), _within(group, entry))
            continue
        single = read_part(ExampleEntry, document, path)
        if single is not None:
            yield from _edges(document, path, single)


def _within(group: GroupEntry, entry: ExampleEntry) -> ExampleEntry:
    said = {name: getattr(entry, name) or getattr(group, name) for name in ("patient", "hook", "as_of")}
    facts = [*group.given, *entry.facts]
    return entry.model_copy(update={**said, "facts": facts, "set": {**group.set, **entry.set}})


def _edges(document: Document, path: Path, entry: ExampleEntry) -> Iterator[tuple[Path, ExampleEntry]]:
    """The example, or one for each of its edges."""
    if entry.edges and entry.expect is not None:
        document.refuse((*path, "expect"), "each edge says what is expected; the example does not", of_key=True)
    elif not entry.edges:
        yield from _complete(document, path, entry)
    for value, written in entry.edges.items() if entry.expect is None else ():
        here = (*path, "edges", value)
        edge = ExpectedAnswer(expect=written) if isinstance(written, str) else read_part(ExpectedAnswer, document, here)
        if edge is not None:
            filled = {name: _filled(getattr(entry, name), value) for name in ExampleEntry.model_fields}
            said = {name: getattr(edge, name) for name in edge.model_fields_set}
            yield from _complete(document, here, entry.model_copy(update=filled | said))


def _complete(document: Document, path: Path, entry: ExampleEntry) -> Iterator[tuple[Path, ExampleEntry]]:
    missing = [name for name in ("name", "expect", "because") if getattr(entry, name) is None]
    for name in missing:
        document.refuse(path, f"an example needs {name!r}")
    if not missing:
        yield path, entry


def _filled(written: Any, value: str) -> Any:
    """Put a value in the place of ``{value}``; where it stands alone a number stays a number."""
    if isinstance(written, dict):
        return {key: _filled(inner, value) for key, inner in written.items()}
    if isinstance(written, list):
        return [_filled(inner, value) for inner in written]
    if written == _VALUE:
        return plain_scalar(value)
    return written.replace(_VALUE, value) if isinstance(written, str) else written


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
        ("notes", entry.notes or [], card.notes),
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
        name=entry.name or "",
        where=document.where(path),
        patient=entry.patient,
        facts=tuple(entry.facts),
        hook=entry.hook or card.hooks[0],
        as_of=entry.as_of or "",
        changes=entry.set,
        expect="failed" if match[0] == "failed" else kinds[match[0][0]],
        expect_name=message or reason or "",
        expect_indicator=indicator,
        offers=None if entry.offers is None else tuple(entry.offers),
        notes=tuple(entry.notes or ()),
        because=entry.because or "",
    )
