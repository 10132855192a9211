"""What a cohort keeps of one patient: the facts that cards can use, whatever their day, and no name.

A record holds everything up to the export; :mod:`simulation.time_travel` makes of it the case of an earlier moment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.chart import wire
from cds_service.chart.case import Case
from cds_service.chart.dating import period_of
from cds_service.chart.facts import (
    Allergy,
    Condition,
    Device,
    DraftOrder,
    Encounter,
    Medication,
    Observation,
    Order,
    Patient,
    Procedure,
    Report,
    Supply,
)
from cds_service.chart.meanings import Meanings
from cds_service.chart.needs import NEEDS
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from cds_service.chart.wire import Bundle, Entry, Prefetch, Resource
from cds_service.terminology.dates import Moment, parse_moment
from cds_service.terminology.said import plain

AFTER_ALL = datetime(9000, 1, 1, tzinfo=UTC)
"""Records are read as of this day, so that no date is left out for lying ahead; time travel decides that later."""
ALL_OBSERVATIONS = 1_000_000
"""A record keeps every observation: which are the newest depends on the moment asked about."""
_VISITS = frozenset({"arrived", "triaged", "in-progress", "onleave", "finished", "unknown", None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One patient of a cohort, or one recorded hook request."""

    patient_id: str
    hook: str = "patient-view"
    asked_at: datetime | None = None
    """The moment that a recorded request carries; ``None`` for a patient's data."""
    hook_instance: str = ""
    """Of a recorded request: with it the store tells what became of its cards."""
    patient: Patient | None = None
    died: Moment | None = None
    conditions: tuple[Condition, ...] = ()
    observations: tuple[Observation, ...] = ()
    reports: tuple[Report, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    medications: tuple[Medication, ...] = ()
    orders: tuple[Order, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    devices: tuple[Device, ...] = ()
    encounters: tuple[Encounter, ...] = ()
    encounter: str = ""
    visits: tuple[datetime, ...] = ()
    """When each encounter began, whether or not a card knows its kind."""
    supply: dict[str, Supply] = field(default_factory=dict)
    drafts: dict[str, DraftOrder] = field(default_factory=dict)
    unreadable: int = 0
    latest: datetime | None = None
    """The latest date of any fact: a case of a later moment is the whole record."""


KINDS = (
    "conditions",
    "observations",
    "reports",
    "procedures",
    "medications",
    "orders",
    "allergies",
    "devices",
    "encounters",
)
_DATES = ("onset", "recorded", "abated", "effective", "issued", "performed", "authored", "ended", "start", "end")


def _written(value: Any) -> tuple[int, int] | str:
    if isinstance(value, Fraction):
        return value.numerator, value.denominator
    return plain(value)


def _read(kind: type, value: Any) -> Any:
    return kind(*value)


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_written)
_DECODER = msgspec.msgpack.Decoder(Record, dec_hook=_read)


def encode_record(record: Record) -> bytes:
    """Write a record for the cache."""
    return _ENCODER.encode(record)


def decode_record(data: bytes | memoryview) -> Record:
    """Read a record of the cache; raises :class:`msgspec.DecodeError`."""
    return _DECODER.decode(data)


def record_of_patient(
    patient_id: str,
    nodes: list[Resource],
    odd: Iterable[bytes],
    meanings: Meanings,
    exported: Collection[str] = tuple(NEEDS),
) -> Record:
    """Read a patient's resources, those that do not fit the lean shape (``odd``) one by one.

    ``exported`` names the needs that the cohort holds at all: of those a patient without resources has none; others are absent.
    """
    prefetch: dict[str, Any] = {"cohort": Bundle(entry=[Entry(resource=node) for node in nodes])}
    if odd:
        entries = b",".join(b'{"resource":%s}' % one for one in odd)
        prefetch["odd"] = Raw(b'{"resourceType":"Bundle","entry":[%s]}' % entries)
    case = read_case(
        prefetch,
        Circumstances(patient_id=patient_id, hook="patient-view", as_of=AFTER_ALL),
        meanings,
        newest_of_a_code=ALL_OBSERVATIONS,
    )
    died = next((node.deceased_date_time for node in nodes if isinstance(node, wire.Patient)), None)
    state = {need: Supply("given" if need in exported else "absent") for need, types in NEEDS.items() if types}
    return _record(case, patient_id, state, visits=_visits(nodes), died=parse_moment(died) if died else None)


def record_of_request(
    prefetch: Prefetch | Mapping[str, Raw],
    circumstances: Circumstances,
    asked_at: datetime | None,
    meanings: Meanings,
    hook_instance: str = "",
) -> Record:
    """Read a recorded hook request as the service would, all dates included."""
    case = read_case(prefetch, circumstances, meanings, newest_of_a_code=ALL_OBSERVATIONS)
    return _record(case, circumstances.patient_id, dict(case.supply), asked_at=asked_at, hook_instance=hook_instance)


def _record(
    case: Case,
    patient_id: str,
    supply: dict[str, Supply],
    *,
    asked_at: datetime | None = None,
    hook_instance: str = "",
    visits: tuple[datetime, ...] = (),
    died: Moment | None = None,
) -> Record:
    facts: dict[str, Any] = {kind: tuple(getattr(case, kind)) for kind in KINDS}
    dates = [died.first] if died else []
    for kind in KINDS:
        dates += [moment.first for fact in facts[kind] for moment in _dates(fact)]
    return Record(
        patient_id=patient_id,
        hook=case.hook,
        asked_at=asked_at,
        hook_instance=hook_instance,
        patient=case.patient,
        died=died,
        encounter=case.encounter,
        visits=visits,
        supply=supply,
        drafts=dict(case.drafts),
        unreadable=sum(aside.because == "unreadable" for aside in case.set_aside),
        latest=max(dates) if dates else None,
        **facts,
    )


def _dates(fact: object) -> Iterable[Moment]:
    return (moment for name in _DATES if isinstance(moment := getattr(fact, name, None), Moment))


def _visits(nodes: Iterable[Resource]) -> tuple[datetime, ...]:
    starts = set()
    for node in nodes:
        if isinstance(node, wire.Encounter) and node.status in _VISITS:
            start = period_of(node.period).start
            moment = parse_moment(start) if start else None
            if moment is not None:
                starts.add(moment.first.replace(second=0, microsecond=0))
    return tuple(sorted(starts))
