"""What a site adds to the vocabulary: code systems of its own, and codes, categories and words of any value set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import Field

from cds_service.knowledge.reading import Name, NonEmptyText, Written
from cds_service.knowledge.value_set_file import CodeEntry, ExcludedEntry
from cds_service.knowledge.yaml_source import Document, Path
from cds_service.terminology.codings import STANDARD, CodeSystem, CodeSystems


class CodeSystemEntry(Written):
    called: ClassVar[str] = "a code system"
    title: NonEmptyText
    uri: str
    """As records write it; empty text stands for codes that come without a system."""
    also: list[str] = Field(default_factory=list)
    """Other URIs and OIDs under which the same codes come."""
    same_as: str = ""
    """A known system whose codes these are: a national edition, another URI."""
    categories: bool = False
    """A classification, in which a code stands for all that begins with it."""


class SiteCodeEntry(CodeEntry):
    verified: Literal["site"] = "site"


class SiteValueSetEntry(Written):
    called: ClassVar[str] = "what a site adds to a value set"
    codes: list[SiteCodeEntry] = Field(default_factory=list)
    ranges: dict[str, list[str]] = Field(default_factory=dict)
    excluded: list[ExcludedEntry] = Field(default_factory=list)
    text: list[str] = Field(default_factory=list)


SystemEntries = dict[Name, CodeSystemEntry]
SetEntries = dict[str, SiteValueSetEntry]


@dataclass(frozen=True, slots=True)
class SiteVocabulary:
    """The parts ``code_systems`` and ``value_sets`` of a site's file."""

    document: Document
    systems: Mapping[str, CodeSystemEntry] = field(default_factory=dict)
    sets: Mapping[str, SiteValueSetEntry] = field(default_factory=dict)

    def code_systems(self) -> CodeSystems:
        """The published systems and those of the site; a name or URI that is taken is noted in the document."""
        return CodeSystems(self._good(self.systems.items()))

    def _good(self, entries: Iterable[tuple[str, CodeSystemEntry]]) -> Iterator[CodeSystem]:
        taken: dict[str, str] = {}
        for name, entry in entries:
            uris = (entry.uri, *entry.also)
            if _is_new(self.document, name, entry, uris, taken):
                taken |= dict.fromkeys(uris, name)
                yield CodeSystem(name, uris, entry.same_as, entry.categories)


def _is_new(
    document: Document, name: str, entry: CodeSystemEntry, uris: tuple[str, ...], taken: Mapping[str, str]
) -> bool:
    path: Path = ("code_systems", name)
    before = len(document.errors)
    if name in STANDARD.uris:
        document.refuse(path, f"{name!r} is known already, as {STANDARD.uris[name]}: add codes to it", of_key=True)
    if entry.same_as and entry.same_as not in STANDARD.uris:
        problem = f"{entry.same_as!r} is not a code system that we know"
        document.refuse((*path, "same_as"), problem, tuple(STANDARD.uris), found=entry.same_as)
    for place, uri in enumerate(uris):
        where = (*path, "uri") if not place else (*path, "also", place - 1)
        other = STANDARD.name(uri) if STANDARD.knows(uri) else taken.get(uri)
        if other is not None and other != entry.same_as:
            document.refuse(where, f"{uri!r} is the system {other!r} already")
        elif re.search(r"\s", uri):
            document.refuse(where, f"{uri!r} is not the URI or OID of a code system: there is a space in it")
    return len(document.errors) == before
