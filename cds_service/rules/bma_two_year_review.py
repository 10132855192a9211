"""Two years and more on a bone-modifying agent: is it still needed?"""

from cds_service.clinical import Case, Span
from cds_service.findings.bone_agents import AgentReading, bone_agent_review, in_use
from cds_service.findings.bone_disease import skeletal_events
from cds_service.findings.disease_course import disease_status
from cds_service.findings.patient_state import hospice_or_comfort
from cds_service.ladder import Ladder, absent, cancer_ladder, card, silent


@cancer_ladder
def bma_two_year_review(
    case: Case,
    *,
    review_after: Span,
    agents: AgentReading,
    treatment_lookback: Span,
    event_window: Span,
    status_age: Span,
    review_lookback: Span,
) -> Ladder:
    """Fire when a running treatment began as long ago as the review, or longer, and the disease is not progressing."""
    running = in_use(case, agents, treatment_lookback)
    yield absent("not_on_agent", running, needs=("medications",))
    newest = running[0]
    # a change of agent does not begin the treatment anew
    first = min((course.first for course in running if course.first), key=lambda moment: moment.last, default=None)
    yield silent("not_yet", not case.long_ago(first, review_after), newest.facts)
    assert first is not None
    status = disease_status(case, status_age)
    yield silent("recent_event", skeletal_events(case, event_window))
    yield silent("progression", status.progressing, status)
    yield silent("comfort_care", hospice_or_comfort(case))
    yield silent("review_ordered", bone_agent_review(case, review_lookback))

    denosumab = any(course.agent == "denosumab" for course in running)
    yield card(
        "review",
        *((*course.doses[:1], *course.doses[-1:], *course.orders[-1:]) for course in running),
        status,
        words={"agent": newest.label, "first": first},
        notes={
            "denosumab_rebound": denosumab,
            "bisphosphonate_stays": not denosumab,
            "status_unknown": not status.controlled,
            "doses_not_seen": not newest.doses,
        },
        offers=["review"],
    )
