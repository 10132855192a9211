"""Surgery of the jaw, or signs of its osteonecrosis, in a patient on a bone-modifying agent."""

from cds_service.clinical import Case, Fact, Span, said
from cds_service.findings.bone_agent_safety import jaw_osteonecrosis
from cds_service.findings.bone_agents import AgentReading, in_use
from cds_service.findings.cord import signs
from cds_service.findings.studies import ordered
from cds_service.ladder import Ladder, absent, card, draft_needed, ladder, needed, silent


@ladder
def dental_surgery_on_bma(
    case: Case, *, agents: AgentReading, exposure_lookback: Span, symptom_window: Span, advice_lookback: Span
) -> Ladder:
    """Fire on a draft of dental surgery, or on opening on signs of jaw osteonecrosis, while an agent is in the bones."""
    opening, surgery = case.hook == "patient-view", case.selected_orders("dental-surgery")
    yield from draft_needed(case, surgery)
    proven = jaw_osteonecrosis(case).facts
    jaw: tuple[Fact, ...] = (*case.recent(signs(case, "jaw-symptom"), symptom_window), *proven) if opening else surgery
    yield absent("no_jaw_signs", jaw, needs=("conditions", "observations"))
    running = next(iter(in_use(case, agents, exposure_lookback)), None)
    course = yield from needed("not_on_agent", running, jaw[:2], needs=("medications",))
    referrals = ordered(case, advice_lookback, "referral-dental")
    advice = tuple(order for order in referrals if order.concepts.isdisjoint({"dental-exam", "dental-surgery"}))
    yield silent("advice_sought", opening and advice, advice)

    denosumab = course.agent == "denosumab"
    yield card(
        "jaw_signs" if opening else "surgery",
        *(jaw[:3], course.facts, proven[:1], advice[:1]),
        words={"agent": course.label, "last": course.last or said("date not recorded"), "signs": jaw},
        notes={
            "jaw_osteonecrosis": proven and not opening,
            "advice_sought": advice,
            "denosumab": denosumab,
            "bisphosphonate": not denosumab,
        },
        offers={"oral_surgery": not advice},
    )
