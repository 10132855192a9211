"""One patient at one moment: all facts, each kind indexed by concept, and what could not be had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from cds_service.chart.collection import Closed, Facts, NotAsked
from cds_service.chart.evidence import Unanswered
from cds_service.chart.facts import (
    Allergy,
    Condition,
    Device,
    DraftOrder,
    Encounter,
    Fact,
    Medication,
    Observation,
    Order,
    Patient,
    Procedure,
    Prohibition,
    Report,
    Setting,
    User,
)
from cds_service.chart.gaps import Gap, Problem, SetAside, Supply
from cds_service.chart.lookups import Inquiry, Read, Reads
from cds_service.terminology.dates import Moment, Span, age_in_years

__all__ = ["ABSENT", "Case", "Facts", "Inquiry", "NotAsked", "Read", "Reads", "finding"]

F = TypeVar("F", bound=Fact)
P = ParamSpec("P")
R = TypeVar("R")

ABSENT = Supply("absent")


_NOT_TOLD_YET: Any = Closed("red_flags")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Case:
    """All that the rules may know of one patient at one moment. The clock is ``as_of``."""

    as_of: datetime
    """Aware, cut to the minute."""
    hook: str
    patient: Patient | None = None
    conditions: Facts[Condition] = field(default_factory=Facts)
    observations: Facts[Observation] = field(default_factory=Facts)
    reports: Facts[Report] = field(default_factory=Facts)
    procedures: Facts[Procedure] = field(default_factory=Facts)
    medications: Facts[Medication] = field(default_factory=Facts)
    orders: Facts[Order] = field(default_factory=Facts)
    allergies: Facts[Allergy] = field(default_factory=Facts)
    devices: Facts[Device] = field(default_factory=Facts)
    encounters: Facts[Encounter] = field(default_factory=Facts)
    prohibitions: Facts[Prohibition] = field(default_factory=Facts)
    """What is not to be done or given."""
    encounter: str = ""
    """Reference of the encounter that the hook names, if it names one."""
    setting: Setting = ""
    """By the class of that encounter."""
    locations: tuple[str, ...] = ()
    """Where that encounter takes place now: references, identifiers and names, in small letters."""
    requester: str = ""
    """Reference of who asks, where it is one that an order may name."""
    user: User | None = None
    """Who asks; ``None``: nobody said what they are."""
    trigger: str = ""
    """What the user did that made the client call, in the client's code."""
    client: str = ""
    """Name of the client that calls, on our list of clients; empty when nobody authenticated it."""
    supply: Mapping[str, Supply] = field(default_factory=dict)
    """How each need (:mod:`chart.needs`) reached us; a need that is not named is absent."""
    set_aside: Sequence[SetAside] = ()
    """What was read and not used; it grows while facts are made."""
    drafts: Mapping[str, DraftOrder] = field(default_factory=dict)
    """Draft orders of the session by reference, as sent."""
    unanswered: tuple[Unanswered, ...] = _NOT_TOLD_YET
    """Red flags that could not be judged. Any look at them raises until every red flag was asked."""
    gaps: Sequence[Gap] = ()
    """What concerns a concept that some card reads, or a whole need, and cannot be used; it grows while facts are made."""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Value sets that are asked for together, by the name that the card files give the group."""
    unlisted: Mapping[str, int] = field(default_factory=dict)
    """How many resources have a code that is in no value set, by need: most of them concern no card."""
    reads: Reads | None = None
    """Keeps what is looked up, when somebody has to know what an answer rests on (:meth:`observed`)."""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def lacking(self, *needs: str) -> tuple[str, ...]:
        """Which of these needs did not reach us in a usable form."""
        return tuple(need for need in needs if not self.supply.get(need, ABSENT).usable)

    def gaps_of(self, need: str, concepts: Iterable[str] = ()) -> tuple[Gap, ...]:
        """What of a need concerns one of these concepts, or the need as a whole, and cannot be used.

        A need that did not reach us at all is such a gap too.
        """
        wanted = frozenset(concepts)
        if need in _KINDS and wanted:
            getattr(self, need).of(*wanted)  # what is read only now may hold gaps
        found = [gap for gap in self.gaps if gap.need == need and _overlap(gap.concepts, wanted)]
        problem = _MISSING.get(self.supply.get(need, ABSENT).state)
        return (*found, Gap(need=need, problem=problem)) if problem else tuple(found)

    def read_all(self) -> Case:
        """Make every fact, so that all that was set aside or not understood is named."""
        for kind in _KINDS:
            if isinstance(facts := getattr(self, kind), Facts) and not isinstance(facts, Closed):
                facts.all()
        return self

    def days_since(self, moment: Moment | None) -> int | None:
        """Whole days from a moment to now; ``None`` without a date, 0 for what lies ahead within the same day."""
        return None if moment is None else moment.days_before(self.as_of)

    def hours_since(self, moment: Moment | None) -> float | None:
        """Hours from the latest instant that the moment may mean to now, never below 0; ``None`` without a date."""
        return None if moment is None else moment.hours_before(self.as_of)

    def within(self, moment: Moment | None, span: Span) -> bool:
        """Whether a dated thing lies no further back than ``span``; an undated one does not."""
        return moment is not None and span.reaches(moment, self.as_of)

    def perhaps_within(self, moment: Moment | None, span: Span) -> bool:
        """Whether a dated thing is so vaguely dated that it may lie within ``span`` or before it: nobody can tell."""
        return moment is not None and span.may_reach(moment, self.as_of) and not span.reaches(moment, self.as_of)

    def long_ago(self, moment: Moment | None, span: Span) -> bool:
        """Whether a dated thing lies at least so far back; exactly so far back on the day counts."""
        return moment is not None and span.after(moment.last).date() <= self.as_of.date()

    def active(self, *concepts: str) -> tuple[Condition, ...]:
        """Problems of these value sets that are present now: neither in remission nor past."""
        return tuple([fact for fact in self.conditions.of(*concepts) if fact.state == "active"])

    def confirmed(self, *concepts: str) -> tuple[Condition, ...]:
        """Those of them that nobody doubts."""
        return tuple([fact for fact in self.active(*concepts) if not fact.suspected])

    def recent(self, facts: Iterable[F], span: Span) -> tuple[F, ...]:
        """Those of these facts whose date lies no further back than ``span``."""
        return tuple([fact for fact in facts if (when := fact.when) is not None and span.reaches(when, self.as_of)])

    @property
    def age(self) -> int | None:
        """Completed years; ``None`` without a date of birth."""
        birth = self.patient.birth if self.patient is not None else None
        return age_in_years(birth, self.as_of) if birth is not None else None

    @property
    def sex(self) -> Literal["female", "male", "other", "unknown"]:
        """Administrative sex; ``unknown`` without a patient resource."""
        return self.patient.sex if self.patient is not None else "unknown"

    def selected_orders(self, *concepts: str) -> tuple[Order, ...]:
        """Draft service requests that the clinician is picking or signing."""
        return self.orders.selected(*concepts) if self._may_have_drafts else ()

    def selected_medications(self, *concepts: str) -> tuple[Medication, ...]:
        """Draft medication requests that the clinician is picking or signing."""
        return self.medications.selected(*concepts) if self._may_have_drafts else ()

    @property
    def _may_have_drafts(self) -> bool:
        """A chart that is only opened need not be read for one; who keeps what is looked up hears of the look all the same."""
        return self.hook != "patient-view" or bool(self.drafts) or self.reads is not None

    def observed(self) -> Case:
        """The same case, for one thread, in which every look-up is kept in :attr:`reads`."""
        reads = Reads()
        kinds = {kind: getattr(self, kind) for kind in _KINDS if kind != "unanswered"}
        watched = {kind: facts.observed(kind, reads) for kind, facts in kinds.items()}
        return replace(self, **watched, reads=reads, memo={})

    def restricted_to(self, needs: Iterable[str]) -> Case:
        """The same case in which only these needs can be read; anything else raises :class:`NotAsked`."""
        asked = frozenset(needs)
        kept: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__ if name != "memo"}
        for kind, allowed_by in _KINDS.items():
            if asked.isdisjoint(allowed_by):
                kept[kind] = Closed(kind)
        return Case(**kept)


_KINDS: dict[str, tuple[str, ...]] = {
    "conditions": ("conditions",),
    "observations": ("observations",),
    "reports": ("reports",),
    "procedures": ("procedures",),
    "medications": ("medications", "draft_orders"),
    "orders": ("orders", "draft_orders"),
    "allergies": ("allergies",),
    "devices": ("devices",),
    "encounters": ("encounters",),
    "prohibitions": ("medications", "orders", "draft_orders"),
    "unanswered": ("red_flags",),
}


_MISSING: Mapping[str, Problem] = {
    "absent": "missing",
    "null": "missing",
    "error": "failed",
    "other-patient": "other-patient",
    "unreadable": "unreadable",
}


def _overlap(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two sets of concepts meet; no concepts stand for all."""
    return not some or not others or not some.isdisjoint(others)


def finding(function: Callable[Concatenate[Case, P], R]) -> Callable[Concatenate[Case, P], R]:
    """Remember a finding for the case: twenty rules ask for the same truth, it is worked out once.

    Arguments count as the same when they are the same object, which the memory keeps alive: hashing a truth with all its
    facts would cost more than most findings. Parameters of equal value are one object (:class:`knowledge.cards.CardDefinition`).
    """

    @wraps(function)
    def remembered(case: Case, /, *args: P.args, **kwargs: P.kwargs) -> R:
        key: Any = function
        if args or kwargs:
            key = (
                (function, *map(id, args), *kwargs, *map(id, kwargs.values())) if kwargs else (function, *map(id, args))
            )
        memo, reads = case.memo, case.reads
        kept = memo.get(key)
        if reads is None:
            if kept is None:
                kept = memo[key] = (function(case, *args, **kwargs), args, kwargs)
        elif kept is None:
            mark = reads.begin((*args, *kwargs.values()))
            kept = memo[key] = (function(case, *args, **kwargs), args, kwargs, behind := reads.end(mark))
            reads.found(kept[0], behind, again=False)
        else:
            reads.found(kept[0], kept[3], again=True)
        found: R = kept[0]
        return found

    return remembered
