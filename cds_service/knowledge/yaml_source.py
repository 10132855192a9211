"""YAML in which every value knows its line: numbers stay exact, quoted codes stay text, nothing is guessed.

Plain scalars follow the YAML 1.2 core schema (``yes``, ``no``, dates and ``12:30`` are text), except that a number with a
leading zero stays text: it is a code. Anchors, tags and duplicate keys are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from cds_service.knowledge.errors import CardFileError, nearest_name

Path = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
}
_EMPTY = "the file is empty"
_TOO_DEEP = 40
_LONGEST_NUMBER = 40
"""Characters of a number; more is text."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; both numbers begin at 1."""

    line: int
    column: int


@dataclass(slots=True)
class Document:
    """One YAML file as plain values, with the place of every key and value, and what was wrong with it."""

    file: str
    data: Any = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    errors: list[CardFileError] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether the text holds nothing but blanks and comments; that it does is among the errors."""
        return [error.problem for error in self.errors] == [_EMPTY]

    def place(self, path: Path, *, of_key: bool = False) -> Mark:
        """Give the place of a value (or of its key); of the nearest enclosing one when the path is not in the file."""
        if of_key and path in self.keys:
            return self.keys[path]
        for length in range(len(path), -1, -1):
            mark = self.values.get(path[:length])
            if mark:
                return mark
        return Mark(1, 1)

    def where(self, path: Path) -> str:
        """Write a value's place as ``file:line:column``."""
        mark = self.place(path)
        return f"{self.file}:{mark.line}:{mark.column}"

    def refuse(
        self,
        path: Path,
        problem: str,
        allowed: Iterator[str] | tuple[str, ...] | list[str] = (),
        *,
        found: str | None = None,
        of_key: bool = False,
    ) -> None:
        """Note a mistake at a path; ``found`` is the wrong name for which the nearest allowed one is sought."""
        mark = self.place(path, of_key=of_key)
        names = tuple(allowed)
        nearest = nearest_name(found, names) if found is not None else ""
        error = CardFileError(self.file, mark.line, mark.column, problem, names, nearest)
        if error not in self.errors:
            self.errors.append(error)


def read_yaml(file: str, text: str) -> Document:
    """Read one YAML document; syntax errors, duplicate keys and too deep nesting stand in ``errors``, never raised."""
    document = Document(file)
    try:
        document.data = _read(yaml.parse(text, Loader=_LOADER), document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        tab = "".join(text.splitlines()[line - 1 : line])[column - 1 : column] == "\t"
        what = "indented by a tab: use spaces" if tab else " ".join(filter(None, (error.context, error.problem)))
        document.errors.append(CardFileError(file, line, column, f"not readable as YAML: {what}"))
    except yaml.reader.ReaderError as error:
        before, _, _ = text.partition(chr(error.character))
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        problem = f"not readable as YAML: the character U+{error.character:04X} is not allowed in a text"
        document.errors.append(CardFileError(file, line, column, problem))
    return document


def plain_scalar(text: str) -> Any:
    """Read a word that stands without quotes: ``true``, ``false``, nothing, an exact number, else text."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    return text


def _read(events: Iterator[Any], document: Document) -> Any:
    found: Any = None
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(event, "a file is one document; a second one begins here")
        elif isinstance(event, yaml.NodeEvent):
            found = _value(event, (), events, document)
    if not documents:
        document.errors.append(CardFileError(document.file, 1, 1, _EMPTY))
    return found


def _value(event: Any, path: Path, events: Iterator[Any], document: Document) -> Any:
    """The value that begins with this event; its other events are taken from the rest."""
    mark = event.start_mark
    document.values[path] = Mark(mark.line + 1, mark.column + 1)
    if len(path) > _TOO_DEEP:
        raise _refused(event, f"nested more than {_TOO_DEEP} deep")
    if event.anchor:
        document.refuse(path, "anchors (&, *) are not used here: write the value out")
    if isinstance(event, yaml.AliasEvent):
        return None
    if event.tag and event.tag not in _PLAIN_TAGS:
        document.refuse(path, f"the tag {event.tag!r} is not used here")
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(path, events, document)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(path, events, document)
    return plain_scalar(event.value) if event.implicit[0] and not event.style else event.value


def _sequence(path: Path, events: Iterator[Any], document: Document) -> list[Any]:
    result: list[Any] = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        result.append(_value(event, (*path, len(result)), events, document))
    return result


def _mapping(path: Path, events: Iterator[Any], document: Document) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        mark = Mark(event.start_mark.line + 1, event.start_mark.column + 1)
        if not isinstance(event, yaml.ScalarEvent):
            document.errors.append(CardFileError(document.file, mark.line, mark.column, "a key must be a plain name"))
            _skip(event, events)
            _skip(next(events), events)
            continue
        here = (*path, event.value)
        if event.value in result:
            problem = f"{event.value!r} stands twice; the first is on line {document.keys[here].line}"
            document.errors.append(CardFileError(document.file, mark.line, mark.column, problem))
            _skip(next(events), events)
            continue
        document.keys[here] = mark
        result[event.value] = _value(next(events), here, events, document)
    return result


def _skip(event: Any, events: Iterator[Any]) -> None:
    """Pass over one value."""
    depth = 0
    while True:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth <= 0:
            return
        event = next(events)


def _refused(event: Any, problem: str) -> yaml.MarkedYAMLError:
    """Nothing after this place is read."""
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
