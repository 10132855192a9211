"""A draft of contrast CT: poor kidneys, or an allergy to iodinated contrast."""

from cds_service.clinical import Case, Limit, Offer, Span, Table, said
from cds_service.findings.imaging_safety import contrast_allergy
from cds_service.findings.renal import CkdEpi, ContrastKidney, contrast_kidney, on_dialysis
from cds_service.findings.studies import ordered
from cds_service.ladder import Ladder, absent, cards, draft_needed, ladder, silent, unknown

_EMERGENCY = ("stat", "asap")


@ladder
def contrast_safety(
    case: Case, *, egfr_limit: Limit, egfr_age: Span, egfr_fresh: Span, ckd_epi: Table[CkdEpi], dialysis_lookback: Span
) -> Ladder:
    """Fire on contrast CT with a low eGFR (unless on dialysis or an emergency) or with an allergy to contrast."""
    drafts = yield from draft_needed(case, case.selected_orders("contrast-imaging"))

    allergies, kidney = contrast_allergy(case), contrast_kidney(case, egfr_age, egfr_limit, ckd_epi)
    staged = () if kidney.egfr else case.active("chronic-kidney-disease")
    dialysis, emergency = on_dialysis(case, dialysis_lookback), all(draft.priority in _EMERGENCY for draft in drafts)
    kidneys_count, poor = not dialysis and not emergency, kidney.low or staged
    open_result = kidney.fact and kidney.low is None and not staged and kidneys_count and not allergies
    yield unknown("eGFR", open_result, kidney.evidence)
    needs = ("observations", "allergies") if kidneys_count else ("allergies",)
    yield absent("no_concern", allergies or poor, kidney.evidence, needs=needs)
    yield silent("dialysis", dialysis and not allergies, dialysis.facts[:1], staged[:1], kidney.evidence)
    yield silent("emergency", emergency and not allergies, staged[:1], kidney.evidence)

    low = kidney if kidney.low and kidneys_count else ContrastKidney()
    when = kidney.fact.when if kidney.fact else None
    fresh = ordered(case, egfr_fresh, "egfr", "creatinine") or case.within(when, egfr_fresh)
    again = [Offer("egfr")] if poor and kidneys_count and not fresh else []
    yield from cards(
        {"allergy": allergies, "low_egfr": low.fact, "kidney_disease": True},
        *(drafts[:2], allergies.facts[:2], low.evidence or staged[:1]),
        words={
            "study": drafts[0].called,
            "allergy": allergies.label,
            "egfr": low.egfr or "",
            "creatinine": (low.fact.value or "") if low.fact and low.calculated else "",
            "date": (when if low.fact else None) or said("date not recorded"),
            "disease": staged[0].called if staged else "",
        },
        notes={"calculated": low.calculated, "kidneys_too": allergies and low.fact},
        offers=[*again, Offer("unenhanced", {"study": drafts[0].called}, draft=drafts[0].reference)],
    )
