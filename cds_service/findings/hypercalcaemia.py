"""Hypercalcaemia as a clinical picture: the calcium that stands now, its symptoms and dangers, treatment and trend."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Medication, Observation
from cds_service.findings.calcium import (
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
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits

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
NEUROPSYCHIATRIC = ("confusion", "drowsiness", "coma")
DANGERS = ("coma", "arrhythmia", "acute-kidney-injury")
"""With a raised calcium each of them makes hypercalcaemia severe whatever its value."""

_CALCIUM = ("calcium-total", "calcium-corrected", "calcium-ionised")
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
    def uncertain(self) -> bool:
        """No albumin, or a unit that was assumed, and the level rests on that: at most a warning."""
        return (self.result.unit_assumed or self.result.kind == "total") and self.firm not in _GRAVE


@finding
def current_calcium(case: Case, age: Span, albumin_window: Span, limits: CalciumLimits) -> Current | None:
    """The gravest of the calcium results that stand now; ``None`` without a usable one within ``age``."""
    together = newest_together(calcium_results(case, age, albumin_window))
    judged = gravest(together, limits)
    if judged is None:
        return None
    result, level = judged
    return Current(result, level, firm_level(result, limits), together)


@finding
def newer_unreadable(case: Case, age: Span, current: Current | None) -> tuple[Observation, ...]:
    """Calcium results that no unit can be given to and that are not older than the current one."""
    unreadable = unreadable_calcium(case, age)
    if current is None or current.result.fact.when is None:
        return unreadable
    since = current.result.fact.when
    return tuple(fact for fact in unreadable if fact.when is not None and fact.when.last >= since.last)


@finding
def recent_signs(case: Case, window: Span, *concepts: str) -> tuple[Fact, ...]:
    """Symptoms and signs of these value sets that began (else were recorded) within the window; doubted ones are none."""
    return tuple(fact for fact in neurology(case, window, *concepts).recent if not getattr(fact, "suspected", False))


def kinds_of(signs: tuple[Fact, ...], concepts: tuple[str, ...]) -> frozenset[str]:
    """How many different ones they are: the value sets among ``concepts`` that they belong to."""
    return frozenset(concept for fact in signs for concept in fact.concepts if concept in concepts)


def named(sign: Fact) -> str:
    """What the record calls a sign: its label, and what was answered where the label is only the question."""
    answered = isinstance(sign, Observation) and sign.present is not True and sign.value is None and sign.text
    return f"{sign.label}: {answered}" if answered else sign.label


@finding
def fluids(case: Case, window: Span) -> tuple[Fact, ...]:
    """Intravenous fluids given, running or ordered within the window."""
    given: list[Fact] = [fact for fact in case.medications.of(*_FLUIDS) if _under_way(case, fact, window)]
    given += [fact for fact in case.procedures.of(*_FLUIDS) if case.within(fact.when, window)]
    given += [
        order
        for order in case.orders.of(*_FLUIDS)
        if order.status in {"active", "completed", "draft"} and (order.draft or case.within(order.authored, window))
    ]
    return tuple(given)


@finding
def medicine_within(case: Case, window: Span, *concepts: str) -> tuple[Medication, ...]:
    """Doses given, and orders that stand or were carried out, within the window; drafts of the session count."""
    return tuple(fact for fact in case.medications.of(*concepts) if _under_way(case, fact, window))


@finding
def before_now(case: Case, age: Span, albumin_window: Span, current: Current) -> Calcium | None:
    """The newest earlier result that can be compared with the current one: of the same kind, of another time."""
    when = current.result.fact.when
    if when is None:
        return None
    for result in calcium_results(case, age, albumin_window):
        earlier = result.fact.when is not None and result.fact.when.last < when.first
        if earlier and result.kind == current.result.kind and not result.comparator:
            return result
    return None


def is_falling(current: Calcium, earlier: Calcium | None) -> bool:
    """Whether calcium is lower than before; never on a preliminary or open (``<3``) result."""
    if earlier is None or current.preliminary or current.comparator:
        return False
    try:
        return Limit((earlier.value,)).compare(current.value) < 0
    except UnlikeUnits:
        return False


def calcitonin_dose(per_kg: Decimal, weight: Observation | None) -> Quantity | None:
    """The dose of calcitonin in whole IU for a body weight; ``None`` without one."""
    if weight is None or weight.value is None:
        return None
    return Quantity((per_kg * weight.value.to("kg").value).quantize(Decimal(1)), "[IU]")


def calcium_ordered(case: Case, window: Span) -> tuple[Fact, ...]:
    """Requests for a calcium that stand: ordered within the window, or drafts of this session."""
    return tuple(
        order
        for order in case.orders.of(*_CALCIUM)
        if order.draft or (order.status in {"active", "on-hold", "draft"} and case.within(order.authored, window))
    )


def _under_way(case: Case, medicine: Medication, window: Span) -> bool:
    if medicine.draft:
        return True
    if medicine.status in {"stopped", "on-hold", "draft"} or medicine.intent in {"proposal", "plan", "option"}:
        return False
    return case.within(medicine.when, window)
