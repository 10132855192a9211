"""A draft MRI for a patient with a device that may be unsafe in the magnet: check it first, or image by CT."""

from functools import partial

from cds_service.clinical import Case, Offer, Span
from cds_service.findings.imaging_safety import implants
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, absent, card, draft_needed, ladder, silent

_SPINE = frozenset({"mri-whole-spine", "mri-spine-region", "mri-spine-unspecified"})


@ladder
def mri_safety(case: Case, *, check_lookback: Span) -> Ladder:
    """Fire on a draft MRI when an implant is on record that is not marked safe in the magnet, or under conditions only."""
    drafts = yield from draft_needed(case, case.selected_orders("mri-any"))
    found = implants(case)
    yield absent("no_device", found, needs=("conditions", "devices"))
    hazards, conditional = found.unmarked, found.conditional
    yield silent("mr_safe", not hazards and not conditional, found.safe)

    checked = done_or_ordered(case, check_lookback, "device-check")
    spine = next((draft for draft in drafts if not draft.concepts.isdisjoint(_SPINE)), None)
    check = [] if checked else [Offer("device_check")]
    other = [Offer("ct_myelogram", draft=spine.reference)] if spine else []
    speak = partial(
        card,
        words={"study": drafts[0].called, "device": (hazards or conditional).label, "conditions": found.conditions},
    )
    deciding = hazards or conditional
    facts = (drafts[:2], deciding.facts[:3], checked[:1])
    notes = {"check_under_way": checked, "words_only": not deciding.coded}
    yield speak("device", *facts, when=hazards, notes={**notes, "other_region": not spine}, offers=check + other)
    yield speak("conditional", *facts, notes=notes, offers=check)
