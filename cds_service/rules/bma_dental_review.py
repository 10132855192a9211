"""A bone-modifying agent is needed, planned or ordered, and the teeth have not been seen."""

from cds_service.clinical import Case, Fact, Span
from cds_service.findings.bone_agent_safety import (
    CalciumLevels,
    calcium_to_treat,
    dental_examination,
    dental_examination_planned,
    jaw_osteonecrosis,
)
from cds_service.findings.bone_agents import AgentReading, drafted, in_use, newest_of, planned_agents
from cds_service.findings.bone_disease import bone_disease
from cds_service.findings.patient_state import hospice_or_comfort
from cds_service.findings.zoledronate import for_hypercalcaemia
from cds_service.ladder import Ladder, absent, card, cards, draft_needed, ladder, silent, unknown


@ladder
def bma_dental_review(
    case: Case, *, agents: AgentReading, dental_lookback: Span, treatment_lookback: Span, levels: CalciumLevels
) -> Ladder:
    """Fire when no dental examination within the look-back stands beside an agent that is needed, planned, given or drafted."""
    opening, drafts = case.hook == "patient-view", drafted(case, agents)
    yield from draft_needed(case, drafts)
    yield silent("examined", dental_examination(case, dental_lookback))
    yield silent("booked", dental_examination_planned(case, dental_lookback))
    yield silent("jaw_osteonecrosis", jaw_osteonecrosis(case))
    running, to_treat = newest_of(in_use(case, agents, treatment_lookback)), calcium_to_treat(case, levels)
    if opening:
        wanted: tuple[Fact, ...] = running or planned_agents(case, agents) or bone_disease(case).facts
        yield absent("no_agent_needed", wanted, needs=("conditions",))
        yield silent("urgent_treatment", to_treat, *(result.sources for result in to_treat))
        yield silent("comfort_care", hospice_or_comfort(case))
        yield unknown("procedures", case.lacking("procedures"), wanted[:2])
        messages, words = {"on_treatment": running, "before_treatment": True}, {"agent": wanted[0].called}
        yield from cards(messages, wanted[:3], words=words, offers=["dental"])
        return
    yield silent("urgent_treatment", all(for_hypercalcaemia(case, draft, levels) for draft in drafts), drafts)
    yield unknown("procedures", case.lacking("procedures"), drafts)
    yield card("ordered", drafts, running[:1], words={"agent": drafts[0].called}, offers=["dental"])
