"""Two years and more on a bone-modifying agent: is it still needed?"""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.bone_agents import Course, in_use
from cds_service.findings.bone_disease import skeletal_events
from cds_service.findings.cancer import in_scope
from cds_service.findings.care_setting import hospice_or_comfort
from cds_service.findings.disease_status import disease_status, is_controlled, is_progressing
from cds_service.findings.studies import ordered
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Moment, Span


def bma_two_year_review(
    case: Case,
    *,
    review_after: Span,
    treatment_lookback: Span,
    event_window: Span,
    status_age: Span,
    review_lookback: Span,
) -> Outcome:
    """Fire when a running treatment began as long ago as the review, or longer, and the disease is not progressing."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    running = in_use(case, treatment_lookback)
    if not running:
        return not_found(case, "not_on_agent", "medications")
    first = _first(running)
    if first is None or not _long_ago(case, first, review_after):
        return NotFired("not_yet", tuple(evidence_of(fact) for fact in running[0].facts))
    status = disease_status(case, status_age)
    silent = _silent(case, status, event_window, review_lookback)
    return silent or _fire(running, first, status)


def _silent(case: Case, status: Observation | None, event_window: Span, review_lookback: Span) -> NotFired | None:
    """A recent event or progression, comfort care, or a review that is on its way."""
    checks: tuple[tuple[str, tuple[Fact, ...]], ...] = (
        ("recent_event", skeletal_events(case, event_window)),
        ("progression", (status,) if status is not None and is_progressing(status) else ()),
        ("comfort_care", hospice_or_comfort(case).facts),
        ("review_ordered", ordered(case, review_lookback, "referral-oncology")),
    )
    for because, facts in checks:
        if facts:
            return NotFired(because, tuple(evidence_of(fact) for fact in facts[:2]))
    return None


def _fire(running: tuple[Course, ...], first: Moment, status: Observation | None) -> Fired:
    newest = running[0]
    notes = (
        ["denosumab_rebound"] if any(course.agent == "denosumab" for course in running) else ["bisphosphonate_stays"]
    )
    notes.append("controlled" if is_controlled(status) else "status_unknown")
    notes += ["doses_not_seen"] if not newest.doses else []
    facts: list[Fact] = [
        fact for course in running for fact in (*course.doses[:1], *course.doses[-1:], *course.orders[-1:])
    ]
    facts += [status] if status is not None else []
    return Fired(
        "review",
        tuple(evidence_of(fact) for fact in dict.fromkeys(facts)),
        words={
            "agent": newest.label,
            "first": first,
            "last": newest.last or "date not recorded",
            "status": status.text or status.label if status is not None else "not on record",
        },
        notes=tuple(notes),
        offers=(Offer("review"),),
    )


def _first(running: tuple[Course, ...]) -> Moment | None:
    """The earliest date on record of the treatments that are running; a change of agent does not begin it anew."""
    return min((course.first for course in running if course.first), key=lambda moment: moment.last, default=None)


def _long_ago(case: Case, first: Moment, review_after: Span) -> bool:
    """At least so long ago: exactly on the day counts."""
    return review_after.after(first.last).date() <= case.as_of.date()
