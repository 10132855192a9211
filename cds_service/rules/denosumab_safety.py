"""Denosumab 120 mg against calcium, kidneys, vitamin D, the other denosumab product and its interval."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Medication, Observation
from cds_service.findings.bone_agent_safety import (
    CalciumLevels,
    CalciumState,
    calcium_state,
    vitamin_d,
    vitamin_d_is_low,
)
from cds_service.findings.bone_agents import Course, courses, dose_days, osteoporosis_product, strength
from cds_service.findings.cancer import in_scope
from cds_service.findings.care_setting import hospice_or_comfort
from cds_service.findings.medicines import on_medicine
from cds_service.findings.renal import creatinine_clearance, latest, on_dialysis
from cds_service.findings.zoledronate import says_hypercalcaemia
from cds_service.outcomes import CannotTell, Evidence, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Moment, Span
from cds_service.terminology.quantities import Limit, Quantity, below

_DRUG = "denosumab"


def denosumab_safety(
    case: Case,
    *,
    calcium_lower_limit: Limit,
    ionised_lower_limit: Limit,
    calcium_age: Span,
    albumin_window: Span,
    minimum_clearance: Quantity,
    creatinine_age: Span,
    weight_age: Span,
    vitamin_d_low: Limit,
    vitamin_d_age: Span,
    osteoporosis_lookback: Span,
    earliest_interval: int,
    latest_interval: int,
    treatment_lookback: Span,
) -> Outcome:
    """Fire on a draft of denosumab that is not safe; on opening the chart, on doses that came too early or are late."""
    timing = _Timing(earliest_interval, latest_interval, treatment_lookback)
    if case.hook == "patient-view":
        return _on_opening(case, timing)
    drafts = case.selected_medications(_DRUG)
    if not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    levels = CalciumLevels(lower=calcium_lower_limit, ionised_lower=ionised_lower_limit)
    known = _Known(
        calcium_state(case, calcium_age, albumin_window, levels),
        _kidneys(case, minimum_clearance, creatinine_age, weight_age),
        vitamin_d(case, vitamin_d_age),
        vitamin_d_low,
        osteoporosis_product(case, _DRUG, osteoporosis_lookback),
    )
    outcomes = [_judge(case, draft, known, timing) for draft in drafts]
    return next((outcome for outcome in outcomes if isinstance(outcome, Fired)), outcomes[0])


@dataclass(frozen=True, slots=True)
class _Timing:
    """Days between doses, and for how long a course counts as running."""

    earliest: int
    latest: int
    lookback: Span


@dataclass(frozen=True, slots=True)
class _Known:
    """What the record tells about this patient's safety."""

    calcium: CalciumState
    kidneys: tuple[Fact, ...]
    """Why the kidneys call for care; empty when they do not, as far as is known."""
    vitamin_d: Observation | None
    vitamin_d_limit: Limit
    osteoporosis: tuple[Medication, ...]


def _kidneys(case: Case, minimum: Quantity, creatinine_age: Span, weight_age: Span) -> tuple[Fact, ...]:
    """Dialysis, advanced chronic kidney disease, or a clearance (failing it, an eGFR) below the minimum."""
    found: list[Fact] = list(on_dialysis(case, creatinine_age).facts)
    found += [fact for fact in case.conditions.of("chronic-kidney-disease") if fact.state == "active"]
    clearance = creatinine_clearance(case, creatinine_age, weight_age)
    if clearance.value is not None:
        low = below(clearance.value, clearance.comparator, Limit((minimum,)))
        return (*found, *clearance.evidence) if low else tuple(found)
    egfr = latest(case, creatinine_age, "egfr")
    if egfr is not None and egfr.value is not None:
        limit = Limit((Quantity(minimum.value, egfr.value.unit),))
        found += [egfr] if below(egfr.value, egfr.comparator, limit) else []
    return tuple(found)


def _judge(case: Case, draft: Medication, known: _Known, timing: _Timing) -> Outcome:
    """The gravest thing about a draft: the other product, an allergy, low calcium, cautions, timing."""
    course = _course(case)
    other = _other_product(case, draft, known, course)
    if other:
        return _fired("duplicate", draft, known, other, offers=_cancel(draft))
    if strength(draft) == "osteoporosis":
        return NotFired("osteoporosis_product", (evidence_of(draft),))
    allergy = case.allergies.of("denosumab-allergy")
    if allergy:
        return _fired("allergy", draft, known, allergy, offers=_cancel(draft))
    if known.calcium.level == "low":
        return _low_calcium(draft, known)
    if known.calcium.level == "unknown" and case.lacking("observations"):
        return CannotTell(case.lacking("observations"))
    cautions = _cautions(case, known)
    if cautions:
        return _fired(cautions[0], draft, known, known.kidneys, notes=cautions[1:], offers=_tests(known, cautions))
    return _interval(case, draft, course, timing)


def _other_product(case: Case, draft: Medication, known: _Known, course: Course | None) -> tuple[Fact, ...]:
    """The other denosumab product beside this draft: 60 mg beside 120 mg, or the reverse."""
    if strength(draft) != "osteoporosis":
        return known.osteoporosis
    drafted = tuple(
        other
        for other in case.medications.of(_DRUG)
        if other.draft and other is not draft and strength(other) == "oncology"
    )
    in_force = tuple(order for order in course.orders if strength(order) == "oncology") if course else ()
    return (*drafted, *in_force, *(course.doses[:1] if course and not in_force else ()))


