"""What a scenario needs to know of the value sets: the codes of a concept, and which kind of thing it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple, Protocol

from cds_service.terminology.value_sets import Code, ValueSet


class ConceptCode(NamedTuple):
    """One code of a value set."""

    system: str
    """Short name, as in :data:`cds_service.terminology.codings.SYSTEMS`."""
    code: str
    display: str
    prefix: bool = False
    """Stands for all codes that begin with it; a record rather shows one of those."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One value set, as far as a record can be written from it."""

    name: str
    title: str
    family: str
    """Name of the file that holds it, such as ``medications``: says what kind of thing it is."""
    codes: tuple[ConceptCode, ...] = ()
    """Its own codes in the order of the file, then those of the sets that it includes."""
    patterns: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """A wording that the set's own text patterns know, for records that carry no code."""
        plain_name = self.name.replace("-", " ")
        wordings = [*(code.display for code in self.codes if code.display), self.title, plain_name]
        known = (text for text in wordings if any(re.search(pattern, text, re.IGNORECASE) for pattern in self.patterns))
        return next(known, self.title)


class ConceptCodes(Protocol):
    """Where a scenario looks its value sets up."""

    def concept(self, name: str) -> Concept:
        """Give the value set of this name; :class:`UnknownConcept` names the nearest ones."""
        ...


class UnknownConcept(ValueError):
    """A scenario names a value set that does not exist."""

    def __init__(self, name: str, allowed: Iterable[str]) -> None:
        near = get_close_matches(name, list(allowed), n=3, cutoff=0.5)
        hint = f"; the nearest: {', '.join(near)}" if near else ""
        super().__init__(f"no value set is called {name!r}{hint}")
        self.name = name


class ConceptTable:
    """The value sets of ``cards/value_sets``, ready for scenarios."""

    def __init__(self, value_sets: Iterable[ValueSet]) -> None:
        self._sets = {value_set.name: value_set for value_set in value_sets}
        self._known: dict[str, Concept] = {}

    @classmethod
    def from_yaml(cls, files: Mapping[str, Sequence[Mapping[str, Any]]]) -> ConceptTable:
        """Take the parsed YAML lists by file name without suffix, such as ``{"metastases": [{"name": ...}]}``."""
        return cls(_value_set(family, entry) for family, entries in files.items() for entry in entries)

    def concept(self, name: str) -> Concept:
        """What a value set holds; raises :class:`UnknownConcept`."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._read(name)
        return known

    def _read(self, name: str) -> Concept:
        if name not in self._sets:
            raise UnknownConcept(name, self._sets)
        members = self._members(name)
        return Concept(
            name=name,
            title=self._sets[name].title,
            family=self._sets[name].room,
            codes=tuple(
                ConceptCode(code.system, code.code, code.display, code.prefix)
                for member in members
                for code in member.codes
            ),
            patterns=tuple(pattern for member in members for pattern in member.text),
        )

    def _members(self, name: str) -> list[ValueSet]:
        """The set itself, then the sets that it includes, however deep, each once."""
        found: list[ValueSet] = []
        waiting = [name]
        while waiting:
            member = self._sets.get(waiting.pop(0))
            if member and member not in found:
                found.append(member)
                waiting.extend(member.includes)
        return found


def _value_set(family: str, entry: Mapping[str, Any]) -> ValueSet:
    name = str(entry["name"])
    return ValueSet(
        name=name,
        title=str(entry.get("title") or name.replace("-", " ")),
        kinds=frozenset(entry.get("kinds") or ()),
        codes=tuple(
            Code(str(raw["system"]), str(raw["code"]), str(raw.get("display") or ""), raw.get("match") == "prefix")
            for raw in entry.get("codes") or ()
        ),
        text=tuple(str(pattern) for pattern in entry.get("text") or ()),
        includes=tuple(entry.get("includes") or ()),
        room=family,
    )
