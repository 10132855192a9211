"""Oxygen saturation: the newest plausible value in percent, whether on air or on oxygen, and the target that holds."""

from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical import (
    Case,
    Comparator,
    Fact,
    Limit,
    Medication,
    Observation,
    Order,
    Quantity,
    Span,
    finding,
    is_measured,
)
from cds_service.findings.finding import Finding, summed_up
from cds_service.findings.medicines import is_over

_AIR = Limit((Quantity(Decimal(21), "%"),))
"""The part of oxygen in air; more is added oxygen."""
_STILL = Limit((Quantity(Decimal(0), "L/min"),))


@dataclass(frozen=True, slots=True)
class Saturation:
    """One SpO2 or SaO2."""

    fact: Observation
    value: Quantity
    """In percent."""

    @property
    def comparator(self) -> Comparator:
        return self.fact.comparator


@dataclass(frozen=True, slots=True)
class Breathing:
    """What the patient breathes, as far as the record says."""

    on_oxygen: bool | None
    """``None``: the record does not say."""
    fact: Observation | None = None


@finding
def saturation(case: Case, age: Span) -> Saturation | None:
    """The newest saturation within ``age``; of one time the lowest."""
    readings = [
        Saturation(fact, percent)
        for fact in filter(is_measured, case.recent(case.observations.of("spo2"), age))
        if (percent := fact.value.converted("%")) is not None
    ]
    newest = readings[0].fact.when if readings else None
    same_time = [each for each in readings if each.fact.when == newest]
    return min(same_time, key=lambda each: each.value.value, default=None)


@finding
def breathing(case: Case, age: Span) -> Breathing:
    """On air or on oxygen, by the newest entries within ``age``: a flow, a fraction, or words, a saturation's own too."""
    said = [
        (added, fact)
        for fact in case.observations.of("inhaled-oxygen", "spo2")
        if case.within(fact.when, age) and (added := _added(fact)) is not None
    ]
    if not said:
        return Breathing(None)
    newest = said[0][1].when
    of_that_time = [(added, fact) for added, fact in said if fact.when == newest]
    return Breathing(*max(of_that_time, key=lambda pair: pair[0]))


@finding
def oxygen_orders(case: Case, age: Span) -> tuple[Fact, ...]:
    """Oxygen that is prescribed or being given: orders in force, medicines in force, procedures under way, drafts."""
    orders = (order for order in case.orders.of("oxygen-therapy") if order.status in {"active", "draft"})
    medicines = (medicine for medicine in case.medications.of("oxygen") if medicine.draft or _in_force(case, medicine))
    asked: tuple[Order | Medication, ...] = (*orders, *medicines)
    given = (fact for fact in case.procedures.of("oxygen-therapy") if fact.status == "in-progress")
    return (*(fact for fact in asked if fact.draft or fact.when is None or case.within(fact.when, age)), *given)


def _in_force(case: Case, medicine: Medication) -> bool:
    return medicine.status == "active" and not medicine.planned and not is_over(case, medicine)


@finding
def hypercapnic_risk(case: Case) -> Finding:
    """Documented risk of hypercapnic failure (COPD, obesity hypoventilation, hypercapnia before); a suspected one is none."""
    known = tuple(fact for fact in case.active("hypercapnic-risk") if not fact.suspected)
    return summed_up(known, ("hypercapnic-risk",))


def _added(fact: Observation) -> bool | None:
    """Whether an entry says that oxygen is added; ``None`` when it says nothing. Of a saturation only its words tell."""
    if "inhaled-oxygen" in fact.concepts and fact.value is not None and fact.present is None:
        side = (_STILL if fact.value.unit == "L/min" else _AIR).side(fact.value)
        return None if side is None else side > 0
    if "room-air" in fact.answers:
        return False
    if "added-oxygen" in fact.answers:
        return True
    return fact.present if "inhaled-oxygen" in fact.concepts else None
