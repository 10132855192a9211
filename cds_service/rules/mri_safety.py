"""A draft MRI for a patient with a device that may be unsafe in the magnet: check it first, or image by CT."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Order
from cds_service.findings.cancer import in_scope
from cds_service.findings.imaging_safety import mr_conditional, mri_hazards
from cds_service.findings.studies import done_or_ordered
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span

_SPINE = ("mri-whole-spine", "mri-spine-region", "mri-spine-unspecified")


def mri_safety(case: Case, *, check_lookback: Span) -> Outcome:
    """Fire on a draft MRI when a pacemaker, defibrillator or other implant is on record without the mark "MR conditional"."""
    drafts = case.selected_orders("mri-any")
    if not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    hazards = mri_hazards(case)
    if not hazards:
        marked = mr_conditional(case)
        if marked:
            return NotFired("mr_conditional", tuple(evidence_of(fact) for fact in marked))
        return not_found(case, "no_device", "conditions", "devices")
    checked = done_or_ordered(case, check_lookback, "device-check")
    spine = _spinal(drafts)
    offers = [] if checked else [Offer("device_check")]
    offers += [Offer("ct_myelogram", draft=spine[0].reference)] if spine else []
    notes = ["check_under_way"] if checked else []
    notes += [] if spine else ["other_region"]
    notes += [] if hazards.coded else ["words_only"]
    facts = (*drafts[:2], *hazards.facts[:3], *checked[:1])
    return Fired(
        "device",
        tuple(evidence_of(fact) for fact in facts),
        words={"study": drafts[0].label, "device": hazards.label},
        notes=tuple(notes),
        offers=tuple(offers),
    )


def _spinal(drafts: tuple[Order, ...]) -> tuple[Order, ...]:
    return tuple(draft for draft in drafts if not draft.concepts.isdisjoint(_SPINE))
