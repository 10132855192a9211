"""A draft MRI of one part of the spine while cord compression is suspected: the whole spine instead."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Order
from cds_service.findings.cancer import cancer_name, in_scope
from cds_service.findings.cord import COMPRESSION, EPIDURAL, suspected_compression
from cds_service.findings.studies import ordered, planned
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span

_WHOLE = "mri-whole-spine"
_REGION = "mri-spine-region"


def whole_spine_mri(case: Case, *, neurology_window: Span, order_lookback: Span, regions: int) -> Outcome:
    """Fire on a regional spinal MRI when compression is suspected and no order covers the whole spine."""
    drafts = case.selected_orders(_REGION)
    if not drafts:
        return NotFired("no_such_draft")
    compressed = _suspected(case, drafts, neurology_window)
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    if not compressed:
        return not_found(case, "not_suspected", "conditions", "observations")
    whole = _whole_spine(case, order_lookback, regions)
    if whole:
        return NotFired("whole_spine_covered", tuple(evidence_of(fact) for fact in whole[:4]))
    facts = dict.fromkeys((*drafts[:2], *compressed[:4], *in_scope(case).facts[:2]))
    offers = [Offer("swap", draft=drafts[0].reference)]
    offers += [Offer("remove", draft=draft.reference) for draft in drafts[1:]]
    return Fired(
        "one_region",
        tuple(evidence_of(fact) for fact in facts),
        words={
            "study": drafts[0].label,
            "signs": tuple(dict.fromkeys(fact.label for fact in compressed)),
            "cancer": cancer_name(case),
        },
        offers=tuple(offers),
    )


def _suspected(case: Case, drafts: tuple[Order, ...], window: Span) -> tuple[Fact, ...]:
    """What makes compression suspected: the record, or the reason that a draft itself gives."""
    named = tuple(draft for draft in drafts if not draft.reasons.isdisjoint((*COMPRESSION, *EPIDURAL)))
    return (*suspected_compression(case, window).facts, *named)


def _whole_spine(case: Case, lookback: Span, regions: int) -> tuple[Fact, ...]:
    """What covers the whole spine: an order or draft of it, or drafts of all regions together."""
    together = tuple(order for order in case.orders.of(_REGION) if order.draft)
    covered = together if len({order.label.lower() for order in together}) >= regions else ()
    return (*ordered(case, lookback, _WHOLE), *planned(case, _WHOLE), *covered)
