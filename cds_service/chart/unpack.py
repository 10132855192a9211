"""Prefetch values unpacked: Bundles and single resources, null, errors, empty and cut-short searches.

What a value holds is read, not what its key is called: a key of the client's own counts for the need that its resources, or
its ``self`` link, speak of. One odd resource does not affect the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple, cast

import msgspec
from msgspec import Raw

from cds_service.chart.decode import UNREADABLE, anything, decoded, listed
from cds_service.chart.elements import ABSENT, Issue, Link
from cds_service.chart.gaps import Gap, Supplied, Supply
from cds_service.chart.needs import KEYS, NEED_OF_TYPE, TYPE_NOW
from cds_service.chart.order_of_pages import newest_first_until
from cds_service.chart.reading import Reading
from cds_service.chart.wire import (
    READ,
    AnyResource,
    Bundle,
    Entry,
    OperationOutcome,
    Patient,
    PractitionerRole,
    Resource,
    Unread,
)
from cds_service.terminology.dates import Moment


class Cut(NamedTuple):
    """How a source was cut short, and the oldest moment that it reached when it is sorted newest first."""

    how: str
    reached: Moment | None = None


@dataclass(slots=True)
class Tally:
    """What came for one need: how many resources were good, unreadable or of somebody else, and what was left out."""

    good: int = 0
    unreadable: int = 0
    other: int = 0
    states: list[Supplied] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)

    def supply(self) -> Supply:
        """Sum up how a need came: an error outweighs what else came, since what is missing then is not known."""
        states = set(self.states)
        state: Supplied
        if "error" in states:
            state = "error"
        elif self.good:
            state = "given"
        elif self.other:
            state = "other-patient"
        elif self.unreadable or "unreadable" in states:
            state = "unreadable"
        elif states & {"empty", "given"}:
            state = "empty"
        else:
            state = "null" if "null" in states else "absent"
        return Supply(state, tuple(cut.how for cut in self.cuts), read=self.good)

    def gaps(self, need: str) -> list[Gap]:
        """What was cut off is not known, unless it lies further back than somebody asks."""
        return [Gap(need=need, problem="cut-short", written=cut.how, when=cut.reached) for cut in self.cuts]


Kinds = dict[type[Resource], list[Resource]]
"""Resources by their type."""


class Received:
    """All that the values of a prefetch held."""

    __slots__ = ("kinds", "patients", "reading", "tallies")

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.kinds: Kinds = {}
        self.patients: list[tuple[str, Patient]] = []
        """Each Patient with the full URL that it came under."""
        self.tallies: dict[str, Tally] = {}

    def tally(self, need: str) -> Tally:
        """What came for a need."""
        found = self.tallies.get(need)
        if found is None:
            found = self.tallies[need] = Tally()
        return found

    def take(self, key: str, value: Resource | Unread | Raw | None) -> None:
        """Unpack one value, and note in what state it came."""
        lost = 0
        if isinstance(value, Raw):
            value, lost = self._decoded(key, value)
        known = KEYS.get(key)
        if known and isinstance(value, Unread):  # a List or Parameters is no answer to a search
            value, lost = None, 1
        if value is None:
            self.tally(known.need if known else key).states.append("unreadable" if lost else "null")
            return
        bundle = value if isinstance(value, Bundle) else Bundle(entry=[Entry(resource=cast(Resource, value))])
        if not (bundle.entry or bundle.link or bundle.total):
            tally = self.tally(known.need if known else key)
            tally.states.append("unreadable" if lost else "empty")
            tally.unreadable += lost
            return
        self.reading.directory.add(bundle.entry or [])
        links = listed(bundle.link, _LINK) if bundle.link else []
        kind = known.type if known else _searched(links)
        kinds = _by_kind(_resources(bundle))
        need = known.need if known else NEED_OF_TYPE.get(kind, "") or key
        tally = self.tally(need)
        problems = _problems(kinds.pop(OperationOutcome, []), bundle.entry or ())
        tally.states.append("given" if kinds else "error" if problems else "unreadable" if lost else "empty")
        tally.unreadable += lost
        self._cut_short(tally, kind, kinds, bundle, links, problems, lost)
        if Patient in kinds:
            entries = bundle.entry or ()
            named = [(one.full_url or "", one.resource) for one in entries if isinstance(one.resource, Patient)]
            self.patients += named or [("", cast(Patient, one)) for one in kinds[Patient]]
        if PractitionerRole in kinds:
            self.kinds.setdefault(PractitionerRole, []).extend(kinds[PractitionerRole])
        for found, resources in kinds.items():
            if served := NEED_OF_TYPE.get(found.__name__):
                self.tally(served).states.append("given")
                self._number(resources)
                self.kinds.setdefault(found, []).extend(resources)

    def _number(self, resources: list[Resource]) -> None:
        """What has no id gets its position as one, so that it can be named; a Patient's full URL may say more."""
        if None in map(_ID, resources) and not isinstance(resources[0], Patient):
            for one in resources:
                if one.id is None:
                    self.reading.count += 1
                    one.id = f"#{self.reading.count}"

    def _cut_short(
        self,
        tally: Tally,
        kind: str,
        kinds: Kinds,
        bundle: Bundle,
        links: list[Link],
        problems: tuple[str, ...],
        lost: int,
    ) -> None:
        """Note whether anything says that the source holds more than came, such as an entry that is named only."""
        came = sum(len(found) for of, found in kinds.items() if kind in {"", of.__name__, TYPE_NOW.get(of.__name__)})
        hollow = sum(one.resource is None and bool(one.full_url) and not one.response for one in bundle.entry or ())
        total = max(came + hollow - lost, (_counted(bundle.total) or 0) if bundle.total else 0)
        how = list(problems) if kinds else []
        if total > came:
            how.append(f"{came} of {total} sent")
        if any(link.relation == "next" for link in links):
            how.append("more pages were not read")
        if how:
            sent = [one for of, found in kinds.items() if of.__name__ == kind for one in found]
            tally.cuts.append(Cut(", ".join(how), newest_first_until(sent, [link.url or "" for link in links])))

    def _decoded(self, key: str, raw: Raw) -> tuple[Resource | None, int]:
        """The value and how many of its resources could not be read: then it is opened one by one."""
        try:
            return _SUPPLIED.decode(raw), 0
        except UNREADABLE:
            pass
        loose = decoded(raw, _LOOSE_LIST) if bytes(raw).lstrip().startswith(b"[") else decoded(raw, _LOOSE_BUNDLE)
        if loose is None:
            return None, 1
        if isinstance(loose, list):  # a bare list of resources, which FHIR does not know, is read as a Bundle
            loose = LooseBundle("Bundle", [Raw(b'{"resource":' + bytes(one) + b"}") for one in loose])
        if loose.resource_type != "Bundle" and loose.entry is None:
            alone = self.decode_alone(raw, key)
            return alone, alone is None
        entries: list[Entry] = []
        lost = 0
        for part in loose.entry or ():
            entry = decoded(part, _LOOSE_ENTRY)
            if entry is not None and entry.resource and bytes(entry.resource) != b"null":
                resource = self.decode_alone(entry.resource, key)
                lost += resource is None
                entries.append(Entry(entry.url, resource, entry.response))
            elif entry is None:
                lost += 1
            else:
                entries.append(Entry(entry.url, None, entry.response))
        return Bundle(total=loose.total, entry=entries, link=loose.link), lost

    def decode_alone(self, raw: Raw, key: str = "") -> Resource | None:
        """Decode one resource; mend what does not fit; failing that, set it aside as unreadable."""
        try:
            return _RESOURCE.decode(raw)
        except UNREADABLE as error:
            problem = error
        loose = anything(raw)
        if isinstance(loose, dict):
            kind = loose.get("resourceType")
            if isinstance(kind, str) and kind not in _READ_TYPES:
                return cast(Resource, Unread())  # of a type that FHIR gets one day, or that somebody made up
            try:
                return msgspec.convert(_mended(loose), type=AnyResource)
            except (msgspec.ValidationError, RecursionError):
                pass
        self._unreadable(loose if isinstance(loose, dict) else {}, key, problem)
        return None

    def _unreadable(self, loose: dict[str, Any], key: str, problem: Exception) -> None:
        """Name what could not be read. It may concern anything of its kind, unless its code says what it concerns."""
        reading = self.reading
        kind, known = loose.get("resourceType"), KEYS.get(key)
        kind = kind if isinstance(kind, str) else known.type if known else "Resource"
        reading.count += 1
        reference = f"{kind}/{loose['id']}" if isinstance(loose.get("id"), str) else f"{kind}/#{reading.count}"
        why = str(problem) if isinstance(problem, msgspec.ValidationError) else "not JSON"
        reading.aside(reference, "unreadable", why)
        meaning = reading.meanings.of(kind, Raw(msgspec.json.encode(loose["code"]))) if loose.get("code") else None
        need = NEED_OF_TYPE.get(kind) or (known.need if known else "")
        if need and (meaning is None or meaning.concepts or meaning.unread):
            concepts = meaning.concepts if meaning else frozenset()
            reading.gap(need, "unreadable", reference, concepts, meaning.label if meaning else "")


