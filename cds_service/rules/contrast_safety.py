"""A draft of contrast CT: poor kidneys, or an allergy to iodinated contrast."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Order
from cds_service.findings.bone_agent_safety import on_dialysis
from cds_service.findings.cancer import in_scope
from cds_service.findings.contrast_risk import ContrastKidney, contrast_kidney
from cds_service.findings.imaging_safety import contrast_allergy
from cds_service.findings.studies import ordered
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit

_EMERGENCY = ("stat", "asap")


def contrast_safety(
    case: Case, *, egfr_limit: Limit, egfr_age: Span, egfr_fresh: Span, dialysis_lookback: Span
) -> Outcome:
    """Fire on contrast CT with a low eGFR (unless on dialysis or an emergency) or with an allergy to contrast."""
    drafts = case.selected_orders("contrast-imaging")
    if not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    kidney = contrast_kidney(case, egfr_age, egfr_limit)
    allergies = contrast_allergy(case)
    dialysis = on_dialysis(case, dialysis_lookback)
    staged = () if kidney.egfr is not None else _advanced_kidney_disease(case)
    poor = bool(kidney.low or staged)
    kidneys_matter = poor and not dialysis and not _is_emergency(drafts)
    if not (kidneys_matter or allergies):
        if poor:
            known = (*dialysis.facts[:1], *staged[:1], *([kidney.egfr] if kidney.egfr else []))
            return NotFired("dialysis" if dialysis else "emergency", tuple(evidence_of(fact) for fact in known))
        return not_found(case, "no_concern", "observations", "allergies")
    fresh = kidney.egfr is not None and case.within(kidney.egfr.when, egfr_fresh)
    again = kidneys_matter and not fresh and not ordered(case, egfr_fresh, "egfr", "creatinine")
    return _fire(case, drafts, kidney if kidneys_matter else ContrastKidney(None, None), staged, allergies.facts, again)


def _fire(
    case: Case,
    drafts: tuple[Order, ...],
    kidney: ContrastKidney,
    staged: tuple[Fact, ...],
    allergies: tuple[Fact, ...],
    again: bool,
) -> Fired:
    draft = drafts[0]
    kidney_facts: tuple[Fact, ...] = (kidney.egfr,) if kidney.egfr is not None else staged[:1]
    message = "allergy" if allergies else "low_egfr" if kidney.egfr is not None else "kidney_disease"
    words: dict[str, Word] = {
        "study": draft.label,
        "allergy": allergies[0].label if allergies else "",
        "egfr": kidney.egfr.value if kidney.egfr is not None and kidney.egfr.value is not None else "",
        "date": kidney.egfr.when if kidney.egfr is not None and kidney.egfr.when is not None else "date not recorded",
        "disease": staged[0].label if staged else "",
    }
    kidney_note = ("kidneys_too",) if allergies and kidney.egfr is not None else ()
    offers = (Offer("egfr"),) if again else ()
    facts = (*drafts[:2], *allergies[:2], *kidney_facts)
    return Fired(
        message,
        tuple(evidence_of(fact) for fact in dict.fromkeys(facts)),
        words=words,
        notes=kidney_note,
        offers=(*offers, Offer("unenhanced", {"study": draft.label}, draft=draft.reference)),
    )


def _is_emergency(drafts: tuple[Order, ...]) -> bool:
    return all(draft.priority in _EMERGENCY for draft in drafts)


def _advanced_kidney_disease(case: Case) -> tuple[Fact, ...]:
    return tuple(fact for fact in case.conditions.of("chronic-kidney-disease") if fact.state == "active")
