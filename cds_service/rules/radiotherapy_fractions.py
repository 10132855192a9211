"""An order for several fractions to a painful bone metastasis: one fraction may do."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Order
from cds_service.findings.cancer import bone_metastases, in_scope
from cds_service.findings.local_treatment import surgeon_first
from cds_service.findings.radiotherapy import Prescription, prescription, radiotherapy_courses
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span

_BONE_REASONS = frozenset(
    {"bone-metastasis", "vertebral-metastasis", "bone-pain", "back-pain", "neoplasm-related-pain"}
)
_REFERRALS = frozenset({"referral-radiation-oncology"})


def radiotherapy_fractions(
    case: Case,
    *,
    most_fractions: int,
    neurology_window: Span,
    stability_score_age: Span,
    pain_score_age: Span,
    pain_moderate_from: int,
    sins_unstable_from: int,
    mirels_fix_from: int,
) -> Outcome:
    """Fire on a draft of two to ``most_fractions`` fractions for an uncomplicated bone metastasis."""
    drafts = [order for order in case.selected_orders("radiotherapy") if not order.concepts & _REFERRALS]
    if not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    drafts = [order for order in drafts if "sbrt" not in order.concepts]
    if not drafts:
        return NotFired("stereotactic")
    bone = bone_metastases(case)
    if not bone:
        return not_found(case, "no_bone_metastases", "conditions")
    drafts = [order for order in drafts if _to_bone(order)]
    if not drafts:
        return NotFired("not_to_bone")
    read = [(order, found) for order in drafts if (found := prescription(order)) is not None]
    if not read:
        return NotFired("fractions_not_told", tuple(evidence_of(order) for order in drafts))
    several = [(order, found) for order, found in read if found.fractions > 1]
    if not several:
        return NotFired("single_fraction", tuple(evidence_of(order) for order, _ in read))
    fitting = [(order, found) for order, found in several if found.fractions <= most_fractions]
    if not fitting:
        return NotFired("not_palliative", tuple(evidence_of(order) for order, _ in several))
    limits = StabilityLimits(
        neurology_window, stability_score_age, pain_score_age, pain_moderate_from, sins_unstable_from, mirels_fix_from
    )
    return surgeon_first(case, limits) or _fire(case, *fitting[0])


def _fire(case: Case, order: Order, found: Prescription) -> Fired:
    earlier = radiotherapy_courses(case)
    known = "#" not in order.reference
    words: dict[str, Word] = {
        "ordered": f"{found.total} in {found.fractions} fractions" if found.total else f"{found.fractions} fractions",
        "order_words": order.text or order.label,
    }
    facts = dict.fromkeys((order, *bone_metastases(case).facts[:3], *earlier[:1]))
    return Fired(
        "several_fractions",
        tuple(evidence_of(fact) for fact in facts),
        words=words,
        notes=("irradiated_before",) if earlier else (),
        offers=(Offer("single_fraction", words, draft=order.reference),) if known else (),
    )


def _to_bone(order: Order) -> bool:
    """Aimed at bone, or at nothing that is named: site, reason or words of bone outweigh words of another organ."""
    if "site-bone" in order.sites or order.reasons & _BONE_REASONS or "radiotherapy-palliative-bone" in order.concepts:
        return True
    return not order.sites and "radiotherapy-elsewhere" not in order.concepts
