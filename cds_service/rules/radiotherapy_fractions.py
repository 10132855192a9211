"""An order for several fractions to a painful bone metastasis: one fraction may do."""

from cds_service.clinical import Case, Offer, Order, said
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.findings.treatment import prescription, radiotherapy_courses, treatments
from cds_service.ladder import Ladder, card, draft_needed, gravest_of, ladder, silent, unknown
from cds_service.rungs import bone_metastases_needed, surgeon_first


@ladder
def radiotherapy_fractions(case: Case, *, most_fractions: int, stability: StabilityLimits) -> Ladder:
    """Fire on a draft of two to ``most_fractions`` fractions for an uncomplicated bone metastasis."""
    drafts = yield from draft_needed(case, treatments(case.selected_orders("radiotherapy")))
    yield gravest_of(_of_draft(case, draft, most_fractions, stability) for draft in drafts)


def _of_draft(case: Case, draft: Order, most_fractions: int, stability: StabilityLimits) -> Ladder:
    yield silent("stereotactic", "sbrt" in draft.concepts, draft)
    bone = yield from bone_metastases_needed(case)
    aimed_at_bone = "site-bone" in draft.sites or "radiotherapy-palliative-bone" in draft.concepts
    elsewhere = draft.sites or "radiotherapy-elsewhere" in draft.concepts
    of_bone = draft.reasons.intersection(case.groups["reasons-of-bone"])
    to_bone = aimed_at_bone or of_bone  # which outweighs words of another organ
    yield silent("not_to_bone", elsewhere and not to_bone, draft)
    found = prescription(draft)
    yield unknown("fractions of the radiotherapy", found.fractions is None and found.unclear, draft)
    yield silent("fractions_not_told", found.fractions is None, draft)
    assert found.fractions is not None
    yield silent("single_fraction", found.fractions == 1, draft)
    yield silent("not_palliative", found.fractions > most_fractions, draft)
    yield from surgeon_first(case, stability)

    earlier = radiotherapy_courses(case)
    several = said("{count} fractions", count=found.fractions)
    words = {
        "ordered": said("{dose} in {fractions}", dose=found.total, fractions=several) if found.total else several,
        "order_words": draft.text or draft.label,
    }
    yield card(
        "several_fractions",
        *(draft, bone.facts[:3], earlier[:1]),
        words=words,
        notes={"irradiated_before": earlier},
        offers=[Offer("single_fraction", words, draft=draft.reference)],
    )
