"""A bone that broke where a tumour sits, or without known cancer: surgery first, and look for the cause."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import cancer, cancer_name
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.finding import earliest
from cds_service.findings.fractures import is_spinal, pathological_fractures, unfixed_fractures
from cds_service.findings.performance_status import performance_status
from cds_service.findings.studies import after, done_or_ordered
from cds_service.findings.surgery_first import cord_at_risk
from cds_service.outcomes import CannotTell, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span

_REFERRALS = ("referral-orthopaedics", "referral-spine", "referral-neurosurgery")


def pathological_fracture(
    case: Case,
    *,
    fracture_window: Span,
    referral_lookback: Span,
    neurology_window: Span,
    poor_performance_from: int,
    performance_age: Span,
) -> Outcome:
    """Fire on a new pathological fracture that no surgeon has been asked about; critical in the spine with cord signs."""
    found = pathological_fractures(case, fracture_window)
    if not found:
        return not_found(case, "no_fracture", "conditions")
    open_fractures = unfixed_fractures(case, fracture_window)
    if not open_fractures:
        return NotFired("fixed", tuple(evidence_of(fact) for fact in found.facts))
    fresh = tuple(fact for fact in open_fractures if case.within(fact.when, fracture_window))
    if not fresh:
        return _not_new(open_fractures)
    signs = cord_at_risk(case, neurology_window) if any(is_spinal(fact) for fact in fresh) else ()
    seen = after(done_or_ordered(case, referral_lookback, *_REFERRALS), earliest(fresh))
    if not cancer(case):
        if case.lacking("conditions"):
            return CannotTell(("conditions",), tuple(evidence_of(fact) for fact in fresh))
        return _without_cancer(case, fresh, seen)
    if seen and not signs:
        return NotFired("surgeon_asked", tuple(evidence_of(fact) for fact in (*seen, *fresh)))
    status = performance_status(case, performance_age)
    notes = (
        ("unfit", status is not None and status.ecog >= poor_performance_from),
        ("surgeon_asked", bool(seen)),
        ("comfort_care", bool(comfort_care(case))),
        ("osteoporosis", bool(case.conditions.of("osteoporosis"))),
        ("words_only", not found.coded),
        ("not_available", bool(case.lacking("orders", "procedures"))),
    )
    disease = cancer(case).facts[:2]
    facts = dict.fromkeys((*fresh, *signs, *seen[:1], *disease, *([status.fact] if status else [])))
    return Fired(
        "vertebral_with_neurology" if signs else "fracture",
        tuple(evidence_of(fact) for fact in facts)[:8],
        words={**_words(fresh), "cancer": cancer_name(case), "signs": _labels(signs)},
        notes=tuple(name for name, holds in notes if holds),
        offers=_offers(fresh, bool(seen)),
        at_most="warning" if found.suspected and not signs else None,
    )


def _not_new(fractures: tuple[Fact, ...]) -> NotFired:
    undated = all(fact.when is None for fact in fractures)
    return NotFired("fracture_undated" if undated else "fracture_old", tuple(evidence_of(fact) for fact in fractures))


def _without_cancer(case: Case, fresh: tuple[Fact, ...], seen: tuple[Fact, ...]) -> Outcome:
    """No cancer is known: a fracture of diseased bone may be its first sign."""
    osteoporosis = case.conditions.of("osteoporosis")
    facts = dict.fromkeys((*fresh, *osteoporosis[:1]))
    return Fired(
        "cancer_not_known",
        tuple(evidence_of(fact) for fact in facts),
        words={**_words(fresh), "cancer": "no cancer", "signs": ()},
        notes=("osteoporosis",) if osteoporosis else (),
        offers=() if seen else _offers(fresh, False),
    )


def _offers(fresh: tuple[Fact, ...], seen: bool) -> tuple[Offer, ...]:
    if seen:
        return ()
    spinal = [fact for fact in fresh if is_spinal(fact)]
    offers = (Offer("spinal_surgery"),) if spinal else ()
    return offers if len(spinal) == len(fresh) else (*offers, Offer("orthopaedics"))


def _words(fresh: tuple[Fact, ...]) -> dict[str, Word]:
    first = earliest(fresh)
    return {"fracture": fresh[0].label, "since": first if first is not None else "date not recorded"}


def _labels(facts: tuple[Fact, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.label for fact in facts))
