"""One patient at one moment: all facts, each kind indexed by concept, and what could not be had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, Generic, Literal, NamedTuple, ParamSpec, TypeVar

from cds_service.chart.facts import (
    Allergy,
    Condition,
    Device,
    DraftOrder,
    Encounter,
    Fact,
    Gap,
    Medication,
    Observation,
    Order,
    Patient,
    Procedure,
    Report,
    SetAside,
    Supply,
    Unanswered,
)
from cds_service.terminology.dates import Moment, Span, age_in_years

F = TypeVar("F", bound=Fact)
P = ParamSpec("P")
R = TypeVar("R")

ABSENT = Supply("absent")


class NotAsked(Exception):
    """A rule read a kind of data that its card does not name under ``needs``."""


class Facts(Generic[F]):
    """The facts of one kind, newest first; undated ones last. ``of`` finds those of any of the named value sets."""

    __slots__ = ("_by_concept", "_facts")

    def __init__(self, facts: Iterable[F] = ()) -> None:
        self._facts: tuple[F, ...] = tuple(sorted(facts, key=_newest_first))
        self._by_concept: dict[str, list[int]] = {}
        for place, fact in enumerate(self._facts):
            for concept in fact.concepts:
                self._by_concept.setdefault(concept, []).append(place)

    def __iter__(self) -> Iterator[F]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __bool__(self) -> bool:
        return bool(self._facts)

    def observed(self, kind: str, reads: Reads) -> Facts[F]:
        """The same facts; what is asked of them is kept in ``reads``."""
        return _Observed(self, kind, reads)

    def of(self, *concepts: str) -> tuple[F, ...]:
        """Facts in any of these value sets, newest first, each once."""
        by_concept = self._by_concept
        if by_concept.keys().isdisjoint(concepts):
            return ()
        found = [places for concept in concepts if (places := by_concept.get(concept)) is not None]
        places = found[0] if len(found) == 1 else sorted(set().union(*found))
        return tuple([self._facts[place] for place in places])

    def selected(self, *concepts: str) -> tuple[F, ...]:
        """Drafts of the session in any of these value sets that the clinician is picking or signing."""
        return tuple([fact for fact in Facts.of(self, *concepts) if getattr(fact, "selected", False)])


class Read(NamedTuple):
    """One look-up: of which kind, for which value sets (none: all of the kind), and how far back it matters."""

    kind: str
    concepts: frozenset[str]
    span: Span | None


class Asked(NamedTuple):
    """A finding, or a bare look-up, with the look-ups behind it."""

    answer: object
    reads: tuple[Read, ...]


class Reads:
    """What was looked up on a case since somebody last took note: each finding asked, with the look-ups behind it.

    A look-up counts as far back as the spans reach that its finding takes; one without a span counts whenever it was.
    """

    __slots__ = ("_depth", "_log", "_spans", "asked", "ever")

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        """Since somebody last took note."""
        self.ever: list[Asked] = []
        self._log: list[Read] = []
        self._spans: list[Span | None] = [None]
        self._depth = 0

    def start_anew(self) -> None:
        """Another rule begins."""
        self.asked, self.ever, self._depth = [], [], 0

    def look(self, kind: str, concepts: Iterable[str], answer: object) -> None:
        """Note a look-up."""
        read = Read(kind, frozenset(concepts), self._spans[-1])
        self._log.append(read)
        self._keep(answer, (read,))

    def begin(self, arguments: Iterable[object]) -> int:
        """A finding begins; gives the mark with which it ends."""
        spans = [argument for argument in arguments if isinstance(argument, Span)]
        self._spans.append(max(spans, key=_length) if spans else None)
        self._depth += 1
        return len(self._log)

    def end(self, mark: int) -> tuple[Read, ...]:
        """The look-ups of the finding that began at the mark."""
        self._depth -= 1
        self._spans.pop()
        return tuple(dict.fromkeys(self._log[mark:]))

    def found(self, answer: object, reads: tuple[Read, ...], *, again: bool) -> None:
        """A finding gave its answer; ``again`` when it was remembered and looked nothing up."""
        if again:
            self._log.extend(reads)
        self._keep(answer, reads)

    def _keep(self, answer: object, reads: tuple[Read, ...]) -> None:
        if not self._depth:
            self.asked.append(Asked(answer, reads))
            self.ever.append(Asked(answer, reads))


def _length(span: Span) -> int:
    return span.months * 730 + span.days * 24 + span.hours


class _Observed(Facts[Any]):
    """Facts whose look-ups are kept."""

    __slots__ = ("_kind", "_reads")

    def __init__(self, facts: Facts[Any], kind: str, reads: Reads) -> None:
        self._facts, self._by_concept = facts._facts, facts._by_concept
        self._kind, self._reads = kind, reads

    def __iter__(self) -> Iterator[Any]:
        self._reads.look(self._kind, (), self._facts)
        return iter(self._facts)

    def __bool__(self) -> bool:
        self._reads.look(self._kind, (), self._facts)
        return bool(self._facts)

    def of(self, *concepts: str) -> tuple[Any, ...]:
        found = super().of(*concepts)
        self._reads.look(self._kind, concepts, found)
        return found

    def selected(self, *concepts: str) -> tuple[Any, ...]:
        """The record itself cannot hide a draft: only a draft that is not understood can."""
        found = super().selected(*concepts)
        self._reads.look("draft_orders", concepts, found)
        return found


class _Closed(Facts[Any]):
    """Stands for a kind of data that the card did not ask for: any look at it raises."""

    __slots__ = ("_need",)

    def __init__(self, need: str) -> None:
        self._need = need

    def _refuse(self, *_: object) -> Any:
        raise NotAsked(self._need)

    def observed(self, kind: str, reads: Reads) -> Facts[Any]:
        """Closed it stays."""
        return self

    __iter__ = __len__ = __bool__ = of = selected = _refuse


_NOT_TOLD_YET: Any = _Closed("red_flags")


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
    encounter: str = ""
    """Reference of the encounter that the hook names, if it names one."""
    supply: Mapping[str, Supply] = field(default_factory=dict)
    """How each need (:mod:`chart.needs`) reached us; a need that is not named is absent."""
    set_aside: tuple[SetAside, ...] = ()
    drafts: Mapping[str, DraftOrder] = field(default_factory=dict)
    """Draft orders of the session by reference, as sent."""
    unanswered: tuple[Unanswered, ...] = _NOT_TOLD_YET
    """Red flags that could not be judged. Any look at them raises until every red flag was asked."""
    gaps: tuple[Gap, ...] = ()
    """What concerns a concept that some card reads, or a whole need, and cannot be used."""
    reads: Reads | None = None
    """Keeps what is looked up, when somebody has to know what an answer rests on (:meth:`observed`)."""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def lacking(self, *needs: str) -> tuple[str, ...]:
        """Which of these needs did not reach us in a usable form."""
        return tuple(need for need in needs if not self.supply.get(need, ABSENT).usable)

    def days_since(self, moment: Moment | None) -> int | None:
        """Whole days from a moment to now; ``None`` without a date, 0 for what lies ahead within the same day."""
        return None if moment is None else moment.days_before(self.as_of)

    def hours_since(self, moment: Moment | None) -> float | None:
        """Hours from the latest instant that the moment may mean to now, never below 0; ``None`` without a date."""
        return None if moment is None else moment.hours_before(self.as_of)

    def within(self, moment: Moment | None, span: Span) -> bool:
        """Whether a dated thing lies no further back than ``span``; an undated one does not."""
        return moment is not None and span.reaches(moment, self.as_of)

    def long_ago(self, moment: Moment | None, span: Span) -> bool:
        """Whether a dated thing lies at least so far back; exactly so far back on the day counts."""
        return moment is not None and span.after(moment.last).date() <= self.as_of.date()

    def active(self, *concepts: str) -> tuple[Condition, ...]:
        """Problems of these value sets that are present now: neither in remission nor past."""
        return tuple([fact for fact in self.conditions.of(*concepts) if fact.state == "active"])

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
        return self.orders.selected(*concepts)

    def selected_medications(self, *concepts: str) -> tuple[Medication, ...]:
        """Draft medication requests that the clinician is picking or signing."""
        return self.medications.selected(*concepts)

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
                kept[kind] = _Closed(kind)
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
    "unanswered": ("red_flags",),
}


def finding(function: Callable[Concatenate[Case, P], R]) -> Callable[Concatenate[Case, P], R]:
    """Remember a finding for the case: twenty rules ask for the same truth, it is worked out once.

    Arguments count as the same when they are the same object, which the memory keeps alive: hashing a truth with all its
    facts would cost more than most findings. Parameters of equal value are one object (:class:`knowledge.cards.CardDefinition`).
    """

    @wraps(function)
    def remembered(case: Case, /, *args: P.args, **kwargs: P.kwargs) -> R:
        key: Any
        if kwargs:
            key = (function, *map(id, args), *kwargs, *map(id, kwargs.values()))
        elif args:
            key = (function, *map(id, args))
        else:
            key = function
        memo, reads = case.memo, case.reads
        kept = memo.get(key)
        if kept is None:
            if reads is None:
                kept = memo[key] = (function(case, *args, **kwargs), args, kwargs)
            else:
                mark = reads.begin((*args, *kwargs.values()))
                kept = memo[key] = (function(case, *args, **kwargs), args, kwargs, behind := reads.end(mark))
                reads.found(kept[0], behind, again=False)
        elif reads is not None:
            reads.found(kept[0], kept[3], again=True)
        found: R = kept[0]
        return found

    return remembered


def _newest_first(fact: Fact) -> tuple[float, str]:
    moment = fact.when
    return (-moment.last.timestamp() if moment else float("inf"), fact.reference)
