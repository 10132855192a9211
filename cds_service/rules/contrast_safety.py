"""A draft of contrast CT: poor kidneys, or an allergy to iodinated contrast."""

from __future__ import annotations

from functools import partial

from cds_service.chart.case import Case
from cds_service.findings.contrast_risk import contrast_kidney
from cds_service.findings.imaging_safety import contrast_allergy
from cds_service.findings.renal import advanced_kidney_disease, on_dialysis
from cds_service.findings.studies import ordered
from cds_service.ladder import Ladder, absent, card, ladder, outside_scope, silent
from cds_service.outcomes import Offer
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit

_EMERGENCY = ("stat", "asap")


@ladder
def contrast_safety(
    case: Case, *, egfr_limit: Limit, egfr_age: Span, egfr_fresh: Span, dialysis_lookback: Span
) -> Ladder:
    """Fire on contrast CT with a low eGFR (unless on dialysis or an emergency) or with an allergy to contrast."""
    drafts = case.selected_orders("contrast-imaging")
    yield absent("no_such_draft", drafts, needs=())
    yield outside_scope(case)

    allergies, kidney = contrast_allergy(case), contrast_kidney(case, egfr_age, egfr_limit)
    egfr = kidney.egfr
    staged = () if egfr else advanced_kidney_disease(case)
    yield absent("no_concern", allergies or kidney.low or staged, needs=("observations", "allergies"))
    poor = kidney.low or staged
    dialysis, emergency = on_dialysis(case, dialysis_lookback), all(draft.priority in _EMERGENCY for draft in drafts)
    yield silent("dialysis", dialysis and not allergies, dialysis.facts[:1], staged[:1], egfr)
    yield silent("emergency", emergency and not allergies, staged[:1], egfr)

    kidneys_count = poor and not dialysis and not emergency
    low = egfr if kidneys_count else None
    fresh = ordered(case, egfr_fresh, "egfr", "creatinine") or (egfr and case.within(egfr.when, egfr_fresh))
    again = [Offer("egfr")] if kidneys_count and not fresh else []
    speak = partial(
        card,
        words={
            "study": drafts[0].label,
            "allergy": allergies.label,
            "egfr": low.value or "" if low else "",
            "date": low.when or "date not recorded" if low else "date not recorded",
            "disease": staged[0].label if staged else "",
        },
        offers=[*again, Offer("unenhanced", {"study": drafts[0].label}, draft=drafts[0].reference)],
    )
    facts = (drafts[:2], allergies.facts[:2], low or staged[:1])
    yield speak("allergy", allergies, *facts, notes={"kidneys_too": low})
    yield speak("low_egfr", low, *facts)
    yield speak("kidney_disease", True, *facts)
