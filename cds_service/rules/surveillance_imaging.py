"""Chest imaging and lung function in the follow-up of treated metastases."""

from cds_service.clinical import Case, parse_moment, said
from cds_service.findings.cancer import metastases
from cds_service.findings.disease_course import Schedule, disease_status, follow_up
from cds_service.findings.finding import summed_up
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.treatment import cancer_treatment
from cds_service.ladder import Ladder, absent, cancer_ladder, cards, silent


@cancer_ladder
def surveillance_imaging(case: Case, *, schedule: Schedule) -> Ladder:
    """Fire when treated metastases were not imaged within the interval that holds now, and the grace after it."""
    present, anywhere = metastases(case), case.groups["spread"]
    # Without any that is active, those that the record says are in remission or resolved: they were treated.
    spread = present or summed_up(case.conditions.of(*anywhere), anywhere)
    yield absent("no_metastases", spread, needs=("conditions", "observations", "reports"))
    yield silent("comfort_care", comfort_care(case))
    status, treatment = disease_status(case, schedule.disease_status_age), cancer_treatment(case)
    yield silent("progressing", status.progressing, status)
    treated = treatment or status.controlled or not present
    yield absent("untreated", treated, spread, needs=("medications", "procedures"))
    place = follow_up(case, spread.since, schedule)
    for state in ("no_onset", "ended", "on_schedule", "ordered"):
        yield silent(state, place.state == state, spread.facts[:2], place.last, place.order)

    tested = place.interval is not None and done_or_ordered(case, place.interval, "lung-function")
    yield from cards(
        {"overdue": place.last, "never_imaged": True},
        *(spread.facts[:3], place.last, status, treatment[:2]),
        words={
            "disease": spread,
            "last": place.last.when if place.last is not None and place.last.when else said("none on record"),
            "due": (parse_moment(place.due.isoformat()) if place.due else None) or "",
            "interval": said("{interval}", interval=place.interval),
        },
        offers={"chest_imaging": True, "lung_function": not tested},
    )
