"""An order for local treatment of metastases before tumour board and response: ask the board first."""

from cds_service.clinical import Case, Order, Span
from cds_service.findings.cancer import bone_metastases, cancer, metastases
from cds_service.findings.disease_course import disease_status
from cds_service.findings.pain import painful
from cds_service.findings.studies import board_held, under_way
from cds_service.ladder import Ladder, absent, card, draft_needed, ladder, silent, unknown

_LOCAL = ("sbrt", "ablation", "metastasectomy")
_TUMOUR = frozenset({"tumour-target", "sbrt", "metastasectomy"})


@ladder
def local_therapy_gate(
    case: Case, *, mdt_lookback: Span, disease_status_age: Span, pain_moderate_from: int, pain_score_age: Span
) -> Ladder:
    """Fire when SBRT, ablation or metastasectomy is drafted without a tumour board or without shown systemic control."""
    local = case.selected_orders(*_LOCAL)
    # an ablation of heart, vein, nerve or mucosa is another matter, unless its words name a tumour too
    of_tumour = [one for one in local if "ablation-elsewhere" not in one.concepts or one.concepts & _TUMOUR]
    yield from draft_needed(case, of_tumour)
    drafts = [one for one in of_tumour if "site-brain" not in one.sites and "brain-treatment" not in one.concepts]
    yield silent("to_brain", not drafts, of_tumour)
    spread = metastases(case)
    yield absent("no_metastases", spread, needs=("conditions",))
    hurts = painful(case, pain_score_age, pain_moderate_from) is not None
    gated = [draft for draft in drafts if not _palliative(case, draft, hurts=hurts)]
    yield silent("painful_bone", not gated, drafts)

    held, status = board_held(case, mdt_lookback, "mdt"), disease_status(case, disease_status_age)
    controlled = status.controlled
    yield silent("board_and_response", held and controlled, held[:1], status)
    yield unknown("procedures", not held and len(case.lacking("procedures", "reports")) == 2)
    asked = under_way(case, mdt_lookback, "mdt")
    yield card(
        "response_missing" if held else "board_missing" if controlled else "both_missing",
        *(gated, spread.facts[:3], held[:1], asked[:1], status),
        words={"ordered": gated[0].label, "disease": cancer(case)},
        notes={"progressing": status.progressing, "board_asked": asked and not held},
        offers={"oncology_review": held, "tumour_board": not held and not asked},
    )


def _palliative(case: Case, draft: Order, *, hurts: bool) -> bool:
    """Aimed at bone for pain: relief does not wait for systemic control."""
    painful_reason = bool(draft.reasons.intersection(case.groups["pain-of-bone"]))
    to_bone = "site-bone" in draft.sites or "bone-metastasis" in draft.reasons or painful_reason
    for_pain = hurts or painful_reason
    return to_bone and for_pain and "metastasectomy" not in draft.concepts and bool(bone_metastases(case))
