"""An order for vertebroplasty, kyphoplasty or other cement in a patient whom it may harm."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Order
from cds_service.findings.bleeding import BleedingLimits, bleeding
from cds_service.findings.cancer import in_scope
from cds_service.findings.cord import compression
from cds_service.findings.performance_status import performance_status
from cds_service.findings.surgery_first import cord_at_risk
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit


def cement_safety(
    case: Case,
    *,
    neurology_window: Span,
    infection_window: Span,
    bleeding_age: Span,
    highest_inr: Limit,
    lowest_platelets: Limit,
    poor_performance_from: int,
    performance_age: Span,
) -> Outcome:
    """Fire when cement is ordered with cord compression or infection (critical), bleeding risk or poor health (warning)."""
    drafts = case.selected_orders("cementoplasty")
    if not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    cord = cord_at_risk(case, neurology_window)
    severe = _infections(case, "severe-infection", infection_window)
    other = _infections(case, "infection", infection_window)
    blood = bleeding(case, BleedingLimits(bleeding_age, highest_inr, lowest_platelets))
    bloods = (blood.inr, blood.inr_high), (blood.platelets, blood.platelets_low)
    clotting = tuple(fact for fact, bad in bloods if fact is not None and bad)
    status = performance_status(case, performance_age)
    unfit: tuple[Fact, ...] = (status.fact,) if status is not None and status.ecog >= poor_performance_from else ()
    findings: tuple[tuple[str, tuple[Fact, ...]], ...] = (
        ("cord_compression" if compression(case, neurology_window) else "cord_suspected", cord),
        ("severe_infection", severe),
        ("infection", other),
        ("bleeding", clotting),
        ("poor_health", unfit),
    )
    found = [(message, facts) for message, facts in findings if facts]
    if not found:
        return not_found(case, "nothing_against_it", "conditions", "observations")
    message, deciding = found[0]
    more = [name for name, _ in found[1:] if not (name == "infection" and message == "severe_infection")]
    notes = [f"also_{name}" for name in more]
    notes += ["anticoagulant"] if blood.anticoagulants else []
    facts = dict.fromkeys(
        (*deciding, *(fact for _, group in found[1:] for fact in group[:2]), *drafts, *blood.facts[:2])
    )
    return Fired(
        message,
        tuple(evidence_of(fact) for fact in facts)[:8],
        words={"ordered": drafts[0].label, "reason": tuple(dict.fromkeys(fact.label for fact in deciding))},
        notes=tuple(notes),
        offers=_offers(drafts, message),
    )


def _offers(drafts: tuple[Order, ...], message: str) -> tuple[Offer, ...]:
    """Remove each draft that can be named; one without an id cannot, and the card speaks alone."""
    refer = message in {"cord_compression", "cord_suspected"}
    known = [draft for draft in drafts if _known(draft)]
    if refer:
        return tuple(Offer("cancel_and_refer", draft=draft.reference) for draft in known)
    return tuple(Offer("cancel", draft=draft.reference) for draft in known)


def _known(draft: Order) -> bool:
    return "#" not in draft.reference


def _infections(case: Case, concept: str, window: Span) -> tuple[Fact, ...]:
    """Active infections of late; one without a date counts."""
    return tuple(
        fact
        for fact in case.conditions.of(concept)
        if fact.state == "active" and (fact.when is None or case.within(fact.when, window))
    )
