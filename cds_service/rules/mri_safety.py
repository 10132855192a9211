"""A draft MRI for a patient with a device that may be unsafe in the magnet: check it first, or image by CT."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.findings.imaging_safety import mr_conditional, mri_hazards
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, absent, card, ladder, outside_scope, silent
from cds_service.outcomes import Offer
from cds_service.terminology.dates import Span

_SPINE = frozenset({"mri-whole-spine", "mri-spine-region", "mri-spine-unspecified"})


@ladder
def mri_safety(case: Case, *, check_lookback: Span) -> Ladder:
    """Fire on a draft MRI when a pacemaker, defibrillator or other implant is on record without the mark "MR conditional"."""
    drafts = case.selected_orders("mri-any")
    yield absent("no_such_draft", drafts, needs=())
    yield outside_scope(case)
    hazards, marked = mri_hazards(case), mr_conditional(case)
    yield silent("mr_conditional", marked and not hazards, marked)
    yield absent("no_device", hazards, needs=("conditions", "devices"))

    checked = done_or_ordered(case, check_lookback, "device-check")
    spine = next((draft for draft in drafts if not draft.concepts.isdisjoint(_SPINE)), None)
    check = [] if checked else [Offer("device_check")]
    other = [Offer("ct_myelogram", draft=spine.reference)] if spine else []
    yield card(
        "device",
        True,
        *(drafts[:2], hazards.facts[:3], checked[:1]),
        words={"study": drafts[0].label, "device": hazards.label},
        notes={"check_under_way": checked, "other_region": not spine, "words_only": not hazards.coded},
        offers=check + other,
    )
