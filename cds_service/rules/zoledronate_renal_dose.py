"""A draft of zoledronic acid that the kidneys do not allow, or not at that dose."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Medication
from cds_service.findings.bone_agent_safety import CalciumLevels, CalciumState, calcium_state
from cds_service.findings.bone_agents import courses, stated_dose, strength
from cds_service.findings.bone_disease import bone_disease
from cds_service.findings.cancer import in_scope
from cds_service.findings.medicines import on_or_drafted
from cds_service.findings.renal import Clearance, creatinine_clearance, on_dialysis
from cds_service.findings.zoledronate import (
    ClearanceDose,
    LabelDose,
    Rise,
    creatinine_rise,
    dose_for,
    for_hypercalcaemia,
)
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits, at_least
from cds_service.terminology.tables import Table

_KIDNEY_RISKS = ("nsaid", "aminoglycoside")


def zoledronate_renal_dose(
    case: Case,
    *,
    doses: Table[ClearanceDose],
    creatinine_age: Span,
    weight_age: Span,
    baseline_lookback: Span,
    normal_creatinine: Limit,
    rise_from_normal: Limit,
    rise_from_raised: Limit,
    hypercalcaemia_creatinine: Limit,
    calcium_age: Span,
    albumin_window: Span,
    calcium_treat_at: Limit,
    ionised_treat_at: Limit,
    calcium_upper_limit: Limit,
    ionised_upper_limit: Limit,
    denosumab_dose: Quantity,
) -> Outcome:
    """Fire when a selected draft of zoledronic acid is not safe, or not dosed, for the creatinine clearance."""
    drafts = case.selected_medications("zoledronic-acid")
    if not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    kidney = creatinine_clearance(case, creatinine_age, weight_age)
    first = next((course.first for course in courses(case) if course.agent == "zoledronic-acid"), None)
    rise = creatinine_rise(
        case, kidney.creatinine, first, baseline_lookback, normal_creatinine, rise_from_normal, rise_from_raised
    )
    facts = _Kidney(kidney, dose_for(kidney, doses), rise, bool(on_dialysis(case, creatinine_age)))
    levels = CalciumLevels(upper=calcium_upper_limit, ionised_upper=ionised_upper_limit)
    calcium = calcium_state(case, calcium_age, albumin_window, levels)
    outcomes = []
    for draft in drafts:
        if for_hypercalcaemia(case, draft, calcium_age, albumin_window, calcium_treat_at, ionised_treat_at):
            outcomes.append(_hypercalcaemia(case, draft, facts, calcium, hypercalcaemia_creatinine, denosumab_dose))
        else:
            outcomes.append(_bone(case, draft, facts, doses.rows[0].dose))
    return next((outcome for outcome in outcomes if isinstance(outcome, Fired)), outcomes[0])


@dataclass(frozen=True, slots=True)
class _Kidney:
    """What is known of this patient's kidneys, and what the table makes of it."""

    clearance: Clearance
    label: LabelDose
    rise: Rise | None
    dialysis: bool


def _bone(case: Case, draft: Medication, kidney: _Kidney, full: Quantity) -> Outcome:
    """A draft for bone disease: not recommended, held, at another dose than the table's, or fine."""
    if kidney.label.kind == "not-recommended" or kidney.dialysis:
        message = "dialysis" if kidney.dialysis else "contraindicated"
        return _fired(case, message, draft, kidney, offers=_cancel(draft))
    if strength(draft) == "osteoporosis" and not _meant_for_bone_disease(case, draft):
        return NotFired("osteoporosis_product", (evidence_of(draft),))
    if kidney.label.dose is None:
        return _unknown(case, draft, kidney)
    if kidney.rise is not None:
        return _fired(case, "hold", draft, kidney, offers=_cancel(draft))
    return _dose(case, draft, kidney, kidney.label.dose, full)


def _meant_for_bone_disease(case: Case, draft: Medication) -> bool:
    """5 mg without the osteoporosis brand or reason, in malignant bone disease: the cancer product at a wrong dose."""
    named = "zoledronic-5" in draft.concepts or "osteoporosis" in draft.reasons
    return not named and bool(bone_disease(case))


def _dose(case: Case, draft: Medication, kidney: _Kidney, dose: Quantity, full: Quantity) -> Outcome:
    """Compare the draft's dose with the table's."""
    side = _compare(stated_dose(draft), dose)
    reduced = dose.value < full.value
    if side == 0:
        return NotFired("dose_fits", _evidence(draft, kidney))
    if side is None and not reduced:
        return NotFired("full_dose", _evidence(draft, kidney))
    words: dict[str, Word] = {"dose": dose, "interval": draft.interval_days or ""}
    adjust = "adjust" if draft.interval_days else "adjust_untimed"
    offers = () if "#" in draft.reference else (Offer(adjust, words, draft.reference),)
    return _fired(
        case, _SIDES[side], draft, kidney, offers=(*offers, *_cancel(draft)) if side == 1 else offers, words=words
    )


_SIDES = {None: "dose_not_stated", 1: "too_high", -1: "too_low"}


