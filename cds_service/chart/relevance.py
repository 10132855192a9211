"""Most of a record says nothing to any card: what of a kind is this patient's, and what of that may become a fact.

Works on whole lists and groups, without a line of Python for each resource, so that one that nobody reads costs next to
nothing. What may become a fact is put together by code and read when somebody asks for a concept of that code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from cds_service.chart.decode import decoded
from cds_service.chart.elements import ABSENT
from cds_service.chart.meanings import NOTHING, Meaning, Meanings
from cds_service.chart.needs import NEED_OF_TYPE
from cds_service.chart.read_care import place_of_care
from cds_service.chart.read_report import examined
from cds_service.chart.reading import Reading, reference_of
from cds_service.chart.unnamed import note_unnamed
from cds_service.chart.unread import note_unread
from cds_service.chart.wire import (
    AllergyIntolerance,
    Condition,
    Encounter,
    Medicine,
    Observation,
    Procedure,
    Report,
    Request,
    Resource,
)

_APART = frozenset({"entered-in-error", "cancelled", "not-done", "revoked", "declined", "unknown", "registered"})
"""States that make no usable fact: they take the place of no other among the newest few."""
_ID, _STATUS, _DATED = attrgetter("id"), attrgetter("status"), attrgetter("effective_date_time")


def own(resources: list[Any], reading: Reading) -> list[Any]:
    """Those of the patient of the request; what is of somebody else is set aside by name.

    A resource that names no subject is taken to be the patient's.
    """
    identity = reading.identity
    named = {subject.reference for one in resources if (subject := one.subject or one.patient) is not None}
    others = {reference for reference in named if reference and not identity.owns(reference)}
    if not others and not (None in named and identity.systems):
        return resources
    kept = []
    for resource in _once(resources):
        subject = resource.subject or resource.patient
        if subject is not None and (
            subject.reference in others or (subject.reference is None and identity.is_anothers(subject))
        ):
            reading.aside(reference_of(resource), "other-patient")
        else:
            kept.append(resource)
    return kept


class Group(NamedTuple):
    """Resources of one code."""

    resources: list[Any]
    concepts: frozenset[str] | None
    """All concepts that their facts may belong to; ``None``: only reading them tells."""


def groups_of(resources: list[Any], reading: Reading, newest: int) -> Iterator[Group]:
    """Of one kind, those that may become facts, each once: of each code of observations the ``newest`` few.

    Several keys of a prefetch bring the same resource as a rule.
    """
    test = next((test for kind, test in _TESTS.items() if isinstance(resources[0], kind)), None)
    if test is None:
        yield Group(_once(resources), None)
        return
    telling, wordy = _having(resources, test.telling), _having(resources, test.words)
    telling_more = telling | _having(resources, test.telling_alone)
    allowance = reading.meanings.allowance
    for found in _alike(resources, test.code):
        refused = allowance.refused
        meaning = test.meaning(found[0], reading.meanings)
        known = bool(meaning.concepts)
        if not meaning.known and len(test.code) == 1:
            note_unnamed(_once(found), getattr(found[0], test.code[0]), reading)
        apart: list[Any] = []
        if telling_more:
            answered = not known or reading.meanings.codebook.closed_question(meaning.concepts) is not None
            more = telling_more if answered else telling
            apart = [one for one in found if id(one) in more and test.tells(one, reading.meanings)]
        if allowance.refused != refused:
            note_unread(found[0], reading, alone=False)
        if apart:
            yield Group(_once(apart), None)
        if known or meaning.denied:
            plain = _once(_without(found, apart))
            if not known:
                _negated(plain, meaning, reading)
            elif plain:
                many = len(plain) > newest and isinstance(plain[0], Observation)
                may_say = meaning.concepts | reading.meanings.codebook.answers_to(meaning.concepts)
                yield Group(_newest(plain, newest) if many else plain, may_say)
            continue
        reading.unlisted[NEED_OF_TYPE[found[0].resource_type]] += len(found)
        if wordy and (left := [one for one in found if id(one) in wordy]):
            yield Group(_once(left), NOTHING)


def _alike(resources: list[Any], fields: tuple[str, ...]) -> Iterable[list[Any]]:
    """Those together that have the same bytes in these fields."""
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    columns = [list(map(bytes, map(attrgetter(name), resources))) for name in fields]
    for code, resource in zip(columns[0] if len(columns) == 1 else zip(*columns, strict=True), resources, strict=True):
        found[code].append(resource)
    return found.values()


@dataclass(frozen=True, slots=True)
class _Test:
    """For a kind: the fields that hold its code, and those that say more than the code."""

    code: tuple[str, ...]
    meaning: Callable[[Any, Meanings], Meaning]
    telling: tuple[str, ...] = ()
    """Fields that may add concepts to those of the code."""
    telling_alone: tuple[str, ...] = ()
    """Fields that may say something where the code says nothing, or asks a question that is answered with it."""
    tells: Callable[[Any, Meanings], bool] = lambda one, meanings: True
    """Whether those fields say anything, where that is known without reading the resource."""
    words: tuple[str, ...] = ()
    """Fields that may say something whatever the code is, such as a report's conclusion: read when somebody asks for all."""


