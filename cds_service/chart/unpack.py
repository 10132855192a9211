"""Prefetch values unpacked: Bundles and single resources, null, errors and pages; one odd resource costs no other."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, cast

import msgspec
from msgspec import Raw

from cds_service.chart.facts import Supplied
from cds_service.chart.needs import KEYS
from cds_service.chart.reading import Reading
from cds_service.chart.wire import ABSENT, READ, AnyResource, Bundle, OperationOutcome, Resource


@dataclass(slots=True)
class Tally:
    """How many resources of one need were good, unreadable or of somebody else."""

    good: int = 0
    unreadable: int = 0
    other: int = 0
    states: list[Supplied] = field(default_factory=list)
    truncated: bool = False
    detail: str = ""


def need_of(key: str) -> str:
    """The need that a prefetch key serves; a key of the client's own stands for itself."""
    known = KEYS.get(key)
    return known.need if known else key


_RESOURCE: msgspec.json.Decoder[Resource] = msgspec.json.Decoder(AnyResource)


class LooseEntry(msgspec.Struct, gc=False):
    resource: Raw = ABSENT


class LooseBundle(msgspec.Struct, gc=False, rename="camel"):
    resource_type: str = ""
    entry: list[Raw] | None = None
    link: Raw = ABSENT


Kinds = dict[type[Resource], list[Resource]]
"""Resources by their type."""


def unpack(key: str, value: Resource | Raw | None, reading: Reading, tallies: dict[str, Tally]) -> Kinds:
    """Unpack one prefetch value into resources, and note in what state it came."""
    tally = tally_of(tallies, need_of(key))
    if isinstance(value, Raw):
        raw = value
        try:
            value = _SUPPLIED.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return _open_loosely(raw, reading, tally)
    if value is None:
        tally.states.append("null")
        return {}
    if isinstance(value, Bundle):
        return _opened(_entries(value), _has_next(value.link), tally)
    return _opened([value], False, tally)


_SUPPLIED: msgspec.json.Decoder[Resource | None] = msgspec.json.Decoder(AnyResource | None)
_RESOURCE_OF = attrgetter("resource")


def _entries(bundle: Bundle) -> list[Resource]:
    return list(filter(None, map(_RESOURCE_OF, bundle.entry or ())))


def _by_kind(resources: list[Resource]) -> Kinds:
    """Sort resources by type, those of Bundles among them too, as a batch response holds them."""
    types = set(map(type, resources))
    if len(types) == 1 and Bundle not in types:
        return {types.pop(): resources}
    kinds: Kinds = {kind: [one for one in resources if type(one) is kind] for kind in types}
    for bundle in kinds.pop(Bundle, ()):
        for kind, inner in _by_kind(_entries(cast(Bundle, bundle))).items():
            kinds[kind] = kinds.get(kind, []) + inner
    return kinds


def _open_loosely(raw: Raw, reading: Reading, tally: Tally) -> Kinds:
    """Open a value resource by resource, so that one unreadable resource costs no other."""
    try:
        bundle = _loose_bundle(raw)
    except (msgspec.DecodeError, RecursionError):
        tally.states.append("unreadable")
        return {}
    if bundle.resource_type != "Bundle" and bundle.entry is None:
        alone = decode_alone(raw, reading)
        tally.unreadable += alone is None
        return _opened([alone] if alone else [], False, tally, lost=alone is None)
    resources: list[Resource] = []
    lost = 0
    for entry in bundle.entry or ():
        try:
            resource = msgspec.json.decode(entry, type=LooseEntry).resource
        except (msgspec.DecodeError, RecursionError):
            resource, lost = ABSENT, lost + 1
        if not resource or bytes(resource) == b"null":
            continue
        read = decode_alone(resource, reading)
        if read is None:
            lost += 1
        else:
            resources.append(read)
    tally.unreadable += lost
    return _opened(resources, _has_next(bundle.link), tally, lost=bool(lost))


def _loose_bundle(raw: Raw) -> LooseBundle:
    """The value as a Bundle; a bare list of resources, which FHIR does not know, is read as one."""
    if not bytes(raw).lstrip().startswith(b"["):
        return msgspec.json.decode(raw, type=LooseBundle)
    listed = msgspec.json.decode(raw, type=list[Raw])
    entries = [Raw(b'{"resource":' + bytes(resource) + b"}") for resource in listed]
    return LooseBundle(resource_type="Bundle", entry=entries)


def _opened(resources: list[Resource], more: bool, tally: Tally, *, lost: bool = False) -> Kinds:
    tally.truncated |= more
    kinds = _by_kind(resources)
    outcomes = kinds.pop(OperationOutcome, None)
    tally.states.append("given" if kinds else "error" if outcomes else "unreadable" if lost else "empty")
    return kinds


def decode_alone(raw: Raw, reading: Reading) -> Resource | None:
    """Decode one resource; mend scalars of the wrong type; failing that, set it aside as unreadable."""
    try:
        return _RESOURCE.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        problem = error
    try:
        loose = msgspec.json.decode(raw)
        if isinstance(loose, dict):
            return msgspec.convert(_mended(loose), type=AnyResource)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError, TypeError):
        loose = None
    reading.count += 1
    kind = loose.get("resourceType") if isinstance(loose, dict) else None
    name = f"{kind if isinstance(kind, str) else 'Resource'}/#{reading.count}"
    reading.aside(name, "unreadable", str(problem) if isinstance(problem, msgspec.ValidationError) else "not JSON")
    return None


_FIELDS = [item for kind in READ for item in msgspec.structs.fields(kind)]
_RAW_FIELDS = frozenset(item.encode_name for item in _FIELDS if item.type is Raw)
_TEXT_FIELDS = frozenset(
    item.encode_name for item in _FIELDS if str in (item.type, *getattr(item.type, "__args__", ()))
)


def _mended(loose: dict[str, Any]) -> dict[str, Any]:
    """Numbers where text belongs become text, other misfits are left out, sub-structures go back to bytes."""
    mended: dict[str, Any] = {}
    for name, value in loose.items():
        if name in _RAW_FIELDS:
            mended[name] = Raw(msgspec.json.encode(value))
        elif name in _TEXT_FIELDS:
            if isinstance(value, str | int) and not isinstance(value, bool):
                mended[name] = str(value)
        else:
            mended[name] = value
    return mended


def tally_of(tallies: dict[str, Tally], need: str) -> Tally:
    found = tallies.get(need)
    if found is None:
        found = tallies[need] = Tally()
    return found


def _has_next(link: Raw) -> bool:
    if not link:
        return False
    try:
        links = msgspec.json.decode(link)
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(links, list) and any(isinstance(item, dict) and item.get("relation") == "next" for item in links)
