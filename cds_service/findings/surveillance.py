"""Follow-up imaging of the chest after treatment of metastases: when it was last done, and when it is due."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cds_service.clinical import Case, Fact, Moment, Span, finding
from cds_service.findings.disease_status import disease_status, is_controlled
from cds_service.findings.studies import done, ordered


@dataclass(frozen=True, slots=True)
class Schedule:
    """Imaging every ``early_interval`` until ``early_until`` after the onset, then every ``late_interval`` until ``ends``."""

    early_interval: Span
    late_interval: Span
    early_until: Span
    ends: Span
    grace: Span


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Where the patient stands in the schedule."""

    state: Literal["on_schedule", "ordered", "overdue", "ended", "no_onset"]
    last: Fact | None = None
    """The last chest imaging within the interval and before it, if any is on record."""
    order: Fact | None = None
    due: date | None = None
    interval: Span | None = None


@finding
def follow_up(case: Case, onset: Moment | None, schedule: Schedule) -> FollowUp:
    """Compare the last chest imaging, or without one the onset, with the interval that holds now."""
    if onset is None:
        return FollowUp("no_onset")
    if not schedule.ends.reaches(onset, case.as_of):
        return FollowUp("ended")
    interval = schedule.early_interval if schedule.early_until.reaches(onset, case.as_of) else schedule.late_interval
    last = _last_imaging(case, schedule.ends)
    start = last.when if last is not None and last.when is not None else onset
    due = interval.after(start.last).date()
    allowed = Span(interval.months + schedule.grace.months, interval.days + schedule.grace.days)
    if allowed.reaches(start, case.as_of):
        return FollowUp("on_schedule", last, None, due, interval)
    waiting = ordered(case, allowed, "chest-imaging")
    return FollowUp("ordered" if waiting else "overdue", last, waiting[0] if waiting else None, due, interval)


@finding
def stable_on_schedule(case: Case, onset: Moment | None, status_age: Span, schedule: Schedule) -> tuple[Fact, ...]:
    """The documented stable or improved status, and the imaging that keeps to the schedule; empty when it does not hold."""
    status = disease_status(case, status_age)
    if status is None or not is_controlled(status):
        return ()
    place = follow_up(case, onset, schedule)
    if place.state in {"overdue", "no_onset"}:
        return ()
    return (status, *(fact for fact in (place.last, place.order) if fact is not None))


def _last_imaging(case: Case, reach: Span) -> Fact | None:
    images = [fact for fact in done(case, reach, "chest-imaging") if fact.when is not None]
    return min(images, key=lambda fact: case.days_since(fact.when) or 0, default=None)
