"""A bone-modifying agent without calcium and vitamin D beside it."""

from cds_service.clinical import Case, Fact, Offer, Span
from cds_service.findings.bone_agent_safety import CalciumLevels, SupplementDoses, calcium_state
from cds_service.findings.bone_agents import AgentReading, drafted, in_use, newest_of
from cds_service.findings.medicines import calcium_supplements, on_or_drafted, unread_medicines
from cds_service.findings.patient_state import hospice_or_comfort
from cds_service.findings.zoledronate import says_hypercalcaemia
from cds_service.ladder import Ladder, absent, cards, draft_needed, ladder, silent, unknown


@ladder
def bma_calcium_vitamin_d(
    case: Case, *, reading: AgentReading, treatment_lookback: Span, levels: CalciumLevels, supplements: SupplementDoses
) -> Ladder:
    """Fire when an agent is given or drafted and calcium, vitamin D or both are not on the list."""
    drafts = drafted(case, reading)
    yield from draft_needed(case, drafts)
    agents: tuple[Fact, ...] = drafts or newest_of(in_use(case, reading, treatment_lookback))
    yield absent("no_agent", agents, needs=("medications",))

    calcium = calcium_state(case, levels)
    raised = calcium.sources if calcium.level == "high" else ()
    raised_on_record = case.active("hypercalcaemia") if calcium.level == "unknown" else ()
    yield silent("calcium_high", raised or raised_on_record, raised or raised_on_record, agents[:1])
    yield silent("for_hypercalcaemia", [draft for draft in drafts if says_hypercalcaemia(draft)])
    stones, comfort = case.conditions.of("kidney-stones"), hospice_or_comfort(case)
    yield silent("kidney_stones", stones, stones, agents[:1])
    yield silent("comfort_care", comfort, comfort, agents[:1])

    facts = (agents[:3], calcium.sources)
    no_calcium = not calcium_supplements(case, reading.given_within)
    no_vitamin_d = not on_or_drafted(case, reading.given_within, "vitamin-d-supplement")
    yield silent("both_on_list", not no_calcium and not no_vitamin_d, *facts)
    yield unknown("medications", case.lacking("medications"), *facts)

    withheld = {
        "medicine_unread": unread_medicines(case),
        "words_only": not any(fact.coded for fact in agents),
        "calcium_unknown": not calcium.firm or calcium.level == "unknown",
        "sensitive": case.active("sarcoidosis", "primary-hyperparathyroidism"),
    }
    offers = supplements.offers(calcium=no_calcium, vitamin_d=no_vitamin_d)
    test = [] if calcium.firm else [Offer("test")]
    yield from cards(
        {"both_missing": no_calcium and no_vitamin_d, "calcium_missing": no_calcium, "vitamin_d_missing": True},
        *facts,
        words={"agent": agents[0].called},
        notes={**withheld, "calcium_low": calcium.level == "low"},
        offers=test if any(withheld.values()) else offers + test,
    )
