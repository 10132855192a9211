"""The aims of care, as far as the record states them."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.findings.cancer import Truth, truth

COMFORT = ("hospice", "comfort-care", "palliative-care")


@finding
def comfort_care(case: Case) -> Truth:
    """Hospice or comfort care (rules.md 4.4): an encounter, a palliative referral in force, or a condition that says so.

    A do-not-resuscitate order is none of these and silences nothing.
    """
    encounters = tuple(fact for fact in case.encounters.of(*COMFORT) if fact.status != "finished")
    conditions = tuple(fact for fact in case.conditions.of(*COMFORT) if fact.state == "active")
    orders = tuple(
        order for order in case.orders.of(*COMFORT, "palliative-referral") if order.status in {"active", "completed"}
    )
    return truth((*encounters, *conditions, *orders), (*COMFORT, "palliative-referral"))
