"""The aims of care, as far as the record states them."""

from cds_service.clinical import Case, finding
from cds_service.findings.finding import Finding, summed_up

COMFORT = ("hospice", "comfort-care", "palliative-care")


@finding
def comfort_care(case: Case) -> Finding:
    """Hospice or comfort care: an encounter, a palliative referral in force, or a condition that says so.

    A do-not-resuscitate order is none of these and silences nothing.
    """
    return _aims(case, COMFORT, "palliative-referral")


@finding
def hospice_or_comfort(case: Case) -> Finding:
    """Hospice or comfort care only; palliative care beside active treatment is none of it."""
    return _aims(case, ("hospice", "comfort-care"))


@finding
def short_prognosis(case: Case) -> Finding:
    """A life expectancy of less than three months, or terminal illness, in code or words."""
    stated = [fact for fact in case.observations.of("terminal-prognosis") if fact.present is not False]
    return summed_up((*case.active("terminal-prognosis"), *stated), ("terminal-prognosis",))


def _aims(case: Case, concepts: tuple[str, ...], *orders: str) -> Finding:
    encounters = [fact for fact in case.encounters.of(*concepts) if fact.status != "finished"]
    ordered = [one for one in case.orders.of(*concepts, *orders) if one.status in {"active", "completed"}]
    return summed_up((*encounters, *case.active(*concepts), *ordered), (*concepts, *orders))
