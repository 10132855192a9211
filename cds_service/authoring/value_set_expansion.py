"""A definition, and the codes that an edition of a terminology has for it, become an expansion: each code under its value sets.

What a code belongs to is read from its name, by the words that the records themselves are read by, and by the rules of the
definition; so a new edition needs nobody to sort its codes, and a wrong one is corrected where everybody sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from cds_service.knowledge.errors import KnowledgeError, nearest_name
from cds_service.knowledge.reading import NonEmptyText, Written, read_part
from cds_service.knowledge.yaml_source import Document, Path, read_yaml
from cds_service.terminology.expansions import Expansion, Member
from cds_service.terminology.value_sets import Codebook


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


class NamingRule(Written):
    called: ClassVar[str] = "a rule of a definition"
    named: Pattern
    """What the name holds, in lower case."""
    unless: Pattern | None = None
    sets: list[str] = Field(default_factory=list)
    drop: list[str] = Field(default_factory=list)
    """Sets that the words of such a name do not mean."""

    def fits(self, name: str) -> bool:
        return bool(re.search(self.named, name)) and not (self.unless and re.search(self.unless, name))


class Correction(Written):
    called: ClassVar[str] = "a correction"
    code: str
    display: NonEmptyText
    sets: list[str]


class BodySites(Written):
    called: ClassVar[str] = "the body sites of a definition"
    of: Annotated[list[str], Field(min_length=1)]
    sets: Annotated[list[str], Field(min_length=1)]


class Definition(Written):
    """``cards/expansions/*.yaml``: which codes, and how a code's name tells its value sets."""

    called: ClassVar[str] = "a definition"
    title: NonEmptyText
    system: str
    definition: NonEmptyText
    """An expression of SNOMED CT's constraint language, or the URL of a value set."""
    source: NonEmptyText
    sets: list[str] = Field(default_factory=list)
    """Among these the words of a name choose."""
    body_sites: BodySites | None = None
    """Where the name puts a code into one of these sets, the part of the body that it names stands beside it."""
    none: Pattern | None = None
    rules: list[NamingRule] = Field(default_factory=list)
    otherwise: list[NamingRule] = Field(default_factory=list)
    corrections: list[Correction] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Concept:
    """A code and its name, as a terminology gives it."""

    code: str
    display: str


def read_definition(file: str, text: str, codebook: Codebook) -> Definition:
    """Read a definition; :class:`KnowledgeError` with every mistake, among them value sets that there are not."""
    document = read_yaml(file, text)
    found = read_part(Definition, document) if document.data is not None else None
    if found is not None:
        _check_names(document, found, codebook)
    if document.errors or found is None:
        raise KnowledgeError(document.errors)
    return found


def expand(name: str, definition: Definition, concepts: Iterable[Concept], codebook: Codebook) -> Expansion:
    """Put every concept under its value sets."""
    corrected = {one.code: tuple(one.sets) for one in definition.corrections}
    members = []
    for concept in sorted(set(concepts), key=lambda one: (len(one.code), one.code)):
        display = _SEMANTIC_TAG.sub("", concept.display.strip())
        sets = corrected.get(concept.code)
        members.append(
            Member(
                definition.system, concept.code, _sets(definition, display, codebook) if sets is None else sets, display
            )
        )
    head = {"definition": definition.definition, "source": definition.source}
    return Expansion(name, tuple(members), head)


def differences(before: Expansion | None, after: Expansion) -> Iterator[str]:
    """Say in sentences what an expansion has more, has no longer, or has otherwise than before."""
    known = {(one.system, one.code): one for one in before.members} if before is not None else {}
    fresh = {(one.system, one.code): one for one in after.members}
    for key, member in fresh.items():
        old = known.get(key)
        shown = f"{member.code} {member.display!r}"
        if old is None:
            yield f"new: {shown}: {_listed(member.sets)}"
        elif old.sets != member.sets:
            yield f"otherwise: {shown}: {_listed(member.sets)} instead of {_listed(old.sets)}"
        elif old.display != member.display:
            yield f"renamed: {shown} instead of {old.display!r}"
    for key, old in known.items():
        if key not in fresh:
            yield f"gone: {old.code} {old.display!r}: {_listed(old.sets)}"


_SEMANTIC_TAG = re.compile(
    r" \((disorder|finding|situation|disease|clinical|clinical disorder|morphologic abnormality|procedure)\)$"
)


def _sets(definition: Definition, display: str, codebook: Codebook) -> tuple[str, ...]:
    name = display.lower()
    if definition.none and re.search(definition.none, name):
        return ()
    found = {each for each in codebook.of_words("Condition", display) if each in definition.sets}
    fitting = [rule for rule in definition.rules if rule.fits(name)]
    found = found.union(*(rule.sets for rule in fitting)).difference(*(rule.drop for rule in fitting))
    if found.isdisjoint(definition.sets):
        found.update(next((rule.sets for rule in definition.otherwise if rule.fits(name)), ()))
    sites = definition.body_sites
    if sites is not None and not found.isdisjoint(sites.of):
        found.update(each for each in codebook.of_words("bodySite", display) if each in sites.sets)
    return codebook.narrowed(found)


def _check_names(document: Document, found: Definition, codebook: Codebook) -> None:
    named: list[tuple[Path, str]] = [(("sets", place), name) for place, name in enumerate(found.sets)]
    for key in ("rules", "otherwise", "corrections"):
        for place, rule in enumerate(getattr(found, key)):
            named += [((key, place, "sets", inner), name) for inner, name in enumerate(rule.sets)]
    for path, name in named:
        if name not in codebook.sets:
            near = nearest_name(name, codebook.sets)
            document.refuse(path, f"{name!r} is not a value set" + (f" (nearest: {near})" if near else ""))


def _listed(sets: Iterable[str]) -> str:
    return " ".join(sets) or "no value set"
