"""What goes into the store and what it says back: plain frozen values, without SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Standing = Literal["shown", "silent", "capped", "snoozed", "withheld", "dropped"]
"""Shown; evaluated silently; due but held back by cap, rest or as not for who asked; or shown, and not by a candidate."""
FeedbackOutcome = Literal["accepted", "overridden"]

FOLLOWED = timedelta(days=7)
"""How long after a card what is done counts as done on its advice."""


class StoreUnavailable(Exception):
    """The database did not answer in time or refused; ``cause`` is a type's name, never text that may quote a row.

    ``row_at_fault`` says that the database is well and will refuse the same rows again.
    """

    def __init__(self, doing: str, cause: str, row_at_fault: bool = False) -> None:
        super().__init__(f"the store is unavailable: {doing} failed ({cause})")
        self.doing = doing
        self.cause = cause
        self.row_at_fault = row_at_fault


@dataclass(frozen=True, slots=True)
class Caller:
    """The client that calls: the token's ``iss`` and its tenant; both empty when authentication is off."""

    client: str = ""
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class RememberedCard:
    """One card of an answer, shown or held back.

    ``evidence`` holds what makes the advice new or repeated, such as references with values; the store keeps keyed
    hashes. ``suggestions`` maps a suggestion's id to its name in the card file. ``variant`` names a candidate that ran
    silent.
    """

    card_id: str
    topic: str
    message: str
    indicator: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[str, ...] = field(default=(), repr=False)
    suggestions: Mapping[str, str] = field(default_factory=dict)
    standing: Standing = "shown"
    variant: str = ""


@dataclass(frozen=True, slots=True)
class RememberedFailure:
    """A rule that failed or could not tell; ``because`` is an error's type or the names of what was missing."""

    topic: str
    kind: Literal["failed", "cannot-tell"]
    because: str = ""
    silent: bool = False
    variant: str = ""


@dataclass(frozen=True, slots=True)
class ChartedAction:
    """What a card would ask for is on the chart: an order, dose, procedure or study, and when."""

    topic: str
    at: datetime
    still: frozenset[str] | None = None
    """Suggestions that the card offers all the same: another one may be done. ``None``: the card is needless."""


@dataclass(frozen=True, slots=True)
class RememberedAnswer:
    """What one hook call was answered. Patient, user and hook instance are hashed before they reach the database."""

    caller: Caller
    service: str
    hook: str
    hook_instance: str = field(repr=False)
    patient_id: str = field(repr=False)
    knowledge: str
    shown_at: datetime
    """Uncut."""
    user: str = field(default="", repr=False)
    """As the client refers to who asks; empty when it names nobody."""
    site: str = ""
    user_role: str = ""
    trigger_action: str = ""
    cards: tuple[RememberedCard, ...] = ()
    failures: tuple[RememberedFailure, ...] = ()
    charted: tuple[ChartedAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks about whom: keyed hashes of patient and user, one for each secret; no user where nobody is named."""

    patients: tuple[str, ...]
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdviceIdentity:
    """What may be snoozed: ``evidence`` is what it says in clinical terms; ``card_id`` is of the card that would say it now."""

    topic: str
    indicator: str
    evidence: tuple[str, ...]
    card_id: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One call of a route: who, about whom, what was shown, how it ended; refused calls included.

    ``patient`` is an id, kept as a keyed hash unless ``names_patient``. ``topics`` are the cards shown, each with its
    indicator; ``door`` is the kind of route; ``because`` names the check or kind of problem when it was refused.
    """

    at: datetime
    caller: Caller
    service: str
    status: int
    duration_ms: float
    topics: tuple[str, ...] = ()
    method: str = "POST"
    door: Literal["hook", "discovery", "feedback", "admin", "view"] = "hook"
    user: str = ""
    patient: str = field(default="", repr=False)
    names_patient: bool = False
    knowledge: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class KnowledgeLoaded:
    """A knowledge version that this service took into use, such as at start, reload or rollback."""

    hash: str
    origin: str
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class CardFeedback:
    """One item of feedback. ``comment`` may name a patient: the store keeps its length only, unless it is set to keep texts."""

    card_id: str
    outcome: FeedbackOutcome
    outcome_at: datetime
    accepted: tuple[str, ...] = ()
    reason_code: str = ""
    reason_system: str = ""
    comment: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What became of a feedback call, after it is durable.

    ``recorded`` is new, ``repeated`` was on record already, ``unknown`` (part of the recorded) names no card of ours,
    ``foreign`` names a card of another client or tenant and is not kept.
    """

    recorded: int = 0
    repeated: int = 0
    unknown: int = 0
    foreign: int = 0

    def __add__(self, more: Acknowledged) -> Acknowledged:
        return Acknowledged(
            self.recorded + more.recorded,
            self.repeated + more.repeated,
            self.unknown + more.unknown,
            self.foreign + more.foreign,
        )


@dataclass(frozen=True, slots=True)
class SnoozePeriods:
    """How long an overridden card is snoozed, by indicator; zero never snoozes.

    Other than critical cards that a user was shown ``unanswered_after`` times without an answer, and that say the same, come
    once in ``unanswered`` then; zero times: never so.
    """

    critical: timedelta = timedelta(hours=4)
    warning: timedelta = timedelta(days=7)
    info: timedelta = timedelta(days=30)
    unanswered_after: int = 3
    unanswered: timedelta = timedelta(days=7)

    def of(self, indicator: str) -> timedelta:
        return {"critical": self.critical, "warning": self.warning, "info": self.info}.get(indicator, timedelta(0))

    @property
    def longest(self) -> timedelta:
        return max(self.critical, self.warning, self.info)


@dataclass(frozen=True, slots=True)
class Retention:
    """Days after which a row is purged, by table; zero keeps it for ever. Used tokens go when they expire."""

    cards_days: int = 400
    feedback_days: int = 400
    failures_days: int = 400
    audit_days: int = 180
    knowledge_days: int = 0
    purge_every: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """Where the store stands, without asking the database; ``trouble`` is a type's name.

    ``dropped`` records (answers, audit entries) never reached the database since the start: the queue was full,
    the rows were refused, or the service ended before an outage did.
    """

    ready: bool
    queued: int
    written: int
    dropped: int
    trouble: str = ""
