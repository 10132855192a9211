"""Most of a record says nothing to any card: what of a kind is this patient's, and what of that is worth reading.

Works on whole groups, so that a resource that nobody reads costs a fraction of a microsecond.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
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


def own(resources: list[Any], reading: Reading, tally: Tally) -> list[Any]:
    """Those of the patient of the request, each once; what is of somebody else is set aside by name.

    A resource that names no subject is taken to be the patient's.
    """
    ids = {resource.id for resource in resources}
    if len(ids) < len(resources):
        resources = list({resource.id or id(resource): resource for resource in reversed(resources)}.values())[::-1]
    subject_of: Callable[[Any], Subject | None] = _SUBJECT.get(type(resources[0]), _subject)
    named = {subject.reference for resource in resources if (subject := subject_of(resource)) is not None}
    patient = reading.patient_id
    others = {reference for reference in named if reference and bare_id(reference) != patient}
    if not others:
        return resources
    kept = []
    for resource in resources:
        subject = subject_of(resource)
        if subject is not None and subject.reference in others:
            tally.other += 1
            reading.aside(reference_of(resource, reading), "other-patient")
        else:
            kept.append(resource)
    return kept


def _subject(resource: Resource) -> Subject | None:
    return resource.subject


def _subject_or_patient(resource: AllergyIntolerance | Device) -> Subject | None:
    return resource.subject or resource.patient


_SUBJECT: dict[type[Resource], Callable[[Any], Subject | None]] = {
    AllergyIntolerance: _subject_or_patient,
    Device: _subject_or_patient,
}


@dataclass(frozen=True, slots=True)
class _Sieve:
    """For a kind of which a record has many: what groups have in common, and what else may speak."""

    code: Callable[[Any], Hashable]
    """The bytes by which resources are grouped."""
    known: Callable[[Any, Meanings], object]
    """Whether the code of a group is in any value set."""
    speaks: Callable[[Any], object]
    """Whether a resource of an unknown code has words or codes beside it."""


_SIEVES: dict[type[Resource], _Sieve] = {
    Observation: _Sieve(
        lambda one: bytes(one.code),
        lambda one, meanings: meanings.of("Observation", one.code).concepts,
        lambda one: one.component or one.value_codeable_concept or one.value_string,
    ),
    Procedure: _Sieve(
        lambda one: bytes(one.code),
        lambda one, meanings: meanings.of("Procedure", one.code).concepts,
        lambda one: False,
    ),
    DiagnosticReport: _Sieve(
        lambda one: bytes(one.code),
        lambda one, meanings: meanings.of("DiagnosticReport", one.code).concepts,
        lambda one: (
            one.conclusion or one.conclusion_code or one.presented_form or one.description or one.procedure_code
        ),
    ),
    Encounter: _Sieve(
        lambda one: (bytes(one.type), bytes(one.class_)),
        lambda one, meanings: (
            meanings.of_all("Encounter", one.type).concepts or meanings.of_all("Encounter", one.class_).concepts
        ),
        lambda one: one.service_type or one.reason_code,
    ),
}


def worth_reading(resources: list[Any], reading: Reading, tally: Tally, newest: int) -> Iterable[Any]:
    """Of one kind, those that may become facts: of each code of observations the ``newest`` few. The others are counted."""
    sieve = _SIEVES.get(type(resources[0]))
    if sieve is None:
        return resources
    groups: defaultdict[Hashable, list[Any]] = defaultdict(list)
    code = sieve.code
    for resource in resources:
        groups[code(resource)].append(resource)
    found: list[Any] = []
    for group in groups.values():
        if not _known(sieve, group[0], reading):
            speaks = sieve.speaks
            kept = [one for one in group if one.status in _APART or speaks(one)]
        elif len(group) > newest and type(group[0]) is Observation:
            kept = _newest(group, newest)
        else:
            kept = group
        tally.good += len(group) - len(kept)
        found += kept
    return found


def _known(sieve: _Sieve, one: Any, reading: Reading) -> bool:
    try:
        return bool(sieve.known(one, reading.meanings))
    except (msgspec.DecodeError, ValueError, TypeError, ArithmeticError, RecursionError):
        return True  # the reader will name what is wrong with it


def _newest(group: list[Observation], newest: int) -> list[Observation]:
    """The newest few that stand, and those that do not, so that they are named."""
    apart: Sequence[Observation] = ()
    if not _APART.isdisjoint({one.status for one in group}):
        apart = [one for one in group if one.status in _APART]
        group = [one for one in group if one.status not in _APART]
    return [*sorted(group, key=_written_date, reverse=True)[:newest], *apart]


def _written_date(one: Observation) -> str:
    return one.effective_date_time or one.effective_instant or one.issued or ""
