"""A draft MRI for a patient with a device that may be unsafe in the magnet: check it first, or image by CT."""

from cds_service.clinical import Case, Offer, Span
from cds_service.findings.imaging_safety import implants
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, absent, cards, draft_needed, ladder, silent

_SPINE = frozenset({"mri-whole-spine", "mri-spine-region", "mri-spine-unspecified"})


@ladder
def mri_safety(case: Case, *, check_lookback: Span) -> Ladder:
    """Fire on a draft MRI when an implant is on record that is not marked safe in the magnet, or under conditions only."""
    drafts = yield from draft_needed(case, case.selected_orders("mri-any"))
    found = implants(case)
    hazards, deciding = found.unmarked, found.unmarked or found.conditional
    yield absent("no_device", bool(deciding or found.safe), needs=("conditions", "devices"))
    yield silent("mr_safe", not deciding, found.safe)

    checked = done_or_ordered(case, check_lookback, "device-check")
    spine = next((draft for draft in drafts if not draft.concepts.isdisjoint(_SPINE)), None)
    check = [] if checked else [Offer("device_check")]
    other = [Offer("ct_myelogram", draft=spine.reference)] if spine and hazards else []
    yield from cards(
        {"device": hazards, "conditional": True},
        *(drafts[:2], deciding.facts[:3], checked[:1]),
        words={"study": drafts[0].called, "device": deciding.label, "conditions": found.conditions},
        notes={"check_under_way": checked, "words_only": not deciding.coded, "other_region": hazards and not spine},
        offers=check + other,
    )
