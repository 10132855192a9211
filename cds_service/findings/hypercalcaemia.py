"""Hypercalcaemia as a clinical picture: the calcium that stands now, its symptoms and dangers, treatment and trend."""

from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical import Case, Fact, Limit, Measured, Medication, Observation, Quantity, Span, finding, said
from cds_service.findings.calcium import (
    KINDS,
    Calcium,
    CalciumLimits,
    Level,
    calcium_results,
    firm_level,
    gravest,
    newest_together,
    unreadable_calcium,
)
from cds_service.findings.cord import neurology

SYMPTOMS = (
    "constipation",
    "fatigue",
    "thirst",
    "polyuria",
    "nausea-vomiting",
    "anorexia",
    "dehydration",
    "generalised-weakness",
    "confusion",
    "drowsiness",
    "coma",
)
NEUROPSYCHIATRIC = frozenset({"confusion", "drowsiness", "coma"})
DANGERS = ("coma", "arrhythmia", "acute-kidney-injury")
"""With a raised calcium each of them makes hypercalcaemia severe whatever its value."""
_FLUIDS = ("iv-fluid", "iv-fluids", "sodium-chloride-0.9")
_HIGH: frozenset[Level] = frozenset({"raised", "treat", "severe"})
_GRAVE: frozenset[Level] = frozenset({"treat", "severe"})


@dataclass(frozen=True, slots=True)
class Current:
    """The calcium that counts now, judged."""

    result: Calcium
    level: Level
    firm: Level
    """The level without any assumption about units."""
    together: tuple[Calcium, ...]
    """All results that stand, this one among them."""

    @property
    def high(self) -> bool:
        return self.level in _HIGH

    @property
    def grave(self) -> bool:
        """At the treat level or above."""
        return self.level in _GRAVE

    @property
    def open(self) -> bool:
        """Not high as it reads, but a comparator or a unit leaves that open."""
        return not self.high and self.level == "unknown"

    @property
    def uncertain(self) -> bool:
        """No albumin, or a unit that was assumed, and the level rests on that: at most a warning."""
        return (self.result.unit_assumed or self.result.kind == "total") and self.firm not in _GRAVE


@finding
def current_calcium(case: Case, age: Span, limits: CalciumLimits) -> Current | None:
    """The gravest of the calcium results that stand now; ``None`` without a usable one within ``age``."""
    together = newest_together(calcium_results(case, age, limits.reading), limits.reading)
    judged = gravest(together, limits)
    return None if judged is None else Current(*judged, firm_level(judged[0], limits), together)


@finding
def newer_unreadable(case: Case, age: Span, current: Current | None) -> tuple[Observation, ...]:
    """Calcium results that no unit can be given to and that are not older than the current one."""
    unreadable = unreadable_calcium(case, age)
    if current is None or (since := current.result.fact.when) is None:
        return unreadable
    return tuple(fact for fact in unreadable if fact.when is not None and fact.when.last >= since.last)


def last_calcium(case: Case) -> Observation | None:
    """The newest calcium with a value whenever it was; without any, the newest one of all."""
    results = case.observations.of(*KINDS)
    return next((fact for fact in results if fact.value is not None), next(iter(results), None))


@dataclass(frozen=True, slots=True)
class SymptomLimits:
    """How recent a symptom of hypercalcaemia must be, and how many kinds are enough."""

    symptom_window: Span
    symptoms_needed: int
    neuropsychiatric_needed: int | None = None
    """Enough of confusion, drowsiness and coma alone; left out, they count like the others."""


@dataclass(frozen=True, slots=True)
class Symptoms:
    """Recent symptoms, and whether they are enough to speak of symptomatic hypercalcaemia."""

    facts: tuple[Fact, ...]
    enough: bool


@finding
def symptoms(case: Case, limits: SymptomLimits) -> Symptoms:
    """Symptoms within the window; one that was recorded twice counts once."""
    facts = recent_signs(case, limits.symptom_window, *SYMPTOMS)
    kinds = {concept for fact in facts for concept in fact.concepts}.intersection(SYMPTOMS)
    minds = limits.neuropsychiatric_needed
    clouded = minds is not None and len(kinds & NEUROPSYCHIATRIC) >= minds
    return Symptoms(facts, len(kinds) >= limits.symptoms_needed or clouded)


@finding
def recent_signs(case: Case, window: Span, *concepts: str) -> tuple[Fact, ...]:
    """Symptoms and signs of these value sets that began (else were recorded) within the window; doubted ones are none."""
    return tuple(fact for fact in neurology(case, window, *concepts).recent if not fact.suspected)


def names_of(signs: tuple[Fact, ...]) -> tuple[str, ...]:
    """What the record calls these signs, each once: the label, with the answer where the label is only the question."""
    return tuple(dict.fromkeys(_named(sign) for sign in signs))


def _named(sign: Fact) -> str:
    answered = isinstance(sign, Observation) and sign.value is None and sign.text
    return said("{sign}: {answer}", sign=sign.called, answer=answered) if answered and not sign.short else sign.called


@finding
def fluids(case: Case, window: Span) -> tuple[Fact, ...]:
    """Intravenous fluids given, running or ordered within the window."""
    orders = (order for order in case.orders.of(*_FLUIDS) if order.status in {"active", "completed", "draft"})
    return (
        *medicine_within(case, window, *_FLUIDS),
        *case.recent(case.procedures.of(*_FLUIDS), window),
        *(order for order in orders if order.draft or case.within(order.authored, window)),
    )


@finding
def medicine_within(case: Case, window: Span, *concepts: str) -> tuple[Medication, ...]:
    """Doses given, and orders that stand or were carried out, within the window; drafts of the session count."""
    return tuple(
        fact
        for fact in case.medications.of(*concepts)
        if fact.draft
        or (not (fact.planned or fact.status in {"stopped", "on-hold", "draft"}) and case.within(fact.when, window))
    )


@finding
def before_now(case: Case, limits: CalciumLimits, current: Current) -> Calcium | None:
    """The newest earlier result that can be compared with the current one: of the same kind, of another time."""
    when = current.result.fact.when
    if when is None:
        return None
    for result in calcium_results(case, limits.calcium_age, limits.reading):
        earlier = result.fact.when is not None and result.fact.when.last < when.first
        if earlier and result.kind == current.result.kind and not result.comparator:
            return result
    return None


def is_falling(current: Calcium, earlier: Calcium | None) -> bool:
    """Whether calcium is lower than before; never on a preliminary or open (``<3``) result."""
    if earlier is None or current.preliminary or current.comparator:
        return False
    return Limit((earlier.value,)).side(current.value) == -1


def calcitonin_dose(per_kg: Decimal, weight: Measured | None) -> Quantity | None:
    """The dose of calcitonin in whole IU for a body weight; ``None`` without one."""
    if weight is None:
        return None
    return Quantity((per_kg * weight.value.to("kg").value).quantize(Decimal(1)), "[IU]")


def calcium_ordered(case: Case, window: Span) -> tuple[Fact, ...]:
    """Requests for a calcium that stand: ordered within the window, or drafts of this session."""
    standing = (order for order in case.orders.of(*KINDS) if order.status in {"active", "on-hold", "draft"})
    return tuple(order for order in standing if order.draft or case.within(order.authored, window))
