"""What a scenario needs to know of the value sets: the codes of a concept, and which kind of thing it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple, Protocol


class ConceptCode(NamedTuple):
    """One code of a value set."""

    system: str
    """Short name, as in :data:`cds_service.terminology.codings.SYSTEMS`."""
    code: str
    display: str


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
        wordings = [self.title, *(code.display for code in self.codes if code.display)]
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
    """The value sets of ``cards/value_sets``, from the plain structures of the YAML files."""

    def __init__(self, files: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Take the parsed lists by file name without suffix, such as ``{"metastases": [{"name": ...}]}``."""
        self._raw = {entry["name"]: (family, entry) for family, entries in files.items() for entry in entries}

    def concept(self, name: str) -> Concept:
        if name not in self._raw:
            raise UnknownConcept(name, self._raw)
        family, entry = self._raw[name]
        members = [self._raw[member][1] for member in self._members(name)]
        return Concept(
            name=name,
            title=str(entry.get("title", name.replace("-", " "))),
            family=family,
            codes=tuple(_code(raw) for member in members for raw in member.get("codes") or ()),
            patterns=tuple(str(pattern) for member in members for pattern in member.get("text") or ()),
        )

    def _members(self, name: str) -> list[str]:
        """The set itself, then the sets that it includes, however deep, each once."""
        found: list[str] = []
        waiting = [name]
        while waiting:
            member = waiting.pop(0)
            if member in self._raw and member not in found:
                found.append(member)
                waiting.extend(self._raw[member][1].get("includes") or ())
        return found


def _code(raw: Mapping[str, Any]) -> ConceptCode:
    return ConceptCode(str(raw["system"]), str(raw["code"]), str(raw.get("display") or ""))