def _compare(drafted: Quantity | None, dose: Quantity) -> int | None:
    if drafted is None:
        return None
    try:
        return Limit((dose,)).compare(drafted)
    except UnlikeUnits:
        return None


def _unknown(case: Case, draft: Medication, kidney: _Kidney) -> Outcome:
    """No clearance: warn when creatinine, weight, age or sex is not on record; say so when they did not reach us."""
    looked = not_found(case, "no_such_draft", "observations", "patient")
    if not isinstance(looked, NotFired):
        return looked
    message = "no_creatinine" if kidney.clearance.creatinine is None else "not_calculable"
    missing = kidney.clearance.missing or ("an exact clearance",)
    test = (Offer("creatinine"),) if kidney.clearance.creatinine is None else ()
    weight = (Offer("weight"),) if "weight" in kidney.clearance.missing else ()
    return _fired(case, message, draft, kidney, offers=(*test, *weight), words={"missing": missing})


def _hypercalcaemia(
    case: Case,
    draft: Medication,
    kidney: _Kidney,
    calcium: CalciumState,
    creatinine_limit: Limit,
    denosumab_dose: Quantity,
) -> Outcome:
    """A draft for hypercalcaemia: the table does not hold; a very high creatinine or a very low clearance warns."""
    creatinine = kidney.clearance.creatinine
    words: dict[str, Word] = {"dose": denosumab_dose}
    offered = calcium.level == "high" and calcium.firm and _may_swap(case, draft)
    swap = (Offer("denosumab", words, draft.reference),) if offered else ()
    more = () if offered else ("denosumab_withheld",)
    if kidney.label.kind == "not-recommended" or kidney.dialysis:
        return _fired(case, "hypercalcaemia_clearance", draft, kidney, swap, words, more)
    if creatinine is None and kidney.clearance.value is None:
        return _unknown(case, draft, kidney)
    if creatinine is not None and creatinine.value is not None and at_least(creatinine.value, "", creatinine_limit):
        return _fired(case, "hypercalcaemia_creatinine", draft, kidney, swap, words, more)
    return NotFired("hypercalcaemia_no_reduction", _evidence(draft, kidney))


def _may_swap(case: Case, draft: Medication) -> bool:
    """A draft that can be addressed, a cancer that a code proves, and no hypersensitivity to denosumab."""
    return "#" not in draft.reference and in_scope(case).coded and not case.allergies.of("denosumab-allergy")


def _cancel(draft: Medication) -> tuple[Offer, ...]:
    return () if "#" in draft.reference else (Offer("cancel", {}, draft.reference),)


def _fired(
    case: Case,
    message: str,
    draft: Medication,
    kidney: _Kidney,
    offers: tuple[Offer, ...] = (),
    words: dict[str, Word] | None = None,
    more_notes: tuple[str, ...] = (),
) -> Fired:
    clearance = kidney.clearance
    shown: dict[str, Word] = {
        "drafted": stated_dose(draft) or "no stated dose",
        "clearance": clearance.value or "not calculable",
        "creatinine": clearance.creatinine.value if clearance.creatinine and clearance.creatinine.value else "unknown",
        "rise": kidney.rise.by if kidney.rise else "",
        "medicines": tuple(dict.fromkeys(fact.label for fact in on_or_drafted(case, *_KIDNEY_RISKS))),
        "egfr": "",
        "old_creatinine": "",
    }
    notes, extra = _notes(case, kidney, shown)
    evidence = _evidence(draft, kidney, extra)
    return Fired(message, evidence, words={**shown, **(words or {})}, notes=(*more_notes, *notes), offers=offers)


def _notes(case: Case, kidney: _Kidney, shown: dict[str, Word]) -> tuple[tuple[str, ...], tuple[Fact, ...]]:
    """Notes on medicines that harm the kidneys, and on older or other measures when the clearance is not known."""
    notes: list[str] = []
    extra: list[Fact] = []
    if shown["medicines"]:
        notes.append("kidney_risk")
        extra += on_or_drafted(case, *_KIDNEY_RISKS)[:2]
    if kidney.clearance.value is None:
        others = {"egfr": case.observations.of("egfr")[:1]}
        if kidney.clearance.creatinine is None:
            others["old_creatinine"] = case.observations.of("creatinine")[:1]
        for note, found in others.items():
            for fact in found:
                notes.append(note)
                shown[note] = fact.value or fact.text or "without a number"
                extra.append(fact)
        advanced = [fact for fact in case.conditions.of("chronic-kidney-disease") if fact.state == "active"]
        notes += ["advanced_kidney_disease"] if advanced else []
        extra += advanced[:1]
    return tuple(notes), tuple(extra)


def _evidence(draft: Medication, kidney: _Kidney, extra: tuple[Fact, ...] = ()) -> tuple[Evidence, ...]:
    before = (kidney.rise.before,) if kidney.rise else ()
    facts = dict.fromkeys((draft, *kidney.clearance.evidence, *before, *extra))
    return tuple(evidence_of(fact) for fact in facts)
