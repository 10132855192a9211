"""Radiotherapy under way or just finished: blood count and side effects."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import in_scope
from cds_service.findings.studies import ordered
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span

_COUNTS = ("full-blood-count", "haemoglobin", "platelets")
_REFERRALS = frozenset({"referral-radiation-oncology"})


def radiotherapy_toxicity(case: Case, *, after_radiotherapy: Span, blood_count_age: Span) -> Outcome:
    """Fire while radiotherapy is under way, ordered or was finished within the window, and no blood count is at hand."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    courses: list[Fact] = [
        course
        for course in case.procedures.of("radiotherapy")
        if course.status == "in-progress"
        or (course.status in {"completed", "stopped"} and case.within(course.when, after_radiotherapy))
    ]
    orders = ordered(case, after_radiotherapy, "radiotherapy")
    courses += [order for order in orders if not order.concepts & _REFERRALS]
    if not courses:
        return not_found(case, "no_radiotherapy", "procedures", "orders")
    counts: list[Fact] = [fact for fact in case.observations.of(*_COUNTS) if case.within(fact.when, blood_count_age)]
    counts += ordered(case, blood_count_age, *_COUNTS)
    if counts:
        return NotFired("blood_count_at_hand", tuple(evidence_of(fact) for fact in counts[:3]))
    if case.lacking("observations"):
        return not_found(case, "no_radiotherapy", "observations")
    sites: frozenset[str] = frozenset().union(*(getattr(course, "sites", frozenset()) for course in courses))
    return Fired(
        "check_blood_count",
        tuple(evidence_of(fact) for fact in courses[:4]),
        words={"course": courses[0].label},
        notes=("pelvis",) if "site-pelvis" in sites else (),
        offers=(Offer("full_blood_count"),),
    )
