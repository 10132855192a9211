"""What the readers of resources share: the request's circumstances and what accumulates while it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.chart.facts import Fact, Patient, SetAside
from cds_service.chart.meanings import Meanings, codeable_concept
from cds_service.chart.wire import Annotation, Medication, Period, Resource
from cds_service.terminology.dates import Moment, latest_now, parse_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the hook request says beside the data: who, when, which hook, which drafts."""

    patient_id: str
    hook: str
    as_of: datetime
    encounter_id: str = ""
    draft_orders: bytes = b""
    """The Bundle of ``context.draftOrders`` as sent; a Bundle without ``type`` is fine."""
    selections: tuple[str, ...] | None = None
    """``context.selections``; ``None`` on hooks that have none: every draft is selected."""
    absent_reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a prefetch key that was to be fetched could not be had, by key."""


@dataclass(slots=True)
class Reading:
    """What accumulates while a request is read."""

    meanings: Meanings
    circumstances: Circumstances
    set_aside: list[SetAside] = field(default_factory=list)
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    medicines: dict[str, Medication] = field(default_factory=dict)
    """Each Medication resource by reference, so that a medicationReference can be resolved."""
    patient: Patient | None = None
    drafting: bool = False
    """The hook's draft orders are being read."""
    selecting: bool = False
    """The draft that is being read is one that the clinician picks or signs."""
    count: int = 0
    ahead: datetime = field(init=False)
    """What begins after this lies in the future."""

    def __post_init__(self) -> None:
        self.ahead = latest_now(self.circumstances.as_of)

    @property
    def patient_id(self) -> str:
        """The bare id of the patient of the request."""
        return bare_id(self.circumstances.patient_id)

    def put(self, kind: str, found: Iterable[Fact]) -> None:
        self.facts.setdefault(kind, []).extend(found)

    def aside(self, reference: str, because: Any, detail: str = "") -> None:
        self.set_aside.append(SetAside(reference, because, detail))


NO_MEDICATION = Medication()


def reference_of(node: Resource, reading: Reading) -> str:
    """``Type/id``; a resource without an id gets its position, so that it can still be named."""
    if node.id:
        return f"{node.resource_type}/{node.id}"
    reading.count += 1
    return f"{node.resource_type or 'Resource'}/#{reading.count}"


def bare_id(reference: str) -> str:
    """The id in a reference of any form: relative, absolute, versioned or ``urn:uuid:``."""
    text = reference.partition("/_history/")[0].rstrip("/")
    return text.rpartition("/")[2].removeprefix("urn:uuid:")


def moment_of(reading: Reading, *texts: str | None) -> Moment | None:
    """The first of these dates that can be read and does not lie in the future."""
    for text in texts:
        moment = parse_moment(text) if text else None
        if moment is not None and moment.first <= reading.ahead:
            return moment
    return None


_NO_PERIOD = Period()


def period_of(raw: Raw) -> Period:
    """Decode a Period leniently; an unreadable one has neither start nor end."""
    if not raw:
        return _NO_PERIOD
    try:
        return msgspec.json.decode(raw, type=Period)
    except (msgspec.DecodeError, RecursionError):
        return Period()


def notes_of(raw: Raw) -> str:
    """The text of a list of Annotations (or of one string, as some records write it)."""
    if not raw:
        return ""
    try:
        return ". ".join(note.text for note in msgspec.json.decode(raw, type=list[Annotation]) if note.text)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.DecodeError, RecursionError):
        return ""


def code_of(raw: Raw) -> str:
    """The first code of a CodeableConcept in lower case, for FHIR's own small code systems such as condition-clinical."""
    if not raw:
        return ""
    concept = codeable_concept(raw)
    return next((coding.code.lower() for coding in concept.coding or () if coding.code), (concept.text or "").lower())
