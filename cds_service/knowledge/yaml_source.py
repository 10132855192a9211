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
_TOO_DEEP = 40


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
        self.errors.append(CardFileError(self.file, mark.line, mark.column, problem, names, nearest))


def read_yaml(file: str, text: str) -> Document:
    """Read one YAML document; syntax errors and duplicate keys stand in ``errors``, never raised."""
    document = Document(file)
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = " ".join(part for part in (error.context, error.problem) if part)
        document.errors.append(CardFileError(file, line, column, f"not readable as YAML: {what}"))
        return document
    except (yaml.YAMLError, RecursionError) as error:
        document.errors.append(CardFileError(file, 1, 1, f"not readable as YAML: {type(error).__name__}"))
        return document
    if node is None:
        document.errors.append(CardFileError(file, 1, 1, "the file is empty"))
        return document
    document.data = _value(node, (), document, set())
    return document


def _value(node: yaml.Node, path: Path, document: Document, seen: set[int]) -> Any:
    document.values[path] = Mark(node.start_mark.line + 1, node.start_mark.column + 1)
    if id(node) in seen or len(path) > _TOO_DEEP:
        document.refuse(path, "anchors (&, *) are not used in card files: write the value out")
        return str(node.value) if isinstance(node, yaml.ScalarNode) else None
    seen.add(id(node))
    if node.tag not in _PLAIN_TAGS:
        document.refuse(path, f"the tag {node.tag!r} is not used in card files")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, index), document, seen) for index, child in enumerate(node.value)]
    return node.value if getattr(node, "style", None) else plain_scalar(str(node.value))


def _mapping(node: yaml.MappingNode, path: Path, document: Document, seen: set[int]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        mark = Mark(key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            document.errors.append(CardFileError(document.file, mark.line, mark.column, "a key must be a plain name"))
            continue
        key = str(key_node.value)
        here = (*path, key)
        if key in result:
            first = document.keys[here]
            problem = f"{key!r} stands twice; the first is on line {first.line}"
            document.errors.append(CardFileError(document.file, mark.line, mark.column, problem))
            continue
        document.keys[here] = mark
        result[key] = _value(value_node, here, document, seen)
    return result


def plain_scalar(text: str) -> Any:
    """Read a word that stands without quotes: ``true``, ``false``, nothing, an exact number, else text."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    return text
