"""Most of a record says nothing to any card: what of a kind is this patient's, and what of that is worth reading.

Works on whole lists and groups, without a line of Python for each resource, so that one that nobody reads costs next to
nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import compress
from operator import attrgetter
from typing import Any

import msgspec

from cds_service.chart.meanings import Meanings
from cds_service.chart.reading import Reading, bare_id, reference_of
from cds_service.chart.unpack import Tally
from cds_service.chart.wire import (
    AllergyIntolerance,
    Device,
    DiagnosticReport,
    Encounter,
    Observation,
    Procedure,
    Resource,
    Subject,
)

_APART = frozenset({"entered-in-error", "cancelled", "not-done", "revoked", "declined", "unknown", "registered"})
"""States that make no fact: the reader gets to see them, to name them, and they take the place of no other."""
_ID, _STATUS, _DATED = attrgetter("id"), attrgetter("status"), attrgetter("effective_date_time")


def own(resources: list[Any], reading: Reading, tally: Tally) -> list[Any]:
    """Those of the patient of the request; what is of somebody else is set aside by name.

    A resource that names no subject is taken to be the patient's.
    """
    patient = reading.patient_id
    named = {subject.reference for one in resources if (subject := one.subject) is not None}
    if type(resources[0]) in _WITH_PATIENT:
        named |= {one.patient.reference for one in resources if one.patient is not None}
    others = {reference for reference in named if reference and bare_id(reference) != patient}
    if not others:
        return resources
    kept = []
    for resource in _once(resources):
        subject = _subject(resource)
        if subject is not None and subject.reference in others:
            tally.other += 1
            reading.aside(reference_of(resource, reading), "other-patient")
        else:
            kept.append(resource)
    return kept


_WITH_PATIENT = (AllergyIntolerance, Device)


def _subject(resource: Resource) -> Subject | None:
    return resource.subject or (resource.patient if isinstance(resource, _WITH_PATIENT) else None)


@dataclass(frozen=True, slots=True)
class _RelevanceTest:
    """For a kind of which a record has many: the fields that hold its code, and those that speak without it."""

    code: tuple[str, ...]
    known: Callable[[Any, Meanings], object]
    """Whether the code is in any value set."""
    speaks: tuple[str, ...] = ()


_RELEVANCE_TESTS: dict[type[Resource], _RelevanceTest] = {
    Observation: _RelevanceTest(
        ("code",),
        lambda one, meanings: meanings.of("Observation", one.code).concepts,
        ("component", "value_codeable_concept", "value_string"),
    ),
    Procedure: _RelevanceTest(
        ("code",),
        lambda one, meanings: meanings.of("Procedure", one.code).concepts,
    ),
    DiagnosticReport: _RelevanceTest(
        ("code",),
        lambda one, meanings: meanings.of("DiagnosticReport", one.code).concepts,
        ("conclusion", "conclusion_code", "presented_form", "description", "procedure_code"),
    ),
    Encounter: _RelevanceTest(
        ("type", "class_"),
        lambda one, meanings: (
            meanings.of_all("Encounter", one.type).concepts or meanings.of_all("Encounter", one.class_).concepts
        ),
        ("service_type", "reason_code"),
    ),
}


def worth_reading(resources: list[Any], reading: Reading, tally: Tally, newest: int) -> Iterable[Any]:
    """Of one kind, those that may become facts, each once: of each code of observations the ``newest`` few.

    The others are counted. Several keys of a prefetch bring the same resource as a rule.
    """
    test = _RELEVANCE_TESTS.get(type(resources[0]))
    if test is None:
        return _once(resources)
    groups: defaultdict[tuple[bytes, ...], list[Any]] = defaultdict(list)
    codes = zip(*(map(bytes, map(attrgetter(name), resources)) for name in test.code), strict=True)
    for code, resource in zip(codes, resources, strict=True):
        groups[code].append(resource)
    found: list[Any] = []
    for group in groups.values():
        if not _known(test, group[0], reading):
            found += _once(_speaking(group, test))
        elif len(group) > newest and type(group[0]) is Observation:
            found += _newest(_once(group), newest)
        else:
            found += _once(group)
    tally.good += len(resources) - len(found)
    return found


def _once(resources: list[Any]) -> list[Any]:
    """The first of each id; what has none stays."""
    if len(set(map(_ID, resources))) == len(resources):
        return resources
    return list({resource.id or id(resource): resource for resource in reversed(resources)}.values())[::-1]


def _known(test: _RelevanceTest, one: Any, reading: Reading) -> bool:
    try:
        return bool(test.known(one, reading.meanings))
    except (msgspec.DecodeError, ValueError, TypeError, ArithmeticError, RecursionError):
        return True  # the reader will name what is wrong with it


def _speaking(group: list[Any], test: _RelevanceTest) -> list[Any]:
    """Those of an unknown code that have words or codes beside it, or make no fact and are to be named."""
    if not _APART.isdisjoint(map(_STATUS, group)):
        return [one for one in group if one.status in _APART or any(getattr(one, name) for name in test.speaks)]
    spoken: list[Any] = []
    for name in test.speaks:
        spoken += compress(group, map(attrgetter(name), group))
    return list({id(one): one for one in spoken}.values())


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
