"""Zoledronic acid drafted as the first bone-modifying agent where denosumab is preferred."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Medication
from cds_service.findings.bone_agent_safety import CalciumLevels, CalciumState, calcium_state, jaw_osteonecrosis
from cds_service.findings.bone_agents import courses, drafted, osteoporosis_product
from cds_service.findings.cancer import bone_metastases, in_scope, primary
from cds_service.findings.finding import Finding
from cds_service.findings.zoledronate import says_hypercalcaemia
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity


def bma_choice(
    case: Case,
    *,
    preferred_agent: str,
    denosumab_in_prostate_cancer: bool,
    denosumab_dose: Quantity,
    osteoporosis_lookback: Span,
    calcium_lower_limit: Limit,
    calcium_upper_limit: Limit,
    ionised_lower_limit: Limit,
    ionised_upper_limit: Limit,
    calcium_age: Span,
    albumin_window: Span,
) -> Outcome:
    """Fire on a draft of zoledronic acid for bone metastases, when no agent was given before and denosumab is preferred."""
    drafts = drafted(case, "zoledronic-acid")
    if not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    disease = bone_metastases(case)
    if not disease:
        return not_found(case, "no_bone_metastases", "conditions")
    if preferred_agent != "denosumab":
        return NotFired("not_preferred_here")
    if primary(case, "prostate-cancer") and not denosumab_in_prostate_cancer:
        return NotFired(
            "prostate_cancer", tuple(evidence_of(fact) for fact in primary(case, "prostate-cancer").facts[:1])
        )
    draft = drafts[0]
    if says_hypercalcaemia(draft):
        return NotFired("hypercalcaemia", (evidence_of(draft),))
    missing = case.lacking("medications")
    before = [fact for course in courses(case) for fact in course.facts]
    if before or missing:
        return not_found(case, "not_the_first", "medications", evidence=tuple(evidence_of(fact) for fact in before[:2]))
    levels = CalciumLevels(
        lower=calcium_lower_limit,
        upper=calcium_upper_limit,
        ionised_lower=ionised_lower_limit,
        ionised_upper=ionised_upper_limit,
    )
    calcium = calcium_state(case, calcium_age, albumin_window, levels)
    against = _against_denosumab(case, calcium, osteoporosis_product(case, "denosumab", osteoporosis_lookback))
    if against:
        return NotFired("denosumab_unsuitable", tuple(evidence_of(fact) for fact in against))
    return _fire(draft, disease, calcium, denosumab_dose)


def _against_denosumab(case: Case, calcium: CalciumState, osteoporosis: tuple[Medication, ...]) -> tuple[Fact, ...]:
    """Low calcium, hypersensitivity, the osteoporosis product, or osteonecrosis of the jaw."""
    low = calcium.sources if calcium.level == "low" else ()
    stated = tuple(fact for fact in case.conditions.of("hypocalcaemia") if fact.state == "active")
    unknown = stated if calcium.level == "unknown" else ()
    allergies = case.allergies.of("denosumab-allergy")
    return (*low, *unknown, *allergies, *osteoporosis, *jaw_osteonecrosis(case).facts)


def _fire(draft: Medication, disease: Finding, calcium: CalciumState, dose: Quantity) -> Fired:
    """Offer the swap when the draft can be addressed, the disease is coded, and calcium is known."""
    known = calcium.firm and calcium.level == "normal"
    open_to_swap = known and disease.coded and not disease.suspected and "#" not in draft.reference
    offers = (Offer("swap", {"dose": dose}, draft.reference),) if open_to_swap else ()
    notes = () if known else ("calcium_first",)
    evidence = tuple(evidence_of(fact) for fact in (draft, *disease.facts[:2], *calcium.sources))
    words = {"disease": disease.label, "calcium": calcium.value or "not on record"}
    return Fired("prefer_denosumab", evidence, words=words, notes=notes, offers=offers)
