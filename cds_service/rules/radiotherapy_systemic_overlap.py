"""Radiotherapy and a radiosensitising medicine at the same time: somebody must have planned it."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Medication
from cds_service.findings.cancer import in_scope
from cds_service.findings.medicines import is_over
from cds_service.findings.studies import done_or_ordered, planned
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span

_REFERRALS = frozenset({"referral-radiation-oncology"})


def radiotherapy_systemic_overlap(case: Case, *, overlap: Span, order_age: Span, referral_lookback: Span) -> Outcome:
    """Fire when radiotherapy is ordered beside a radiosensitiser within ``overlap``, or the reverse."""
    radiotherapy: tuple[Fact, ...] = tuple(
        order for order in case.selected_orders("radiotherapy") if not order.concepts & _REFERRALS
    )
    medicines: tuple[Fact, ...] = case.selected_medications("radiosensitiser")
    if not radiotherapy and not medicines:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    with_medicine = _sensitisers(case, overlap) if radiotherapy else ()
    with_rays = _rays(case, overlap, order_age) if medicines else ()
    if not with_medicine and not with_rays:
        return not_found(case, "nothing_overlaps", *_looked_in(radiotherapy, medicines))
    drafted, other = (radiotherapy, with_medicine) if with_medicine else (medicines, with_rays)
    facts = dict.fromkeys((*drafted, *other))
    known = done_or_ordered(case, referral_lookback, "referral-radiation-oncology")
    return Fired(
        "radiotherapy_drafted" if with_medicine else "medicine_drafted",
        tuple(evidence_of(fact) for fact in facts)[:8],
        words={
            "drafted": tuple(dict.fromkeys(fact.label for fact in drafted)),
            "other": tuple(dict.fromkeys(fact.label for fact in other)),
        },
        notes=("referred",) if known else (),
        offers=() if known else (Offer("radiation_oncology"),),
    )


def _looked_in(radiotherapy: tuple[Fact, ...], medicines: tuple[Fact, ...]) -> tuple[str, ...]:
    return (*(("medications",) if radiotherapy else ()), *(("procedures", "orders") if medicines else ()))


def _sensitisers(case: Case, overlap: Span) -> tuple[Medication, ...]:
    """Radiosensitisers in force, given or ended within the overlap, or drafted in this session."""
    return tuple(medicine for medicine in case.medications.of("radiosensitiser") if _counts(case, medicine, overlap))


def _counts(case: Case, medicine: Medication, overlap: Span) -> bool:
    if medicine.draft:
        return True
    if medicine.status == "on-hold" or medicine.intent in {"proposal", "option"}:
        return False
    if medicine.kind in {"administration", "dispense"}:
        return medicine.status != "stopped" and case.within(medicine.when, overlap)
    if is_over(case, medicine):
        return case.within(medicine.ended, overlap)
    return medicine.status in {"active", "unknown"}


def _rays(case: Case, overlap: Span, order_age: Span) -> tuple[Fact, ...]:
    """Radiotherapy given within the overlap, under way, ordered or drafted."""
    given = [
        course
        for course in case.procedures.of("radiotherapy")
        if course.status in {"completed", "stopped"} and case.within(course.when, overlap)
    ]
    standing = [
        order
        for order in case.orders.of("radiotherapy")
        if not order.concepts & _REFERRALS
        and order.status in {"draft", "active", "on-hold"}
        and (order.draft or order.authored is None or case.within(order.authored, order_age))
    ]
    return (*given, *planned(case, "radiotherapy"), *standing)
