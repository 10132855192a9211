"""Oxygen saturation: the newest plausible value in percent, whether on air or on oxygen, and the target that holds."""

from decimal import Decimal
from typing import NamedTuple

from cds_service.clinical import Case, Comparator, Fact, Limit, Observation, Quantity, Span, finding, is_measured
from cds_service.findings.finding import Finding, summed_up
from cds_service.findings.medicines import in_force
from cds_service.findings.studies import ordered

_AIR = Limit((Quantity(Decimal(21), "%"),))
"""The part of oxygen in air; more is added oxygen."""
_STILL = Limit((Quantity(Decimal(0), "L/min"),))


class Saturation(NamedTuple):
    """One SpO2 or SaO2, in percent."""

    fact: Observation
    value: Quantity
    comparator: Comparator


@finding
def saturation(case: Case, age: Span) -> Saturation | None:
    """The newest saturation within ``age``; of one time the lowest."""
    readings = [
        Saturation(fact, percent, fact.comparator)
        for fact in filter(is_measured, case.recent(case.observations.of("spo2"), age))
        if (percent := fact.value.converted("%")) is not None
    ]
    same_time = [each for each in readings if each.fact.when == readings[0].fact.when]
    return min(same_time, key=lambda each: each.value.value, default=None)


@finding
def breathing(case: Case, age: Span) -> tuple[bool | None, Observation | None]:
    """Whether oxygen is breathed, and the entry that says so: the newest within ``age`` of a flow, a fraction, or words.

    A saturation's own words count too; of one moment oxygen goes before air. ``None``: the record does not say.
    """
    entries = case.recent(case.observations.of("inhaled-oxygen", "spo2"), age)
    said = [(added, fact) for fact in entries if (added := _added(fact)) is not None]
    of_one_time = [(added, fact) for added, fact in said if fact.when == said[0][1].when]
    return max(of_one_time, key=lambda pair: pair[0], default=(None, None))


@finding
def oxygen_orders(case: Case, age: Span) -> tuple[Fact, ...]:
    """Oxygen that is prescribed or being given: orders in force, medicines in force, procedures under way, drafts."""
    orders = (order for order in ordered(case, age, "oxygen-therapy") if order.status != "on-hold")
    medicines = (
        one
        for one in case.medications.of("oxygen")
        if one.draft
        or (one.status == "active" and in_force(case, one) and (one.when is None or case.within(one.when, age)))
    )
    given = (fact for fact in case.procedures.of("oxygen-therapy") if fact.status == "in-progress")
    return (*orders, *medicines, *given)


@finding
def hypercapnic_risk(case: Case) -> Finding:
    """Documented risk of hypercapnic failure (COPD, obesity hypoventilation, hypercapnia before); a suspected one is none."""
    return summed_up(case.confirmed("hypercapnic-risk"), ("hypercapnic-risk",))


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
