"""Chest imaging and lung function in the follow-up of treated metastases."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import SPREAD, in_scope, metastases
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.disease_status import disease_status, is_controlled, is_progressing
from cds_service.findings.finding import Finding, since, summed_up
from cds_service.findings.naming import called
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.surveillance import FollowUp, Schedule, follow_up
from cds_service.findings.systemic_therapy import cancer_treatment
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span


def surveillance_imaging(
    case: Case,
    *,
    disease_status_age: Span,
    early_interval: Span,
    late_interval: Span,
    early_until: Span,
    ends: Span,
    grace: Span,
) -> Outcome:
    """Fire when treated metastases were not imaged within the interval that holds now, and the grace after it."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    spread = _spread_ever_treated(case)
    if not spread:
        return not_found(case, "no_metastases", "conditions", "observations", "reports")
    aims = comfort_care(case)
    if aims:
        return NotFired("comfort_care", _quoted(aims.facts))
    status = disease_status(case, disease_status_age)
    if status is not None and is_progressing(status):
        return NotFired("progressing", (evidence_of(status),))
    treatment = cancer_treatment(case)
    if not (treatment or is_controlled(status) or _in_remission(spread)):
        return not_found(case, "untreated", "medications", "procedures", evidence=_quoted(spread.facts))
    place = follow_up(case, since(spread), Schedule(early_interval, late_interval, early_until, ends, grace))
    seen = tuple(fact for fact in (place.last, place.order) if fact is not None)
    if place.state != "overdue":
        return NotFired(place.state.replace("-", "_"), _quoted((*spread.facts[:2], *seen)))
    facts = (*spread.facts[:3], *seen, *([status] if status is not None else []), *treatment[:2])
    return Fired(
        "overdue" if place.last is not None else "never_imaged",
        _quoted(facts),
        _words(spread, place),
        ("not_seen",) if case.lacking("reports", "procedures", "orders") else (),
        _offers(case, place),
    )


def _spread_ever_treated(case: Case) -> Finding:
    """Active metastases, else metastases that the record says are in remission or resolved."""
    past = tuple(fact for fact in case.conditions.of(*SPREAD) if fact.state != "active")
    return metastases(case) or summed_up(past, SPREAD)


def _in_remission(spread: Finding) -> bool:
    return all(getattr(fact, "state", "active") != "active" for fact in spread.facts)


def _words(spread: Finding, place: FollowUp) -> dict[str, Word]:
    last = place.last.when if place.last is not None else None
    return {
        "disease": called(spread.facts),
        "last": last if last is not None else "none on record",
        "due": place.due.isoformat() if place.due is not None else "",
        "interval": str(place.interval),
    }


def _offers(case: Case, place: FollowUp) -> tuple[Offer, ...]:
    tested = place.interval is not None and done_or_ordered(case, place.interval, "lung-function")
    return (Offer("chest_imaging"), *(() if tested else (Offer("lung_function"),)))


def _quoted(facts: tuple[Fact, ...]) -> tuple[Evidence, ...]:
    return tuple(evidence_of(fact) for fact in tuple(dict.fromkeys(facts))[:7])