def _part_tells(one: Observation, meanings: Meanings) -> bool:
    if one.value_codeable_concept or one.value_string:
        return True
    parts = decoded(one.component, _PARTS)
    if parts is None:
        return True
    return any(
        part.value_codeable_concept or part.value_string or meanings.of("Observation", part.code).concepts
        for part in parts
    )


def _medicine_tells(one: Medicine, meanings: Meanings) -> bool:
    """A medicine that its own words or code name, and no card knows, says nothing; one that nothing names may be any."""
    if one.do_not_perform or one.medication_reference or one.medication:
        return True
    return not meanings.of(one.kind, one.medication_codeable_concept).known


class _Part(Struct, gc=False, rename="camel"):
    """As much of a component as tells whether it may matter."""

    code: Raw = ABSENT
    value_string: Raw = ABSENT
    value_codeable_concept: Raw = ABSENT


_PARTS = msgspec.json.Decoder(list[_Part])

_TESTS: dict[type[Resource], _Test] = {
    Observation: _Test(
        ("code",),
        lambda one, meanings: meanings.of("Observation", one.code),
        ("component",),
        ("value_codeable_concept", "value_string"),
        _part_tells,
    ),
    Condition: _Test(
        ("code",),
        lambda one, meanings: meanings.of("Condition", one.code),
        ("stage", "evidence", "extension", "body_site"),
    ),
    Procedure: _Test(("code",), lambda one, meanings: meanings.of("Procedure", one.code), ("extension",)),
    Report: _Test(
        ("code", "procedure_code", "procedure", "description"),
        examined,
        words=("conclusion", "conclusion_code", "coded_diagnosis", "presented_form"),
    ),
    Medicine: _Test(
        ("medication_codeable_concept",),
        lambda one, meanings: meanings.of(one.kind, one.medication_codeable_concept),
        ("do_not_perform",),
        ("id",),
        _medicine_tells,
    ),
    Request: _Test(
        ("code",),
        lambda one, meanings: meanings.of("ServiceRequest", one.code),
        ("do_not_perform", "order_detail", "body_site", "service_requested", "item"),
    ),
    AllergyIntolerance: _Test(
        ("code",), lambda one, meanings: meanings.of("AllergyIntolerance", one.code), ("substance", "culprits")
    ),
    Encounter: _Test(
        ("class_", "type", "service_type", "reason_code", "reason"),
        place_of_care,
    ),
}


def _having(resources: list[Any], fields: Iterable[str]) -> set[int]:
    """The identities of those that have any of these fields."""
    return {id(one) for name in fields for one in compress(resources, map(attrgetter(name), resources))}


def _without(found: list[Any], others: list[Any]) -> list[Any]:
    if not others:
        return found
    taken = set(map(id, others))
    return [one for one in found if id(one) not in taken]


def _negated(resources: Iterable[Resource], meaning: Meaning, reading: Reading) -> None:
    for one in resources:
        reading.aside(reference_of(one), "negated", ", ".join(sorted(meaning.denied)))


def _once(resources: list[Any]) -> list[Any]:
    """The first of each id."""
    if len(set(map(_ID, resources))) == len(resources):
        return resources
    return list({resource.id: resource for resource in reversed(resources)}.values())[::-1]


def _newest(group: list[Observation], newest: int) -> list[Observation]:
    """The newest few that stand, and those that do not, so that they are named."""
    apart: list[Observation] = []
    if not _APART.isdisjoint(map(_STATUS, group)):
        apart = [one for one in group if one.status in _APART]
        group = [one for one in group if one.status not in _APART]
    try:
        ordered = sorted(group, key=_DATED, reverse=True)
    except TypeError:  # not all are dated in the same field
        ordered = sorted(group, key=_written_date, reverse=True)
    return ordered[:newest] + apart


def _written_date(one: Observation) -> str:
    return one.effective_date_time or one.effective_instant or one.issued or ""