class LooseEntry(msgspec.Struct, gc=False, rename="camel"):
    full_url: Raw = ABSENT
    resource: Raw = ABSENT
    response: Raw = ABSENT

    @property
    def url(self) -> str | None:
        """The full URL, where it is a text."""
        return _text(self.full_url)


class LooseBundle(msgspec.Struct, gc=False, rename="camel"):
    resource_type: str = ""
    entry: list[Raw] | None = None
    total: Raw = ABSENT
    link: Raw = ABSENT


class _Response(msgspec.Struct, gc=False):
    status: str | None = None


_RESOURCE: msgspec.json.Decoder[Resource] = msgspec.json.Decoder(AnyResource)
_SUPPLIED: msgspec.json.Decoder[Resource | None] = msgspec.json.Decoder(AnyResource | None)
_LOOSE_BUNDLE = msgspec.json.Decoder(LooseBundle)
_LOOSE_LIST = msgspec.json.Decoder(list[Raw])
_LOOSE_ENTRY = msgspec.json.Decoder(LooseEntry)
_LINK = msgspec.json.Decoder(Link)
_ISSUE = msgspec.json.Decoder(Issue)
_RESPONSE = msgspec.json.Decoder(_Response)
_RESOURCE_OF, _RESPONSE_OF, _ID = attrgetter("resource"), attrgetter("response"), attrgetter("id")
_READ_TYPES = frozenset(kind.__name__ for kind in READ)
_NOT_ALL = frozenset({"incomplete", "too-costly", "throttled", "timeout", "transient"})
"""Issues of which even a warning says that something was left out."""
_PATH = re.compile(r"([A-Z][A-Za-z]+)(?:\?|/_search|$)")


