"""An order for local treatment of metastases before tumour board and response: ask the board first."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Order
from cds_service.findings.cancer import bone_metastases, cancer, in_scope, metastases
from cds_service.findings.disease_status import disease_status, is_controlled, is_progressing
from cds_service.findings.pain import painful
from cds_service.findings.tumour_board import tumour_board_asked, tumour_board_held
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span

_LOCAL = ("sbrt", "ablation", "metastasectomy")
_PAIN = frozenset({"bone-pain", "back-pain", "neoplasm-related-pain"})


def local_therapy_gate(
    case: Case, *, mdt_lookback: Span, disease_status_age: Span, pain_moderate_from: int, pain_score_age: Span
) -> Outcome:
    """Fire when SBRT, ablation or metastasectomy is drafted without a tumour board or without shown systemic control."""
    drafts = case.selected_orders(*_LOCAL)
    if not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    drafts = tuple(draft for draft in drafts if not _to_brain(draft))
    if not drafts:
        return NotFired("to_brain")
    spread = metastases(case)
    if not spread:
        return not_found(case, "no_metastases", "conditions")
    gated = [draft for draft in drafts if not _palliative(case, draft, pain_moderate_from, pain_score_age)]
    if not gated:
        return NotFired("painful_bone", tuple(evidence_of(draft) for draft in drafts))
    held = tumour_board_held(case, mdt_lookback)
    status = disease_status(case, disease_status_age)
    if held and is_controlled(status) and status is not None:
        return NotFired("board_and_response", (evidence_of(held[0]), evidence_of(status)))
    if not held and case.lacking("procedures", "reports") == ("procedures", "reports"):
        return not_found(case, "no_cancer", "procedures")
    asked = tumour_board_asked(case, mdt_lookback)
    facts = dict.fromkeys((*gated, *spread.facts[:3], *held[:1], *asked[:1], *([status] if status else [])))
    message = "response_missing" if held else "board_missing" if is_controlled(status) else "both_missing"
    notes = (
        ("progressing", is_progressing(status)),
        ("board_asked", bool(asked) and not held),
        ("not_available", bool(case.lacking("procedures", "reports", "observations", "encounters"))),
    )
    return Fired(
        message,
        tuple(evidence_of(fact) for fact in facts)[:8],
        words={"ordered": gated[0].label, "disease": cancer(case).label},
        notes=tuple(name for name, holds in notes if holds),
        offers=(() if asked else (Offer("tumour_board"),)) if not held else (Offer("oncology_review"),),
    )


def _to_brain(draft: Order) -> bool:
    return "site-brain" in draft.sites or "brain-treatment" in draft.concepts


def _palliative(case: Case, draft: Order, moderate: int, age: Span) -> bool:
    """Aimed at bone for pain: relief does not wait for systemic control."""
    to_bone = "site-bone" in draft.sites or bool(draft.reasons & {"bone-metastasis", *_PAIN})
    hurts = bool(draft.reasons & _PAIN) or painful(case, age, moderate) is not None
    return bool(bone_metastases(case)) and to_bone and hurts and "metastasectomy" not in draft.concepts
