"""Measure calcium: symptoms without a recent result, a stale high one, or a number that nobody can read."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.calcium import CalciumLimits
from cds_service.findings.cancer import cancer_name, in_scope
from cds_service.findings.care_setting import hospice_or_comfort
from cds_service.findings.hypercalcaemia import (
    NEUROPSYCHIATRIC,
    SYMPTOMS,
    Current,
    calcium_ordered,
    current_calcium,
    kinds_of,
    named,
    newer_unreadable,
    recent_signs,
)
from cds_service.findings.studies import ordered
from cds_service.outcomes import CannotTell, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit


def hypercalcaemia_bloods(
    case: Case,
    *,
    upper_limit: Limit,
    ionised_upper_limit: Limit,
    calcium_age: Span,
    albumin_window: Span,
    stale_window: Span,
    symptom_window: Span,
    symptoms_needed: int,
    neuropsychiatric_needed: int,
    ordered_within: Span,
) -> Outcome:
    """Fire when calcium is due in a patient with cancer: enough symptoms, or a result that cannot stand."""
    scope = in_scope(case)
    if not scope:
        return not_found(case, "no_cancer", "conditions")
    if missing := case.lacking("observations"):
        return CannotTell(missing)
    limits = CalciumLimits(upper=upper_limit, ionised_upper=ionised_upper_limit)
    signs = recent_signs(case, symptom_window, *SYMPTOMS)
    kinds = kinds_of(signs, SYMPTOMS)
    symptomatic = len(kinds) >= symptoms_needed or len(kinds.intersection(NEUROPSYCHIATRIC)) >= neuropsychiatric_needed
    current = current_calcium(case, calcium_age, albumin_window, limits)
    stale = current_calcium(case, stale_window, albumin_window, limits) if current is None else None
    due = _due(case, calcium_age, stale_window, current, stale, symptomatic)
    if isinstance(due, str):
        return not_found(case, due, "conditions", evidence=tuple(evidence_of(fact) for fact in signs))
    under_way: tuple[Fact, ...] = calcium_ordered(case, ordered_within)
    if due.offer == "albumin":
        under_way = ordered(case, ordered_within, "albumin")
    if under_way:
        return NotFired("ordered", tuple(evidence_of(fact) for fact in under_way))
    return Fired(
        due.message,
        tuple(evidence_of(fact) for fact in dict.fromkeys((*due.facts, *signs, *scope.facts[:1]))),
        words=_words(case, signs, due),
        notes=("comfort_care",) if hospice_or_comfort(case) else (),
        offers=(Offer(due.offer),),
    )


@dataclass(frozen=True, slots=True)
class _Due:
    """Why calcium (or only albumin) is due."""

    message: str
    facts: tuple[Fact, ...] = ()
    offer: str = "bloods"


def _due(
    case: Case, age: Span, stale_window: Span, current: Current | None, stale: Current | None, symptomatic: bool
) -> _Due | str:
    """What is due and why, or the name of the reason why nothing is."""
    unreadable = newer_unreadable(case, age, current)
    if unreadable:
        return _Due("unreadable", unreadable)
    if current is not None:
        return _with_calcium(current, symptomatic)
    old = stale.result.sources if stale is not None else ()
    if symptomatic:
        return _Due("symptoms", old)
    if stale is not None and stale.high:
        return _Due("stale", old)
    recorded = tuple(
        fact
        for fact in case.conditions.of("hypercalcaemia")
        if fact.state == "active" and not fact.suspected and case.within(fact.when, stale_window)
    )
    if recorded and stale is None:
        return _Due("recorded", recorded)
    return "no_symptoms"


def _with_calcium(current: Current, symptomatic: bool) -> _Due | str:
    if current.result.implausible:
        return _Due("unreadable", current.result.sources)
    if current.high:
        return "calcium_high"
    if not symptomatic:
        return "calcium_known"
    if current.level == "unknown":
        return _Due("unreadable", current.result.sources)
    return _Due("albumin", current.result.sources, "albumin") if current.result.kind == "total" else "calcium_known"


def _words(case: Case, signs: tuple[Fact, ...], due: _Due) -> dict[str, Word]:
    words: dict[str, Word] = {
        "cancer": cancer_name(case),
        "signs": tuple(dict.fromkeys(named(fact) for fact in signs)),
    }
    newest = due.facts[0] if due.facts else None
    if newest is not None and newest.when is not None:
        words["when"] = newest.when
    if isinstance(newest, Observation):
        words["comparator"] = newest.comparator
        words["calcium"] = newest.value if newest.value is not None else newest.text
    return words
