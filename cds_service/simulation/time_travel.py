"""The case of a moment, from a record that knows what came later: nothing dated after the moment is used.

A fact counts from the day on which it was known: a result from its issue, a problem from its recording. What ended later
had not ended then. A status without a date, such as ``completed``, cannot be turned back and stays; so do undated facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace as with_fields

from cds_service.chart.case import Case
from cds_service.chart.dating import period_of
from cds_service.chart.decode import UNREADABLE, decoded
from cds_service.chart.facts import Condition, Encounter, Fact, Medication, Observation, Report
from cds_service.chart.gaps import Gap, Supply
from cds_service.chart.meanings import Meanings
from cds_service.chart.needs import NEEDS
from cds_service.chart.read_fhir import NEWEST_OF_A_CODE, read_case
from cds_service.chart.read_orders import at_moment
from cds_service.chart.unpack import LooseBundle, LooseEntry
from cds_service.chart.wire import AnyResource, Bundle, Patient, Prefetch, Resource
from cds_service.chart.wire import Encounter as WireEncounter
from cds_service.simulation.records import Record
from cds_service.terminology.dates import Moment, parse_moment
from cds_service.terminology.value_sets import Codebook

ALL_OBSERVATIONS = 1_000_000
"""Every observation is read: which are the newest depends on the moment asked about."""
_VISITS = frozenset({"arrived", "triaged", "in-progress", "onleave", "finished", "unknown", None})
_PREFETCH: msgspec.json.Decoder[Prefetch] = msgspec.json.Decoder(Prefetch)
_RAW_PREFETCH = msgspec.json.Decoder(dict[str, Raw])
_LOOSE_BUNDLE, _LOOSE_ENTRY = msgspec.json.Decoder(LooseBundle), msgspec.json.Decoder(LooseEntry)
_RESOURCE: msgspec.json.Decoder[Resource] = msgspec.json.Decoder(AnyResource)
_MEANINGS: list[tuple[Codebook, Meanings]] = []


def meanings_of(codebook: Codebook) -> Meanings:
    """This process's memory of what was read by a codebook; of the two that were asked for last."""
    found = next((meanings for known, meanings in _MEANINGS if known is codebook), None)
    if found is None:
        found = Meanings(codebook)
        _MEANINGS[:] = [*_MEANINGS[-1:], (codebook, found)]
    return found


class Chart:
    """A record as some codebook reads it, at any moment; what nobody asks about is never read."""

    def __init__(self, record: Record, codebook: Codebook) -> None:
        self.record = record
        try:
            self._prefetch: Prefetch | Mapping[str, Raw] = _PREFETCH.decode(record.prefetch)
        except UNREADABLE:
            self._prefetch = _RAW_PREFETCH.decode(record.prefetch)  # its values are unpacked one by one
        self._codebook = codebook

    @cached_property
    def whole(self) -> Case:
        """All that is on record, whatever its day."""
        meanings, record = meanings_of(self._codebook), self.record
        case = read_case(self._prefetch, record.circumstances, meanings, newest_of_a_code=ALL_OBSERVATIONS)
        if record.exported is None:
            return case
        given = {
            need: Supply("given" if need in record.exported else "absent") for need, types in NEEDS.items() if types
        }
        return replace(case, supply=given)

    @property
    def unreadable(self) -> int:
        """How many resources are not in the shape of FHIR, whoever asks."""
        fits = all(value is None or isinstance(value, Resource) for value in self._prefetch.values())
        return 0 if fits else sum(aside.because == "unreadable" for aside in self.whole.set_aside)

    def at(self, as_of: datetime) -> Case:
        """Give what was known of the patient at this moment."""
        case, patient = self.whole, self.whole.patient
        then: dict[str, Any] = {
            kind: getattr(case, kind).altered(partial(alter, as_of=as_of)) for kind, alter in _THEN.items()
        }
        if patient is not None and (died := self._died) is not None:
            patient = with_fields(patient, deceased=died.first <= as_of)
        return replace(case, as_of=as_of, patient=patient, gaps=_GapsThen(case.gaps, as_of), memo={}, **then)

    @cached_property
    def visits(self) -> tuple[datetime, ...]:
        """When each encounter began, whether or not a card knows its kind."""
        starts = set()
        for node in self._nodes():
            if isinstance(node, WireEncounter) and node.status in _VISITS:
                start = period_of(node.period).start
                moment = parse_moment(start) if start else None
                if moment is not None:
                    starts.add(moment.first.replace(second=0, microsecond=0))
        return tuple(sorted(starts))

    @cached_property
    def _died(self) -> Moment | None:
        written = (node.deceased_date_time for node in self._nodes() if isinstance(node, Patient))
        return next((parse_moment(date) for date in written if date), None)

    def _nodes(self) -> Iterator[Resource]:
        for value in self._prefetch.values():
            if isinstance(value, Bundle):
                yield from (entry.resource for entry in value.entry or () if entry.resource is not None)
            elif isinstance(value, Resource):
                yield value
            elif value is not None:
                yield from _fitting(value)


