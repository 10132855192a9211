"""Malignant bone disease without a bone-modifying agent: plan teeth, calcium and vitamin D, and an agent."""

from dataclasses import dataclass

from cds_service.clinical import Case, Evidence, Fact, Medication, Offer, Quantity, Span, Table, evidence_of, said
from cds_service.findings.bone_agent_safety import (
    CalciumLevels,
    CalciumState,
    SupplementDoses,
    VitaminD,
    VitaminDLimit,
    calcium_state,
    dental_examination,
    dental_examination_planned,
    jaw_osteonecrosis,
    vitamin_d_state,
)
from cds_service.findings.bone_agents import (
    AgentReading,
    courses,
    newest_of,
    on_bone_agent,
    osteoporosis_product,
    planned_agents,
    strength,
)
from cds_service.findings.bone_disease import bone_disease
from cds_service.findings.cancer import SOLID_PRIMARIES, primary
from cds_service.findings.finding import Finding
from cds_service.findings.medicines import calcium_supplements, on_medicine, unread_medicines
from cds_service.findings.naming import stated
from cds_service.findings.patient_state import hospice_or_comfort, short_prognosis
from cds_service.findings.renal import ClearanceInputs
from cds_service.findings.zoledronate import ClearanceDose, LabelDose, zoledronate_dose
from cds_service.ladder import Ladder, absent, cancer_ladder, cards, silent, unknown

_Notes = dict[str, object]
_OTHER_PRIMARIES = tuple(site for site in SOLID_PRIMARIES if site != "prostate-cancer")


