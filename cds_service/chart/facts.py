"""The facts of a chart: one flat, frozen class for each kind of resource, each fact knowing where it came from.

Structs, because a request makes hundreds of them and a frozen dataclass costs five times as much.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeGuard

from msgspec import Struct

from cds_service.chart.orders.amounts import Unclear
from cds_service.chart.orders.fractions import Course
from cds_service.chart.orders.lines import Dosing
from cds_service.chart.orders.product import Product
from cds_service.terminology.dates import Moment
from cds_service.terminology.quantities import Quantity

Comparator = Literal["", "<", "<=", ">", ">="]


class Fact(Struct, frozen=True, kw_only=True):
    """What one resource says, with the value sets that it belongs to."""

    reference: str
    """The resource, such as ``Observation/ca-1``; ``Observation/#3`` when it carries no id."""
    label: str
    """What the resource calls it, trimmed; unescaped text of the record."""
    short: str = ""
    """Our own name for it; empty where no value set has one."""
    concepts: frozenset[str]
    """Names of the value sets that its codes or, failing codes, its words belong to."""
    coded: frozenset[str]
    """The part of ``concepts`` that a code proves; the rest rests on words only."""

    @property
    def called(self) -> str:
        """What a card calls it: our own name where we have one, else the record's."""
        return self.short or self.label

    @property
    def when(self) -> Moment | None:
        """The moment that counts for this fact when facts are ordered by time."""
        return None

    @property
    def active(self) -> bool:
        """Not past and not in remission; only a problem can be."""
        return True

    @property
    def suspected(self) -> bool:
        """Provisional, differential or unconfirmed; only a problem can be."""
        return False

    @property
    def sites(self) -> frozenset[str]:
        """Concepts of its body sites, where its kind has any."""
        return frozenset()


class Patient(Fact, frozen=True, kw_only=True):
    birth: Moment | None
    sex: Literal["female", "male", "other", "unknown"]
    deceased: bool


class Condition(Fact, frozen=True, kw_only=True):
    """A problem, diagnosis, symptom or sign. Refuted and entered-in-error ones never become facts."""

    state: Literal["active", "remission", "past"]
    """``remission`` and ``past`` (inactive, resolved) are history for the emergency rules."""
    suspected: bool
    """Provisional, differential or unconfirmed, by status or by the words."""
    onset: Moment | None
    recorded: Moment | None
    abated: Moment | None
    sites: frozenset[str]
    """Concepts of its body sites."""
    text: str
    """Code text, displays and notes, for rules that read words."""
    name_doubts: bool = False
    """Its own words say that it is suspected."""

    @property
    def when(self) -> Moment | None:
        return self.onset or self.recorded

    @property
    def active(self) -> bool:
        return self.state == "active"


class Observation(Fact, frozen=True, kw_only=True):
    """A measurement, score, sign or answer. A panel's components are observations of their own beside it."""

    status: Literal["final", "preliminary", "amended", "corrected"]
    effective: Moment | None
    issued: Moment | None
    value: Quantity | None
    """Unit in the form of :mod:`terminology.quantities`; ``None`` when there is no number that can be trusted."""
    comparator: Comparator
    unit_assumed: bool
    """The record gave no unit; the value set's plausible range chose one."""
    answers: frozenset[str]
    """Concepts of its coded or worded value."""
    present: bool | None
    """``False``: the record says that the finding is absent; ``None``: not that kind of observation."""
    text: str
    low: Quantity | None
    high: Quantity | None
    sites: frozenset[str]
    focus: tuple[str, ...]
    """References of what it is about."""

    @property
    def when(self) -> Moment | None:
        return self.effective or self.issued


class Measured(Observation, frozen=True, kw_only=True):
    """An observation that is known to hold a number: a name for type checkers, no fact is made of it."""

    value: Quantity


def is_measured(fact: Observation) -> TypeGuard[Measured]:
    """Whether an observation holds a number."""
    return fact.value is not None


class Report(Fact, frozen=True, kw_only=True):
    """A diagnostic report or imaging study."""

    status: Literal["registered", "preliminary", "final"]
    effective: Moment | None
    issued: Moment | None
    affirmed: frozenset[str]
    """Concepts that the conclusion states; words under a negation are in ``denied``, under doubt in ``doubted``."""
    denied: frozenset[str]
    doubted: frozenset[str]
    proven: frozenset[str] = frozenset()
    """The part of ``affirmed`` that a conclusion code states."""
    conclusion: str
    sites: frozenset[str]
    quote: str = ""
    """The sentence that states compression or an epidural metastasis, for whoever must act on it."""
    limits: str = ""
    """What says that the study was not complete, or not of diagnostic quality, in the words of the report."""

    @property
    def complete(self) -> bool:
        """A finished study of diagnostic quality of all that it set out to show: only such a one silences."""
        return self.status == "final" and not self.limits

    @property
    def when(self) -> Moment | None:
        return self.effective or self.issued


