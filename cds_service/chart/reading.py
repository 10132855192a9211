"""What the readers of resources share: the request's circumstances and what accumulates while it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.chart.decode import anything, listed
from cds_service.chart.elements import Annotation
from cds_service.chart.facts import Patient
from cds_service.chart.gaps import Gap, Problem, SetAside
from cds_service.chart.identity import Directory, Identity, bare_id
from cds_service.chart.meanings import NOTHING, Meanings, codeable_concept
from cds_service.chart.wire import Resource
from cds_service.terminology.dates import Moment, latest_now
from cds_service.terminology.said import Said

LONGEST_WRITTEN = 80
_NOTE = msgspec.json.Decoder(Annotation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the hook request says beside the data: who, when, which hook, which drafts."""

    patient_id: str
    hook: str
    as_of: datetime
    encounter_id: str = ""
    user_id: str = ""
    """``context.userId``, such as ``PractitionerRole/7``."""
    trigger: str = ""
    """What the user did that made the client call; empty where it does not say."""
    client: str = ""
    """Name of the client that calls; empty when nobody authenticated it."""
    draft_orders: bytes = b""
    """The Bundle of ``context.draftOrders`` as sent; a Bundle without ``type`` is fine."""
    selections: tuple[str, ...] | None = None
    """``context.selections``; ``None`` on hooks that have none: every draft is selected."""
    absent_reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a prefetch key that was to be fetched could not be had, by key."""


@dataclass(slots=True)
class Reading:
    """What accumulates while a request is read. It outlives the first pass: facts are made when somebody asks."""

    meanings: Meanings
    circumstances: Circumstances
    set_aside: list[SetAside] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    directory: Directory = field(default_factory=Directory)
    unlisted: Counter[str] = field(default_factory=Counter)
    """How many resources have a code that is in no value set, by need."""
    unread: dict[str, set[str]] = field(default_factory=dict)
    """Resources with words that were not read, by need, as far as they are named."""
    patient: Patient | None = None
    drafting: bool = False
    """The hook's draft orders are being read."""
    selecting: bool = False
    """The draft that is being read is one that the clinician picks or signs."""
    count: int = 0
    identity: Identity = field(init=False)
    ahead: datetime = field(init=False)
    """What begins after this lies in the future."""

    def __post_init__(self) -> None:
        self.ahead = latest_now(self.circumstances.as_of)
        self.identity = Identity(bare_id(self.circumstances.patient_id))

    def of_draft(self, *, selected: bool) -> Reading:
        """The same reading, for a draft of the session that the clinician picks or signs, or does not."""
        draft = copy(self)
        draft.drafting, draft.selecting = True, selected
        return draft

    def aside(self, reference: str, because: Any, detail: str = "") -> None:
        """Name a resource that is not used, and why."""
        self.set_aside.append(SetAside(reference, because, detail))

    def gap(
        self,
        need: str,
        problem: Problem,
        reference: str,
        concepts: frozenset[str] = NOTHING,
        written: str = "",
        when: Moment | None = None,
    ) -> None:
        """Note what concerns these concepts (none: the need as a whole) and cannot be used; a draft that is not picked, never."""
        if self.drafting and not self.selecting:
            return
        found = Gap(
            need="draft_orders" if self.drafting else need,
            concepts=concepts,
            reference=reference,
            problem=problem,
            written=written if isinstance(written, Said) else written.strip()[:LONGEST_WRITTEN],
            when=when,
        )
        self.gaps.append(found)


def reference_of(node: Resource) -> str:
    """``Type/id``, of a contained one ``Type/id#contained``; what has no id has got its position as one, to be named by."""
    return f"{node.within or node.resource_type}/{node.id}"


def notes_of(raw: Raw) -> str:
    """The text of a list of Annotations (or of one string, as some records write it)."""
    if not raw:
        return ""
    words = anything(raw)
    if isinstance(words, str):
        return words
    return ". ".join(note.text for note in listed(raw, _NOTE) if note.text)


def code_of(raw: Raw) -> str:
    """The first code of a CodeableConcept in lower case, for FHIR's own small code systems such as condition-clinical."""
    if not raw:
        return ""
    concept = codeable_concept(raw)
    return next((coding.code.lower() for coding in concept.coding or () if coding.code), (concept.text or "").lower())
