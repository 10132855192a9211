"""Zoledronic acid drafted as the first bone-modifying agent where denosumab is preferred."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.findings.bone_agent_safety import CalciumLevels, calcium_state, jaw_osteonecrosis
from cds_service.findings.bone_agents import AgentReading, courses, drafted, newest_of, osteoporosis_product
from cds_service.findings.cancer import bone_metastases, primary
from cds_service.findings.zoledronate import says_hypercalcaemia
from cds_service.ladder import Ladder, absent, card, ladder, outside_scope, silent, unknown
from cds_service.outcomes import Offer
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Quantity


@ladder
def bma_choice(
    case: Case,
    *,
    agents: AgentReading,
    preferred_agent: str,
    denosumab_in_prostate_cancer: bool,
    denosumab_dose: Quantity,
    osteoporosis_lookback: Span,
    levels: CalciumLevels,
) -> Ladder:
    """Fire on a draft of zoledronic acid for bone metastases, when no agent was given before and denosumab is preferred."""
    drafts = drafted(case, agents, "zoledronic-acid")
    yield absent("no_such_draft", drafts, needs=())
    yield outside_scope(case)
    disease, prostate, draft = bone_metastases(case), primary(case, "prostate-cancer"), drafts[0]
    yield absent("no_bone_metastases", disease, needs=("conditions",))
    yield silent("not_preferred_here", preferred_agent != "denosumab")
    yield silent("prostate_cancer", prostate and not denosumab_in_prostate_cancer, prostate.facts[:1])
    yield silent("hypercalcaemia", says_hypercalcaemia(draft), draft)
    before = newest_of(courses(case, agents))
    yield unknown("medications", case.lacking("medications"), before)
    yield silent("not_the_first", before)

    calcium = calcium_state(case, levels)
    unsuitable = (
        *(calcium.sources if calcium.level == "low" else ()),
        *(case.active("hypocalcaemia") if calcium.level == "unknown" else ()),
        *case.allergies.of("denosumab-allergy"),
        *osteoporosis_product(case, agents, "denosumab", osteoporosis_lookback),
        *jaw_osteonecrosis(case).facts,
    )
    yield silent("denosumab_unsuitable", unsuitable)
    known = calcium.firm and calcium.level == "normal"
    swap = Offer("swap", {"dose": denosumab_dose}, draft.reference)
    yield card(
        "prefer_denosumab",
        True,
        *(draft, disease.facts[:2], calcium.sources),
        words={"disease": disease.label, "calcium": calcium.shown},
        notes={"calcium_first": not known},
        offers=[swap] if known and disease.coded and not disease.suspected else [],
    )
