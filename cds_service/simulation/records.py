"""What a cohort keeps of one patient: as much of the resources as the service reads, in the shape of a hook's prefetch.

A record holds everything up to the export; :mod:`simulation.time_travel` makes of it the case of an earlier moment. What the
resources say is only read when a question is asked, by the knowledge that asks it. Nobody's name or address is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.chart.decode import UNREADABLE, anything, decoded
from cds_service.chart.needs import NEEDS
from cds_service.chart.reading import Circumstances
from cds_service.chart.unpack import LooseBundle
from cds_service.chart.wire import READ, AnyResource, Bundle, Entry, Prefetch, Resource

AFTER_ALL = datetime(9000, 1, 1, tzinfo=UTC)
"""Records are read as of this day, so that no date is left out for lying ahead; time travel decides that later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One patient of a cohort, or one recorded hook request."""

    circumstances: Circumstances
    prefetch: bytes
    """JSON: prefetch key to resource or Bundle."""
    asked_at: datetime | None = None
    """The moment that a recorded request carries; ``None`` for a patient's data."""
    hook_instance: str = ""
    """Of a recorded request: with it the store tells what became of its cards."""
    exported: tuple[str, ...] | None = None
    """Needs that a cohort holds at all: a patient without resources of one has none. ``None``: the prefetch tells."""

    @property
    def patient_id(self) -> str:
        """The id that the export or the request gives."""
        return self.circumstances.patient_id


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Record)


def encode_record(record: Record) -> bytes:
    """Write a record for the cache."""
    return _ENCODER.encode(record)


def decode_record(data: bytes | memoryview) -> Record:
    """Read a record of the cache; raises :class:`msgspec.DecodeError`."""
    return _DECODER.decode(data)


def record_of_patient(
    patient_id: str,
    entries: Sequence[Entry],
    odd: Iterable[bytes] = (),
    exported: Collection[str] = tuple(NEEDS),
) -> Record:
    """Keep a patient's resources; those that do not fit the lean shape (``odd``) as they were sent, but for names.

    ``exported`` names the needs that the cohort holds at all; the others are absent.
    """
    kept: dict[str, Resource | Raw | None] = {"cohort": Bundle(entry=list(entries))}
    if odd:
        kept["odd"] = Raw(
            b'{"resourceType":"Bundle","entry":[%s]}' % b",".join(b'{"resource":%s}' % one for one in odd)
        )
    circumstances = Circumstances(patient_id=patient_id, hook="patient-view", as_of=AFTER_ALL)
    return Record(circumstances=circumstances, prefetch=lean(kept), exported=tuple(exported))


_RESOURCE: msgspec.json.Decoder[Resource | None] = msgspec.json.Decoder(AnyResource | None)
_CONTAINED: msgspec.json.Decoder[list[Resource]] = msgspec.json.Decoder(list[AnyResource])
_LOOSE = msgspec.json.Decoder(LooseBundle)
_WRITE = msgspec.json.Encoder()
_READ = {kind.__name__: {"resourceType", *(one.encode_name for one in msgspec.structs.fields(kind))} for kind in READ}
"""Elements of each type that some reader uses."""


def lean(prefetch: Prefetch | Mapping[str, Resource | Raw | None]) -> bytes:
    """Write a prefetch with what is read of it."""
    return _WRITE.encode({key: _value(value) for key, value in prefetch.items()})


def _value(value: Resource | Raw | None) -> Resource | Raw | None:
    if not isinstance(value, Raw):
        return _without_people(value)
    try:
        return _without_people(_RESOURCE.decode(value))
    except UNREADABLE:
        return _one_by_one(value)


def _without_people(resource: Resource | None) -> Resource | None:
    """The resource, and of those contained in it too only what is read."""
    if isinstance(resource, Bundle):
        for entry in resource.entry or ():
            _without_people(entry.resource)
    elif isinstance(resource, Resource) and resource.contained:
        contained = decoded(resource.contained, _CONTAINED)
        resource.contained = Raw(_WRITE.encode(contained)) if contained is not None else resource.contained
    return resource


def _one_by_one(raw: Raw) -> Raw:
    """What does not fit as a whole: a Bundle by its entries, a resource as it was sent, but for people's names."""
    bundle = decoded(raw, _LOOSE)
    if bundle is not None and bundle.entry is not None:
        entries = [_entry(anything(entry)) for entry in bundle.entry]
        parts: dict[str, Any] = {"resourceType": "Bundle", "entry": entries}
        return Raw(_WRITE.encode(parts | {name: one for name in ("total", "link") if (one := getattr(bundle, name))}))
    return Raw(_WRITE.encode(_nameless(anything(raw))))


def _entry(entry: Any) -> Any:
    if not isinstance(entry, dict) or "resource" not in entry:
        return entry
    return entry | {"resource": _value(Raw(_WRITE.encode(entry["resource"])))}


def _nameless(resource: Any) -> Any:
    if not isinstance(resource, dict):
        return resource
    read = _READ.get(str(resource.get("resourceType")), {"resourceType"})
    kept = {name: value for name, value in resource.items() if name in read}
    for name in ("subject", "patient"):
        if isinstance(kept.get(name), dict):
            kept[name] = {key: value for key, value in kept[name].items() if key != "display"}
    if isinstance(kept.get("contained"), list):
        kept["contained"] = [_nameless(one) for one in kept["contained"]]
    return kept