class Procedure(Fact, frozen=True, kw_only=True):
    """Something done or under way. ``not-done`` and entered-in-error never become facts."""

    status: Literal["planned", "in-progress", "on-hold", "stopped", "completed"]
    performed: Moment | None
    sites: frozenset[str]
    reasons: frozenset[str]
    text: str
    course: Course | None = None
    """What was given of radiotherapy."""

    @property
    def when(self) -> Moment | None:
        return self.performed


class Order(Fact, frozen=True, kw_only=True):
    """A ServiceRequest: an order, proposal or referral, on record or as a draft of this session."""

    status: Literal["draft", "active", "on-hold", "completed", "unknown"]
    intent: str
    priority: str
    authored: Moment | None
    due: Moment | None
    draft: bool
    """Comes from the hook's ``draftOrders``."""
    selected: bool
    """Named in the hook's ``selections``; on order-sign every draft is."""
    sites: frozenset[str]
    reasons: frozenset[str]
    text: str
    """Code text, order details, notes and patient instruction."""
    quantity: Quantity | None
    course: Course | None = None
    """What it prescribes of radiotherapy."""

    @property
    def when(self) -> Moment | None:
        return self.authored


class Medication(Fact, frozen=True, kw_only=True):
    """A medicine requested, given, dispensed or stated, on record or as a draft of this session."""

    kind: Literal["request", "administration", "statement", "dispense"]
    status: Literal["draft", "active", "on-hold", "completed", "stopped", "unknown"]
    intent: str
    authored: Moment | None
    """authoredOn, effective[x] or whenHandedOver."""
    ended: Moment | None
    dose: Quantity | None
    """One dose. Several dosage lines that differ: ``None``."""
    daily: Quantity | None
    """What a day amounts to, when dose and timing say so; ``None`` when they do not."""
    interval_days: int | None
    """Days between doses, when the timing is of days or longer."""
    route: str
    way: str = ""
    """Our name for the route: ``oral``, ``intravenous``, ...; empty when it is not known."""
    given: frozenset[str] = frozenset()
    """Concepts of how it goes, in the words of its name and its order: by injection, or where it treats a place."""
    least_daily: Quantity | None = None
    """The least that a day may come to, in a range or "as needed"; the daily dose itself where it is one number."""
    most_daily: Quantity | None = None
    as_needed: bool = False
    once: bool = False
    """A single dose, which has no daily amount."""
    days: Decimal | None = None
    """For how long, where the order says so."""
    dosing: Dosing = Dosing()
    """All steps of a taper; what stands above is the step in force."""
    product: Product = Product()
    unclear: tuple[Unclear, ...] = ()
    """What was not understood of it: dose, strength, frequency, which step is in force."""
    replaces: str = ""
    """Reference of the order whose place it takes."""

    @property
    def peak(self) -> Quantity | None:
        """The most that a day may come to over all steps of a taper; ``None`` when a day is open."""
        most = [step.daily.bounds[1] for step in self.dosing.steps if step.daily is not None]
        amounts = [amount for amount in (self.most_daily, *most) if amount is not None]
        if self.most_daily is None or len({amount.unit for amount in amounts}) > 1:
            return self.most_daily
        return max(amounts, key=lambda amount: amount.value)

    @property
    def content(self) -> Quantity | None:
        """What one container of the product holds, when its name says so."""
        held = self.product.content
        return held.quantity if held is not None else None

    draft: bool
    selected: bool
    reasons: frozenset[str]
    text: str
    """Medication text, dosage text, notes and reason text."""

    @property
    def listed(self) -> bool:
        """An order or a statement; the other kinds are single doses."""
        return self.kind in {"request", "statement"}

    @property
    def was_given(self) -> bool:
        """A dose that was given or handed out, or is being given: an order alone proves none."""
        return self.status in {"completed", "active"} and not (self.listed or self.draft)

    @property
    def planned(self) -> bool:
        """Only proposed or planned: nobody has asked for it yet."""
        return self.intent in {"proposal", "plan", "option"}

    @property
    def when(self) -> Moment | None:
        return self.authored


class Prohibition(Fact, frozen=True, kw_only=True):
    """What somebody asked not to do or give (``doNotPerform``); the concepts are those of the drug or study."""

    authored: Moment | None
    text: str

    @property
    def when(self) -> Moment | None:
        return self.authored


class Allergy(Fact, frozen=True, kw_only=True):
    """An allergy or intolerance that is active and not refuted."""

    recorded: Moment | None

    @property
    def when(self) -> Moment | None:
        return self.recorded


class Device(Fact, frozen=True, kw_only=True):
    """A device that the patient carries."""

    text: str


class Encounter(Fact, frozen=True, kw_only=True):
    status: str
    start: Moment | None
    end: Moment | None

    @property
    def when(self) -> Moment | None:
        return self.start


Setting = Literal["inpatient", "emergency", "outpatient", "community", ""]
"""Where care happens now; empty when that is not known."""


class User(Struct, frozen=True, kw_only=True):
    """Who asks, as a PractitionerRole says it: codes and words, in small letters."""

    roles: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    acting: bool = True
    """Each is what they act as now; ``False``: several roles are theirs, and nobody says which."""


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """A draft of the session as the client sent it: its reference and its JSON, for update actions."""

    reference: str
    body: bytes = field(repr=False)
