"""What a rule may answer: it fired, it did not and why, it cannot tell for want of what, or it failed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, Protocol

from msgspec import Struct, field

from cds_service.chart.case import ABSENT, Case
from cds_service.chart.evidence import Evidence, Unanswered
from cds_service.chart.facts import Condition, Fact, Medication, Observation, Report
from cds_service.chart.gaps import Gap, Supplied
from cds_service.chart.needs import NEEDS
from cds_service.terminology.dates import Moment, Since, Span
from cds_service.terminology.quantities import Quantity
from cds_service.terminology.said import enumerated, said

Indicator = Literal["info", "warning", "critical"]
GRAVITY: tuple[Indicator, ...] = ("critical", "warning", "info")
"""The gravest first."""
Word = str | int | Decimal | Quantity | Moment | Since | Span | tuple[str, ...]
"""What may fill a ``{placeholder}`` of a card file; the engine writes it out and escapes it."""

HOW: Mapping[Supplied, str] = {
    "absent": said("not supplied"),
    "null": said("no data from the record"),
    "error": said("the record answered with an error"),
    "other-patient": said("of another patient"),
    "unreadable": said("unreadable"),
}
"""What a clinician reads of a kind of data that did not come."""


class Offer(Struct, frozen=True):
    """A suggestion of the card file, by its name there, with the words that fill it."""

    suggestion: str
    words: Mapping[str, Word] = field(default_factory=dict)
    draft: str = ""
    """Reference of the draft order that a delete or update action works on."""


class Step(Protocol):
    """A rung that was passed on the way to the answer."""

    @property
    def name(self) -> str:
        """A name under the card file's ``silent`` or ``messages``; what was asked, where it was open whether anybody knew."""
        ...

    def stood_on(self) -> tuple[Fact, ...]:
        """The facts that let it pass, as many as a reader takes in; picked out when somebody asks, as few do."""
        ...


class Fired(Struct, frozen=True):
    """The card is due. Names refer to the card file: message, notes, suggestions."""

    message: str
    evidence: tuple[Evidence, ...]
    words: Mapping[str, Word] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    at_most: Indicator | None = None
    """Caps the message's indicator, such as ``warning`` for a suspected diagnosis."""
    gaps: tuple[Gap, ...] = ()
    """What else concerns the question and could not be used: a note on the card."""
    passed: tuple[Step, ...] = ()
    """The rungs before the one that answered, in order; so in the other outcomes."""

    @property
    def rung(self) -> str:
        """The rung that answered."""
        return self.message

    def indicator(self, stated: Indicator) -> Indicator:
        """The message's indicator after the cap."""
        return max(stated, self.at_most or stated, key=GRAVITY.index)


class NotFired(Struct, frozen=True):
    """The card is not due; ``because`` is a name under the card file's ``silent``."""

    because: str
    evidence: tuple[Evidence, ...] = ()
    passed: tuple[Step, ...] = ()
    looked_in: tuple[str, ...] = ()
    """Kinds of data in which it was looked for in vain, where the case keeps that (:meth:`Case.observed`)."""

    @property
    def rung(self) -> str:
        """The rung that answered."""
        return self.because


class CannotTell(Struct, frozen=True):
    """Not known: these needs or facts are missing, or what concerns the question cannot be used."""

    missing: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()
    rung: str = ""
    """The rung at which nobody could tell; empty where that was not asked rung by rung."""
    passed: tuple[Step, ...] = ()


class Failed(Struct, frozen=True):
    """The rule raised; ``error`` is the exception's type, never its text."""

    error: str
    evidence: tuple[Evidence, ...] = ()
    rung: str = ""
    passed: tuple[Step, ...] = ()


Outcome = Fired | NotFired | CannotTell | Failed


def path(outcome: Outcome) -> tuple[str, ...]:
    """The rungs by name that led to an answer, the one that answered last."""
    return (*(step.name for step in outcome.passed), *((outcome.rung,) if outcome.rung else ()))


def parting(one: Outcome, other: Outcome) -> str:
    """The rung at which two answers to one question part: one answers there, and the other does not."""
    for first, second in zip(path(one), path(other), strict=False):
        if first != second:
            return first
    shorter = min(path(one), path(other), key=len)
    return shorter[-1] if shorter else ""


def not_found(case: Case, because: str, *looked_in: str, evidence: tuple[Evidence, ...] = ()) -> NotFired | CannotTell:
    """Say that something is not on record, or that we cannot tell when a place where it would stand did not reach us."""
    missing = case.lacking(*looked_in)
    return CannotTell(missing, evidence) if missing else NotFired(because, evidence)


def lacked(case: Case, flag: Unanswered) -> tuple[str, ...]:
    """What a red flag's rule lacked and how each need failed to come: ``conditions (not supplied)``."""
    failed = not flag.missing and not flag.gaps
    return (said("an internal error"),) if failed else tuple(_lacked(case, name) for name in flag.missing)


def spoken(need: str) -> str:
    """The name of a need or fact as a reader says it."""
    return need.replace("_", " ").replace("-", " ")


def _lacked(case: Case, name: str) -> str:
    how = HOW.get(case.supply.get(name, ABSENT).state) if name in NEEDS else None
    return said("{kind} ({how})", kind=spoken(name), how=how) if how else spoken(name)


def _in_quotes(words: str) -> str:
    """The record's own words, so that an answer ("Sehr") is not taken for ours; a bare number or grade needs none."""
    return f'"{words}"' if any(map(str.islower, words)) else words


def evidence_of(fact: Fact, remark: str = "") -> Evidence:
    """Quote a fact: its reference, words, value with unit and date, and what a reader must know of its standing."""
    remarks = [remark] if remark else []
    if fact.concepts and not fact.coded:
        remarks.append(said("words only"))
    if fact.suspected:
        remarks.append(said("suspected"))
    if getattr(fact, "draft", False):
        remarks.append(said("draft order"))
    value: Quantity | str = ""
    comparator = ""
    if isinstance(fact, Observation):
        if fact.status == "preliminary":
            remarks.append(said("preliminary"))
        if fact.unit_assumed:
            remarks.append(said("unit assumed"))
        value, comparator = fact.value if fact.value is not None else _in_quotes(fact.text), fact.comparator
    elif isinstance(fact, Medication):
        remarks += [part.phrase for part in fact.unclear[:1]]
        value = fact.dose or ""
    elif isinstance(fact, Report) and fact.quote:
        value = f'"{fact.quote}"'
    return Evidence(
        reference=fact.reference,
        label=fact.label,
        value=value,
        comparator=comparator,
        when=fact.when,
        remark=enumerated(remarks),
        called=fact.called,
        concepts=fact.concepts,
        since=Since(fact.when, recorded=fact.onset is None) if isinstance(fact, Condition) else None,
    )
