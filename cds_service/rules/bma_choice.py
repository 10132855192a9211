"""The choice of an agent: zoledronic acid as the first one where denosumab is preferred, and a bisphosphonate beside another."""

from cds_service.clinical import Case, Fact, Medication, Offer, Span
from cds_service.findings.bone_agent_safety import (
    DenosumabChoice,
    against_denosumab,
    calcium_state,
    denosumab_may_replace,
)
from cds_service.findings.bone_agents import courses, drafted, newest_of, other_antiresorptives
from cds_service.findings.cancer import bone_metastases, primary
from cds_service.findings.medicines import given
from cds_service.findings.zoledronate import MISFITS, DoseByKidney, dose_for_bone, says_hypercalcaemia
from cds_service.ladder import Ladder, absent, card, draft_needed, ladder, silent, unknown

_IN_WEEKS = "pamidronic-acid"
_BISPHOSPHONATES = (_IN_WEEKS, "ibandronic-acid", "clodronic-acid", "alendronic-acid", "risedronic-acid")
"""Agents without a card of their own."""
_SPOKEN_OF = ("denosumab", "zoledronic-acid")


@ladder
def bma_choice(case: Case, *, choice: DenosumabChoice, kidney: DoseByKidney, antiresorptives_apart: Span) -> Ladder:
    """Fire on a bisphosphonate drafted beside another antiresorptive, and on zoledronic acid where denosumab goes first.

    That is a draft of zoledronic acid for bone metastases when no agent was given before and denosumab is preferred.
    """
    drafts = drafted(case, choice.agents, "zoledronic-acid")
    others = case.selected_medications(*_BISPHOSPHONATES)
    yield from draft_needed(case, drafts or others)
    for other in others:
        beside = _beside(case, other, antiresorptives_apart)
        yield card(
            "other_agent",
            *(other, beside[:3]),
            when=beside,
            words={"other": beside, "drafted": other.called},
            offers=[Offer("cancel", draft=other.reference)],
        )
    yield silent("one_agent", not drafts, others)
    disease, prostate, draft = bone_metastases(case), primary(case, "prostate-cancer"), drafts[0]
    yield absent("no_bone_metastases", disease, needs=("conditions",))
    yield silent("not_preferred_here", choice.preferred_agent != "denosumab", draft)
    yield silent("prostate_cancer", prostate and not choice.denosumab_in_prostate_cancer, prostate.facts[:1])
    yield silent("hypercalcaemia", says_hypercalcaemia(draft), draft)
    before = newest_of(courses(case, choice.agents))
    yield unknown("medications", case.lacking("medications"), before)
    yield silent("not_the_first", before)
    yield silent("denosumab_unsuitable", against_denosumab(case, choice))
    yield silent("said_with_the_dose", dose_for_bone(case, draft, kidney) in MISFITS, draft)

    calcium = calcium_state(case, choice.levels)
    swap = Offer("swap", {"dose": choice.denosumab_dose}, draft.reference)
    yield card(
        "prefer_denosumab",
        *(draft, disease.facts[:2], calcium.sources),
        words={"disease": disease},
        notes={"calcium_first": not calcium.firm or calcium.level != "normal"},
        offers=[swap] if denosumab_may_replace(case, choice) else [],
    )


def _beside(case: Case, draft: Medication, apart: Span) -> tuple[Fact, ...]:
    """Other antiresorptives of so many days, or the same where it is given weeks apart; of drafts that a card of their own
    speaks of, that card says so.
    """
    name = next(name for name in _BISPHOSPHONATES if name in draft.concepts)
    selected = {one.reference for one in case.selected_medications(*_SPOKEN_OF)}
    found = [fact for fact in other_antiresorptives(case, name, apart) if fact.reference not in selected]
    same = [fact for fact in given(case, name) if case.within(fact.when, apart)] if name == _IN_WEEKS else []
    return (*found, *(fact for fact in same if (case.days_since(fact.when) or 0) < apart.days))