def _resources(bundle: Bundle) -> list[Resource]:
    return list(filter(None, map(_RESOURCE_OF, bundle.entry or ())))


def _by_kind(resources: list[Resource]) -> Kinds:
    """Sort resources by type, those of Bundles among them too, as a batch response holds them."""
    types = set(map(type, resources))
    if len(types) == 1 and Bundle not in types:
        return {types.pop(): resources}
    kinds: Kinds = {kind: [one for one in resources if type(one) is kind] for kind in types}
    for bundle in kinds.pop(Bundle, ()):
        for kind, inner in _by_kind(_resources(cast(Bundle, bundle))).items():
            kinds[kind] = kinds.get(kind, []) + inner
    return kinds


def _searched(links: Iterable[Link]) -> str:
    """The resource type that a search asked for, by its ``self`` link; empty when that does not tell."""
    url = next((link.url for link in links if link.relation == "self" and link.url), "")
    found = _PATH.search(url)
    return found[1] if found else ""


def _problems(outcomes: list[Resource], entries: Sequence[Entry]) -> tuple[str, ...]:
    """What OperationOutcomes and response statuses say went wrong; a warning such as "no results" is nothing wrong."""
    found: dict[str, None] = {}
    for outcome in cast(list[OperationOutcome], outcomes):
        issues = listed(outcome.issue, _ISSUE) if outcome.issue else []
        if not issues or any(issue.severity not in {"warning", "information", "success"} for issue in issues):
            found["an error in its place"] = None
        elif any(issue.code in _NOT_ALL for issue in issues):
            found["the server says that it is not all"] = None
    for entry in compress(entries, map(_RESPONSE_OF, entries)):
        response = decoded(entry.response, _RESPONSE)
        if response is not None and (response.status or "")[:1] in {"4", "5"}:
            found["an error in its place"] = None
    return tuple(found)


def _counted(raw: Raw) -> int | None:
    text = bytes(raw).strip(b'" ')
    return int(text) if text.isdigit() and len(text) < 12 else None


def _text(raw: Raw) -> str | None:
    value = anything(raw) if raw else None
    return value if isinstance(value, str) else None


_FIELDS = [item for kind in READ for item in msgspec.structs.fields(kind)]
_RAW_FIELDS = frozenset(item.encode_name for item in _FIELDS if item.type is Raw)
_TEXT_FIELDS = frozenset(
    item.encode_name for item in _FIELDS if str in (item.type, *getattr(item.type, "__args__", ()))
)
_FLAG_FIELDS = frozenset(item.encode_name for item in _FIELDS if bool in getattr(item.type, "__args__", ()))
_POINTERS = frozenset({"subject", "patient", "medicationReference"})


def _mended(loose: dict[str, Any]) -> dict[str, Any]:
    """Numbers where text belongs become text, other misfits are left out, sub-structures go back to bytes.

    A value of an observation that does not fit stays a value, which nobody understands. A subject that cannot be read stays
    as it is, and so the resource unreadable: nobody knows whose it is.
    """
    mended: dict[str, Any] = {}
    for name, value in loose.items():
        if value is None:
            continue
        if name in _RAW_FIELDS:
            mended[name] = Raw(msgspec.json.encode(value))
        elif name in _TEXT_FIELDS:
            if isinstance(value, str | int) and not isinstance(value, bool):
                mended[name] = str(value)
            elif name.startswith("value"):
                mended["valueRange"] = Raw(msgspec.json.encode(value))
        elif name in _FLAG_FIELDS:
            if isinstance(value, bool) or value in ("true", "false"):
                mended[name] = value in (True, "true")
            elif name.startswith("value"):
                mended["valueRange"] = Raw(msgspec.json.encode(value))
        elif name in _POINTERS and isinstance(value, str):
            mended[name] = {"reference": value}
        elif name == "medicationReference" and not isinstance(value, dict):
            continue
        else:
            mended[name] = value
    return mended
