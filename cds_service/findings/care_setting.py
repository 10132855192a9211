"""The aims of care, as far as the record states them."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.findings.finding import Finding, summed_up

COMFORT = ("hospice", "comfort-care", "palliative-care")


@finding
def comfort_care(case: Case) -> Finding:
    """Hospice or comfort care: an encounter, a palliative referral in force, or a condition that says so.

    A do-not-resuscitate order is none of these and silences nothing.
    """
    encounters = tuple(fact for fact in case.encounters.of(*COMFORT) if fact.status != "finished")
    conditions = tuple(fact for fact in case.conditions.of(*COMFORT) if fact.state == "active")
    orders = tuple(
        order for order in case.orders.of(*COMFORT, "palliative-referral") if order.status in {"active", "completed"}
    )
    return summed_up((*encounters, *conditions, *orders), (*COMFORT, "palliative-referral"))


@finding
def hospice_or_comfort(case: Case) -> Finding:
    """Hospice or comfort care only; palliative care beside active treatment is none of it."""
    wanted = ("hospice", "comfort-care")
    encounters = tuple(fact for fact in case.encounters.of(*wanted) if fact.status != "finished")
    conditions = tuple(fact for fact in case.conditions.of(*wanted) if fact.state == "active")
    orders = tuple(order for order in case.orders.of(*wanted) if order.status in {"active", "completed"})
    return summed_up((*encounters, *conditions, *orders), wanted)


@finding
def short_prognosis(case: Case) -> Finding:
    """A life expectancy of less than three months, or terminal illness, in code or words."""
    conditions = tuple(fact for fact in case.conditions.of("terminal-prognosis") if fact.state == "active")
    observations = tuple(fact for fact in case.observations.of("terminal-prognosis") if fact.present is not False)
    return summed_up((*conditions, *observations), ("terminal-prognosis",))
