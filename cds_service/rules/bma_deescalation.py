"""Zoledronic acid every three to four weeks in controlled disease: twelve weeks will do."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Medication, Observation
from cds_service.findings.bone_agents import Course, drafted, in_use, stated_dose
from cds_service.findings.bone_disease import skeletal_events
from cds_service.findings.cancer import in_scope
from cds_service.findings.care_setting import hospice_or_comfort
from cds_service.findings.disease_status import disease_status, is_controlled, is_progressing
from cds_service.findings.renal import creatinine_clearance
from cds_service.findings.zoledronate import ClearanceDose, LabelDose, dose_for, says_hypercalcaemia
from cds_service.outcomes import CannotTell, Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Moment, Span
from cds_service.terminology.tables import Table


def bma_deescalation(
    case: Case,
    *,
    earliest: Span,
    latest: Span,
    frequent_up_to: int,
    spaced_interval: int,
    treatment_lookback: Span,
    event_window: Span,
    status_age: Span,
    creatinine_age: Span,
    weight_age: Span,
    doses: Table[ClearanceDose],
) -> Outcome:
    """Fire when zoledronic acid has been frequent for long enough, the disease is controlled, and no event is recent."""
    drafts = tuple(draft for draft in drafted(case, "zoledronic-acid") if not says_hypercalcaemia(draft))
    if case.hook != "patient-view" and not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    course = next(iter(in_use(case, treatment_lookback)), None)
    if course is not None and course.agent != "zoledronic-acid":
        return NotFired("not_on_zoledronic_acid", tuple(evidence_of(fact) for fact in course.facts))
    if course is None:
        return not_found(case, "not_on_zoledronic_acid", "medications")
    draft = next(iter(drafts), None)
    untimely = _untimely(case, course, draft, frequent_up_to, earliest)
    unstable = untimely or _unstable(case, event_window, status_age)
    if unstable is not None:
        return unstable
    dose = dose_for(creatinine_clearance(case, creatinine_age, weight_age), doses)
    status = disease_status(case, status_age)
    return _fire(case, course, draft, dose, status, late=_ago(case, course.first, latest), interval=spaced_interval)


def _untimely(
    case: Case, course: Course, draft: Medication | None, frequent_up_to: int, earliest: Span
) -> NotFired | None:
    """Not frequent (any more), or not for long enough."""
    spacing = (draft.interval_days if draft else None) or course.spacing
    evidence = tuple(evidence_of(fact) for fact in (*((draft,) if draft else ()), *course.facts))
    if spacing is None:
        return NotFired("interval_unknown", evidence)
    if spacing > frequent_up_to:
        return NotFired("already_spaced", evidence)
    return None if _ago(case, course.first, earliest) else NotFired("not_yet", evidence)


def _unstable(case: Case, event_window: Span, status_age: Span) -> NotFired | CannotTell | None:
    """A recent skeletal event, progression, no documented status, or the end of life."""
    events = skeletal_events(case, event_window)
    if events:
        return NotFired("recent_event", tuple(evidence_of(fact) for fact in events[:2]))
    status = disease_status(case, status_age)
    if status is not None and is_progressing(status):
        return NotFired("progression", (evidence_of(status),))
    if not is_controlled(status):
        return not_found(case, "status_unknown", "observations")
    comfort = hospice_or_comfort(case)
    return NotFired("comfort_care", tuple(evidence_of(fact) for fact in comfort.facts[:2])) if comfort else None


def _ago(case: Case, start: Moment | None, span: Span) -> bool:
    """At least so long ago: exactly on the day counts."""
    return start is not None and span.after(start.last).date() <= case.as_of.date()


def _fire(
    case: Case,
    course: Course,
    draft: Medication | None,
    label: LabelDose,
    status: Observation | None,
    *,
    late: bool,
    interval: int,
) -> Fired:
    """On opening an order every twelve weeks at the table's dose; while ordering, the draft's own interval."""
    offers: tuple[Offer, ...] = ()
    notes = ["late"] if late else []
    notes += [] if course.doses else ["doses_not_seen"]
    if draft is not None:
        dose = stated_dose(draft)
        if dose is not None and "#" not in draft.reference:
            offers = (Offer("space_draft", {"dose": dose, "interval": interval}, draft.reference),)
    elif label.dose is not None and course.coded:
        offers = (Offer("space", {"dose": label.dose, "interval": interval}),)
        notes.append("replace_order")
    else:
        notes.append("dose_open")
    facts = dict.fromkeys(
        (
            *((draft,) if draft else ()),
            *course.doses[:2],
            *course.doses[-1:],
            *course.orders[:1],
            *((status,) if status else ()),
        )
    )
    words = {
        "first": course.first or "date not recorded",
        "last": course.last or "date not recorded",
        "spacing": (draft.interval_days if draft else None) or course.spacing or "",
        "status": (status.text or status.label) if status else "",
        "interval": interval,
    }
    message = "order" if draft is not None else "review"
    return Fired(message, tuple(evidence_of(fact) for fact in facts), words=words, notes=tuple(notes), offers=offers)