def _low_calcium(draft: Medication, known: _Known) -> Fired:
    """Low calcium: correct it first. An uncorrected total, or a result with an assumed unit, is at most a warning."""
    calcium = known.calcium
    cap = calcium.uncorrected or (calcium.result is not None and calcium.result.unit_assumed)
    notes = ["uncorrected"] if calcium.uncorrected else []
    notes += ["vitamin_d_low"] if vitamin_d_is_low(known.vitamin_d, known.vitamin_d_limit) else []
    notes += ["kidneys"] if known.kidneys else []
    fired = _fired(
        "low_calcium",
        draft,
        known,
        (*calcium.sources, *known.kidneys),
        notes=tuple(notes),
        offers=(*_cancel(draft), Offer("calcium"), *(() if known.vitamin_d else (Offer("vitamin_d"),))),
    )
    return Fired(fired.message, fired.evidence, fired.words, fired.notes, fired.offers, "warning" if cap else None)


def _cautions(case: Case, known: _Known) -> tuple[str, ...]:
    """What calls for care, the most pressing first: the first becomes the message, the others its notes."""
    unknown = not (known.calcium.firm and known.calcium.level in {"normal", "high"})
    on_record = any(fact.state == "active" for fact in case.conditions.of("hypocalcaemia"))
    checks = (
        ("no_calcium", unknown),
        ("kidneys", bool(known.kidneys)),
        ("vitamin_d_low", vitamin_d_is_low(known.vitamin_d, known.vitamin_d_limit)),
        ("hypocalcaemia_on_record", unknown and on_record),
    )
    return tuple(name for name, holds in checks if holds)


def _tests(known: _Known, cautions: tuple[str, ...]) -> tuple[Offer, ...]:
    calcium = (Offer("calcium"),) if "no_calcium" in cautions else ()
    return (*calcium, *(() if known.vitamin_d else (Offer("vitamin_d"),)))


def _interval(case: Case, draft: Medication, course: Course | None, timing: _Timing) -> Outcome:
    """How long ago the last dose was given; loading doses against hypercalcaemia follow a plan of their own."""
    if says_hypercalcaemia(draft):
        return NotFired("for_hypercalcaemia", (evidence_of(draft),))
    days = dose_days(course.doses) if course else ()
    since = case.days_since(days[0]) if days else None
    if since is None or course is None:
        return not_found(case, "safe", "medications", "allergies", evidence=(evidence_of(draft),))
    if since < timing.earliest:
        return _timed("early", course, since, draft)
    if since > timing.latest:
        return _timed("late", course, since, draft)
    return NotFired("interval_fits", (evidence_of(draft), evidence_of(course.doses[0])))


def _on_opening(case: Case, timing: _Timing) -> Outcome:
    """On patient-view: the newest dose came too early, or the next one is late."""
    course = _course(case)
    days = dose_days(course.doses) if course else ()
    if courses(case) and courses(case)[0].agent != _DRUG:
        return NotFired("switched", tuple(evidence_of(fact) for fact in courses(case)[0].facts))
    if course is None or not days or not case.within(days[0], timing.lookback):
        return not_found(case, "not_on_denosumab", "medications")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    if hospice_or_comfort(case):
        return NotFired("comfort_care", tuple(evidence_of(fact) for fact in hospice_or_comfort(case).facts[:2]))
    since = case.days_since(days[0])
    if since is not None and since > timing.latest:
        return _timed("late", course, since)
    if len(days) > 1 and (gap := _days_between(days[0], days[1])) < timing.earliest:
        return _timed("given_early", course, gap)
    return NotFired("interval_fits", (evidence_of(course.doses[0]),))


def _days_between(later: Moment, earlier: Moment) -> int:
    return (later.last.date() - earlier.last.date()).days


def _course(case: Case) -> Course | None:
    """Denosumab of the cancer strength, or of unknown strength while the osteoporosis product is not in use."""
    course = next((each for each in courses(case) if each.agent == _DRUG), None)
    if course is None or any(strength(fact) == "oncology" for fact in (*course.doses, *course.orders)):
        return course
    return None if any(strength(fact) == "osteoporosis" for fact in on_medicine(case, _DRUG)) else course


def _timed(message: str, course: Course, days: int, draft: Medication | None = None) -> Fired:
    facts = dict.fromkeys((*((draft,) if draft else ()), *course.doses[:2]))
    words: dict[str, Word] = {"days": days, "last": course.last or "", "agent": course.label}
    return Fired(message, tuple(evidence_of(fact) for fact in facts), words=words)


def _cancel(draft: Medication) -> tuple[Offer, ...]:
    return () if "#" in draft.reference else (Offer("cancel", {}, draft.reference),)


def _fired(
    message: str,
    draft: Medication,
    known: _Known,
    deciding: tuple[Fact, ...],
    notes: tuple[str, ...] = (),
    offers: tuple[Offer, ...] = (),
) -> Fired:
    calcium, measured = known.calcium, known.vitamin_d
    words: dict[str, Word] = {
        "calcium": calcium.value or "not on record",
        "vitamin_d": measured.value if measured and measured.value else "not on record",
        "other": tuple(dict.fromkeys(_named(fact) for fact in deciding)),
        "drafted": _named(draft),
    }
    notes = notes if strength(draft) != "unknown" else (*notes, "dose_not_stated")
    return Fired(message, _evidence(draft, known, deciding), words=words, notes=notes, offers=offers)


def _named(fact: Fact) -> str:
    """A medicine by its label and dose, anything else by its label."""
    dose = fact.dose if isinstance(fact, Medication) else None
    return f"{fact.label} {dose}" if dose is not None and str(dose) not in fact.label else fact.label


def _evidence(draft: Medication, known: _Known, deciding: tuple[Fact, ...]) -> tuple[Evidence, ...]:
    vitamin = (known.vitamin_d,) if known.vitamin_d else ()
    facts = dict.fromkeys((*deciding[:4], draft, *known.calcium.sources, *vitamin))
    return tuple(evidence_of(fact) for fact in facts)
