"""A draft MRI of one part of the spine while cord compression is suspected: the whole spine instead."""

from cds_service.clinical import Case, Offer, Span, said
from cds_service.findings.cancer import cancer_name, in_scope
from cds_service.findings.cord import COMPRESSION, EPIDURAL, cord_at_risk
from cds_service.findings.studies import under_way
from cds_service.ladder import Ladder, absent, card, draft_needed, ladder, silent

_WHOLE = "mri-whole-spine"
_REGION = "mri-spine-region"


@ladder
def whole_spine_mri(case: Case, *, neurology_window: Span, order_lookback: Span, regions: int) -> Ladder:
    """Fire on a regional spinal MRI when compression is suspected and no order covers the whole spine."""
    drafts = yield from draft_needed(case, case.selected_orders(_REGION))
    named = tuple(draft for draft in drafts if not draft.reasons.isdisjoint((*COMPRESSION, *EPIDURAL)))
    suspected = cord_at_risk(case, neurology_window)
    yield absent("not_suspected", suspected or named, needs=("conditions", "observations"))

    together = tuple(order for order in case.orders.of(_REGION) if order.draft)
    all_regions = len({order.label.lower() for order in together}) >= regions
    whole = (*under_way(case, order_lookback, _WHOLE), *(together if all_regions else ()))
    yield silent("whole_spine_covered", whole, whole[:4])

    signs = (*suspected.facts, *named)
    yield card(
        "one_region",
        *(drafts[:2], signs[:4], in_scope(case).facts[:2]),
        words={"signs": suspected.facts or said("reason of the order"), "cancer": cancer_name(case)},
        offers=[
            Offer("swap", {"region": drafts[0].label}, drafts[0].reference),
            *(Offer("remove", {"region": draft.label}, draft.reference) for draft in drafts[1:]),
        ],
    )