@cancer_ladder
def bma_start(
    case: Case,
    *,
    agents: AgentReading,
    treatment_lookback: Span,
    osteoporosis_lookback: Span,
    dental_lookback: Span,
    levels: CalciumLevels,
    vitamin_d: VitaminDLimit,
    clearance: ClearanceInputs,
    zoledronate_doses: Table[ClearanceDose],
    denosumab_dose: Quantity,
    supplements: SupplementDoses,
    preferred_agent: str,
    denosumab_in_prostate_cancer: bool,
) -> Ladder:
    """Fire on bone metastases or active myeloma without a bone-modifying agent within the look-back."""
    disease, myeloma = bone_disease(case), case.conditions.of("myeloma")
    yield absent("myeloma_in_remission" if myeloma else "no_bone_disease", disease, myeloma[:2], needs=("conditions",))
    running, plans = newest_of(on_bone_agent(case, agents, treatment_lookback)), planned_agents(case, agents)
    yield silent("on_treatment", running, *_with_strength(running, agents))
    yield silent("planned", plans, *_with_strength(plans, agents))
    yield silent("jaw_osteonecrosis", jaw_osteonecrosis(case))
    yield silent("comfort_care", hospice_or_comfort(case))
    yield silent("short_prognosis", not primary(case, "breast-cancer") and short_prognosis(case))
    yield unknown("medications", case.lacking("medications"))

    known = _Known(
        disease,
        _always_treated(case),
        calcium_state(case, levels),
        vitamin_d_state(case, vitamin_d),
        zoledronate_dose(case, zoledronate_doses, clearance),
        osteoporosis_product(case, agents, "denosumab", osteoporosis_lookback),
    )
    calcium, vitamin, zoledronate, urgent = known.calcium, known.vitamin_d, known.zoledronate, known.urgent
    low = calcium.level == "low" or (calcium.level == "unknown" and case.active("hypocalcaemia"))
    course = next(iter(courses(case, agents)), None)
    standing = course is not None and course.orders and not course.doses and not low
    withheld = _withheld(case, known, low=bool(low), denosumab_in_prostate_cancer=denosumab_in_prostate_cancer)
    no_agent, no_denosumab, no_zoledronate = withheld
    alternatives = [] if standing else _agents(*withheld, zoledronate.dose, denosumab_dose, preferred_agent)
    examined, booked = dental_examination(case, dental_lookback), dental_examination_planned(case, dental_lookback)
    bloods = (
        "bloods" if not calcium.firm or zoledronate.kind == "unknown" else "" if vitamin.result else "vitamin_d_level"
    )
    facts = (
        *(disease.facts[:2], urgent[:2], course.facts if course else (), calcium.sources),
        *(zoledronate.clearance.evidence, vitamin.result, examined[:1], known.osteoporosis[:1]),
    )
    yield from cards(
        {
            "correct_calcium_first": low,
            "ordered_not_given": standing,
            "restart": course and course.doses,
            "unread_medicine": urgent and no_agent["medicine_unread"],
            "start_suspected": urgent and disease.suspected,
            "start": urgent,
            "consider": True,
        },
        *facts,
        words={
            "disease": (name := stated(disease)),
            "cancer": tuple(dict.fromkeys((*(fact.called for fact in urgent[:1]), name))),
            "calcium": calcium.shown if calcium.result else said("hypocalcaemia on record"),
            "missing": zoledronate.clearance.missing or (said("nothing"),),
            "vitamin_d": vitamin.shown,
            "agent": course.label if course else "",
            "last": (course.last or said("date not recorded")) if course else "",
        },
        notes={
            **(no_agent | no_denosumab | no_zoledronate),
            "calcium_first": no_agent["calcium_unknown"],
            "dental_done": examined,
            "dental_planned": booked and not examined,
            "dental_missing": not examined and not booked,
            "vitamin_d_low": vitamin.low,
            "oral_bisphosphonate": on_medicine(case, agents.given_within, "oral-bisphosphonate"),
            "uncorrected": calcium.uncorrected,
            "kidney_stones": case.conditions.of("kidney-stones"),
            "preferred_denosumab": len(alternatives) > 1 and preferred_agent == "denosumab",
            "preferred_zoledronate": len(alternatives) > 1 and preferred_agent == "zoledronic-acid",
        },
        offers=[
            *alternatives,
            *_supplements(case, no_agent, supplements, agents.given_within),
            *([Offer(bloods)] if bloods else []),
        ],
        at_most=None if urgent else "info",
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of this patient before an agent is chosen."""

    disease: Finding
    urgent: tuple[Fact, ...]
    calcium: CalciumState
    vitamin_d: VitaminD
    zoledronate: LabelDose
    osteoporosis: tuple[Medication, ...]


def _withheld(
    case: Case, known: _Known, *, low: bool, denosumab_in_prostate_cancer: bool
) -> tuple[_Notes, _Notes, _Notes]:
    """Why no agent at all, no denosumab, no zoledronic acid is offered: names of notes, and whether they hold."""
    prostate, calcium = primary(case, "prostate-cancer"), known.calcium
    return (
        {
            "words_only": not known.disease.coded,
            "suspected": known.disease.suspected,
            "medicine_unread": unread_medicines(case),
            "calcium_low": low,
            "calcium_high": calcium.level == "high",
            "calcium_unknown": not low and calcium.level != "high" and not calcium.firm,
            "hormone_sensitive_prostate": prostate and not primary(case, *_OTHER_PRIMARIES) and not known.urgent,
            "jaw_osteonecrosis_past": case.conditions.of("mronj"),
        },
        {
            "denosumab_allergy": case.allergies.of("denosumab-allergy"),
            "osteoporosis_denosumab": known.osteoporosis,
            "denosumab_not_in_prostate": prostate and not denosumab_in_prostate_cancer,
        },
        {
            "bisphosphonate_allergy": case.allergies.of("bisphosphonate-allergy"),
            "kidneys_forbid_zoledronate": known.zoledronate.kind == "not-recommended",
            "kidneys_unknown": known.zoledronate.kind == "unknown",
        },
    )


def _agents(
    none: _Notes,
    no_denosumab: _Notes,
    no_zoledronate: _Notes,
    zoledronate: Quantity | None,
    denosumab: Quantity,
    first: str,
) -> list[Offer]:
    """The agents as alternatives, the preferred one first."""
    if any(none.values()):
        return []
    offers = [] if any(no_denosumab.values()) else [Offer("denosumab", {"dose": denosumab})]
    if zoledronate is not None and not any(no_zoledronate.values()):
        offers.append(Offer("zoledronic_acid", {"dose": zoledronate}))
    return offers[::-1] if first == "zoledronic-acid" else offers


def _supplements(case: Case, no_agent: _Notes, doses: SupplementDoses, given_within: Span) -> list[Offer]:
    """Calcium and vitamin D, unless they are on the list, calcium is high or unknown, or stones are on record."""
    against = ("words_only", "suspected", "medicine_unread", "calcium_high", "calcium_unknown")
    if any(no_agent[reason] for reason in against) or case.conditions.of("kidney-stones"):
        return []
    calcium, vitamin_d = (
        calcium_supplements(case, given_within),
        on_medicine(case, given_within, "vitamin-d-supplement"),
    )
    return doses.offers(calcium=not calcium, vitamin_d=not vitamin_d)


def _with_strength(facts: tuple[Fact, ...], agents: AgentReading) -> tuple[Evidence, ...]:
    """Medicines, with a remark where nobody wrote which strength is meant."""
    unstated = {fact for fact in facts if isinstance(fact, Medication) and strength(fact, agents) == "unknown"}
    return tuple(evidence_of(fact, said("strength not stated") if fact in unstated else "") for fact in facts[:3])


def _always_treated(case: Case) -> tuple[Fact, ...]:
    """The cancers in which every patient with bone disease is treated: breast, castration-resistant prostate, myeloma."""
    resistant: tuple[Fact, ...] = primary(case, "castration-resistance").facts or tuple(
        fact for fact in case.observations.of("castration-resistance") if fact.present is not False
    )
    myeloma = tuple(fact for fact in bone_disease(case).facts if "myeloma" in fact.concepts)
    return (*primary(case, "breast-cancer").facts, *resistant, *myeloma)
