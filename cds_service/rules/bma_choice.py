"""Zoledronic acid drafted as the first bone-modifying agent where denosumab is preferred."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.findings.bone_agent_safety import (
    CalciumLevels,
    DenosumabChoice,
    against_denosumab,
    calcium_state,
    denosumab_may_replace,
)
from cds_service.findings.bone_agents import AgentReading, courses, drafted, newest_of
from cds_service.findings.cancer import bone_metastases, primary
from cds_service.findings.naming import called
from cds_service.findings.zoledronate import MISFITS, DoseByKidney, dose_for_bone, says_hypercalcaemia
from cds_service.ladder import Ladder, absent, card, ladder, outside_scope, silent, unknown
from cds_service.outcomes import Offer


@ladder
def bma_choice(
    case: Case, *, choice: DenosumabChoice, levels: CalciumLevels, kidney: DoseByKidney, agents: AgentReading
) -> Ladder:
    """Fire on a draft of zoledronic acid for bone metastases, when no agent was given before and denosumab is preferred."""
    drafts = drafted(case, agents, "zoledronic-acid")
    yield absent("no_such_draft", drafts, needs=())
    yield outside_scope(case)
    disease, prostate, draft = bone_metastases(case), primary(case, "prostate-cancer"), drafts[0]
    yield absent("no_bone_metastases", disease, needs=("conditions",))
    yield silent("not_preferred_here", choice.preferred_agent != "denosumab", draft)
    yield silent("prostate_cancer", prostate and not choice.denosumab_in_prostate_cancer, prostate.facts[:1])
    yield silent("hypercalcaemia", says_hypercalcaemia(draft), draft)
    before = newest_of(courses(case, agents))
    yield unknown("medications", case.lacking("medications"), before)
    yield silent("not_the_first", before)
    yield silent("denosumab_unsuitable", against_denosumab(case, levels, choice, agents))
    yield silent("said_with_the_dose", dose_for_bone(case, draft, kidney, agents) in MISFITS, draft)

    calcium = calcium_state(case, levels)
    known = calcium.firm and calcium.level == "normal"
    swap = Offer("swap", {"dose": choice.denosumab_dose}, draft.reference)
    yield card(
        "prefer_denosumab",
        True,
        *(draft, disease.facts[:2], calcium.sources),
        words={"disease": called(disease.facts)},
        notes={"calcium_first": not known},
        offers=[swap] if denosumab_may_replace(case, levels, choice, agents) else [],
    )