def _fitting(raw: Raw) -> Iterator[Resource]:
    """The resources that fit the lean shape, of a value that does not as a whole."""
    bundle = decoded(raw, _LOOSE_BUNDLE)
    entries = (decoded(part, _LOOSE_ENTRY) for part in (bundle.entry or () if bundle is not None else ()))
    nodes = (decoded(entry.resource, _RESOURCE) for entry in entries if entry is not None)
    return (node for node in nodes if node is not None)


class _GapsThen(Sequence[Gap]):
    """The gaps of a chart that were there at a moment; they grow while it is read."""

    def __init__(self, gaps: Sequence[Gap], as_of: datetime) -> None:
        self._gaps, self._as_of = gaps, as_of

    def __iter__(self) -> Iterator[Gap]:
        return (gap for gap in self._gaps if not _lies_ahead(gap.when, self._as_of))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, place: Any) -> Any:
        return tuple(self)[place]


def known_from(fact: Fact) -> Moment | None:
    """The moment from which a fact could be read in the record; ``None`` when nothing tells."""
    if isinstance(fact, Condition):
        return fact.recorded or fact.onset
    if isinstance(fact, Observation | Report):
        return fact.issued or fact.effective
    return fact.when


def _known(facts: Iterable[Fact], as_of: datetime) -> list[Any]:
    return [then for fact in facts if (then := _at(fact, as_of)) is not None]


def _taken(medicines: Iterable[Medication], as_of: datetime) -> list[Medication]:
    return [at_moment(medicine, as_of) for medicine in _known(medicines, as_of)]


def _newest(observations: Iterable[Observation], as_of: datetime) -> list[Observation]:
    """Of each kind of observation the newest few, as a live request reads them."""
    known = _known(observations, as_of)
    if len(known) <= NEWEST_OF_A_CODE:
        return known
    counted: Counter[tuple[str, frozenset[str]]] = Counter()
    kept = []
    for observation in known:
        key = (observation.label, observation.concepts)
        counted[key] += 1
        if counted[key] <= NEWEST_OF_A_CODE:
            kept.append(observation)
    return kept


_THEN: Mapping[str, Callable[..., list[Any]]] = {
    "conditions": _known,
    "observations": _newest,
    "reports": _known,
    "procedures": _known,
    "medications": _taken,
    "orders": _known,
    "allergies": _known,
    "devices": _known,
    "encounters": _known,
    "prohibitions": _known,
}


def _at(fact: Fact, as_of: datetime) -> Fact | None:
    """The fact as it stood, ``None`` when it was not known yet."""
    if getattr(fact, "draft", False):
        return fact
    if _lies_ahead(known_from(fact), as_of) or _lies_ahead(fact.when, as_of):
        return None
    if isinstance(fact, Condition) and _lies_ahead(fact.abated, as_of):
        return with_fields(fact, abated=None, state="active" if fact.state == "past" else fact.state)
    if isinstance(fact, Medication) and _lies_ahead(fact.ended, as_of):
        return with_fields(
            fact, ended=None, status="active" if fact.status in {"completed", "stopped"} else fact.status
        )
    if isinstance(fact, Encounter) and _lies_ahead(fact.end, as_of):
        return with_fields(fact, end=None, status="in-progress" if fact.status == "finished" else fact.status)
    return fact


def _lies_ahead(moment: Moment | None, as_of: datetime) -> bool:
    return moment is not None and moment.first > as_of
