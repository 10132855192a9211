"""The course of the disease: what was found of late, what its status is said to be, and when the chest is imaged again."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cds_service.clinical import Case, Fact, Moment, Span, finding
from cds_service.findings.cancer import active_primary, bone_metastases, cannonball, lung_metastases, metastases
from cds_service.findings.finding import Finding, summed_up
from cds_service.findings.studies import done, ordered

_NAMED = ("pleural-metastasis", "liver-metastasis", "brain-metastasis", "epidural-metastasis", "bone-marrow-metastasis")
_NODULES = ("cannonball", "pulmonary-nodules")
_ADVANCED = frozenset({"stage-iii", "stage-iv"})
_PROGRESSING = frozenset({"status-worsened"})
_CONTROLLED = frozenset({"status-stable", "status-improved", "remission-full", "remission-partial"})


@finding
def new_disease(case: Case, window: Span) -> Finding:
    """Metastases or cannonball lesions whose organ is first mentioned within the window; empty when there are none.

    One in bone does not make one in the lungs old. Cannonball lesions without any date count as new: nobody can tell that
    they are old, and they need attention.
    """
    organs = (lung_metastases(case), bone_metastases(case), *(summed_up(case.active(name), (name,)) for name in _NAMED))
    found = [organ for organ in organs if is_new(case, organ, window)]
    found = found or [anywhere for anywhere in (metastases(case),) if is_new(case, anywhere, window)]
    if not found and ((lesions := cannonball(case)).since is None or is_new(case, lesions, window)):
        found = [lesions]
    concepts = (*case.groups["spread"], *_NODULES, "m-category")
    return summed_up([fact for part in found for fact in part.facts], concepts)


@finding
def advanced_primary(case: Case, window: Span) -> Finding:
    """An active primary first recorded within the window whose stage, on the problem or as a stage group, is III or IV."""
    primaries = (*case.groups["named-primaries"], "any-malignancy")
    active = active_primary(case, *primaries)
    if not is_new(case, active, window):
        return Finding(())
    staged = [fact for fact in active.facts if not fact.concepts.isdisjoint(_ADVANCED)]
    newest = case.recent(case.observations.of("stage-group"), window)[:1]
    graded = [fact for fact in newest if not fact.answers.isdisjoint(_ADVANCED)]
    return summed_up((*(staged or active.facts[: len(graded)]), *graded), primaries)


def is_new(case: Case, found: Finding, window: Span) -> bool:
    """Whether the earliest dated mention lies within the window. What has no date is not new; an old mention makes it old."""
    dated = [fact.when for fact in found.facts if fact.when is not None]
    return bool(dated) and all(case.within(moment, window) for moment in dated)


class DiseaseStatus(Finding, frozen=True):
    """The newest status that says something (mCODE Cancer Disease Status, LOINC 97509-4); empty without one."""

    controlled: bool = False
    """Stable, improved or in remission, and not worsened at the same time."""
    progressing: bool = False


@finding
def disease_status(case: Case, window: Span) -> DiseaseStatus:
    """The newest status within the window; "undetermined" says nothing."""
    for fact in case.recent(case.observations.of("disease-status"), window):
        progressing = not fact.answers.isdisjoint(_PROGRESSING)
        if progressing or not fact.answers.isdisjoint(_CONTROLLED):
            return DiseaseStatus((fact,), controlled=not progressing, progressing=progressing)
    return DiseaseStatus(())


@dataclass(frozen=True, slots=True)
class Schedule:
    """Imaging every ``early_interval`` until ``early_until`` after the onset, then every ``late_interval`` until ``ends``."""

    early_interval: Span
    late_interval: Span
    early_until: Span
    ends: Span
    grace: Span
    disease_status_age: Span


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
    if not case.within(onset, schedule.ends):
        return FollowUp("ended")
    interval = schedule.early_interval if case.within(onset, schedule.early_until) else schedule.late_interval
    images = [fact for fact in done(case, schedule.ends, "chest-imaging") if fact.when is not None]
    last = min(images, key=lambda fact: case.days_since(fact.when) or 0, default=None)
    start = (last and last.when) or onset
    due = interval.after(start.last).date()
    allowed = Span(interval.months + schedule.grace.months, interval.days + schedule.grace.days)
    if case.within(start, allowed):
        return FollowUp("on_schedule", last, None, due, interval)
    waiting = next(iter(ordered(case, allowed, "chest-imaging")), None)
    return FollowUp("ordered" if waiting else "overdue", last, waiting, due, interval)


@finding
def stable_on_schedule(case: Case, onset: Moment | None, schedule: Schedule) -> tuple[Fact, ...]:
    """The documented stable or improved status, and the imaging that keeps to the schedule; empty when it does not hold."""
    status = disease_status(case, schedule.disease_status_age)
    place = follow_up(case, onset, schedule) if status.controlled else FollowUp("no_onset")
    missed = place.state in {"overdue", "no_onset"}
    return () if missed else tuple(filter(None, (*status.facts, place.last, place.order)))
