"""Malignant bone disease without a bone-modifying agent: plan teeth, calcium and vitamin D, and an agent."""

from cds_service.clinical import Case, Evidence, Fact, Limit, Medication, Offer, Span, Table, below, evidence_of, said
from cds_service.findings.bone_agent_safety import (
    CalciumState,
    DenosumabChoice,
    SupplementDoses,
    calcium_state,
    dental_examination,
    dental_examination_planned,
    jaw_osteonecrosis,
)
from cds_service.findings.bone_agents import courses, newest_of, osteoporosis_product, planned_agents, strength
from cds_service.findings.bone_disease import bone_disease
from cds_service.findings.cancer import primary
from cds_service.findings.finding import stated
from cds_service.findings.medicines import calcium_supplements, on_medicine, unread_medicines
from cds_service.findings.patient_state import hospice_or_comfort, short_prognosis
from cds_service.findings.renal import ClearanceInputs, latest
from cds_service.findings.zoledronate import ClearanceDose, zoledronate_dose
from cds_service.ladder import Ladder, absent, cancer_ladder, cards, silent, unknown


@cancer_ladder
def bma_start(
    case: Case,
    *,
    choice: DenosumabChoice,
    treatment_lookback: Span,
    dental_lookback: Span,
    vitamin_d_low: Limit,
    vitamin_d_age: Span,
    clearance: ClearanceInputs,
    zoledronate_doses: Table[ClearanceDose],
    supplements: SupplementDoses,
) -> Ladder:
    """Fire on bone metastases or active myeloma without a bone-modifying agent within the look-back."""
    disease, myeloma, agents = bone_disease(case), case.conditions.of("myeloma"), choice.agents
    yield absent("myeloma_in_remission" if myeloma else "no_bone_disease", disease, myeloma[:2], needs=("conditions",))
    on_record, plans = courses(case, agents), planned_agents(case, agents)
    running = newest_of(course for course in on_record if course.current(case, treatment_lookback))
    yield silent("on_treatment", running, *_with_strength(running, choice))
    yield silent("planned", plans, *_with_strength(plans, choice))
    yield silent("jaw_osteonecrosis", jaw_osteonecrosis(case))
    yield silent("comfort_care", hospice_or_comfort(case))
    yield silent("short_prognosis", not primary(case, "breast-cancer") and short_prognosis(case))
    yield unknown("medications", case.lacking("medications"))

    urgent, calcium = _always_treated(case), calcium_state(case, choice.levels)
    vitamin = latest(case, vitamin_d_age, "vitamin-d")
    zoledronate = zoledronate_dose(case, zoledronate_doses, clearance)
    osteoporosis = osteoporosis_product(case, agents, "denosumab", choice.osteoporosis_lookback)
    low = calcium.level == "low" or (calcium.level == "unknown" and case.active("hypocalcaemia"))
    course = next(iter(on_record), None)
    standing = course is not None and course.orders and not course.doses and not low
    withheld = _withheld(case, urgent, calcium, low)
    no_denosumab = {
        "denosumab_allergy": case.allergies.of("denosumab-allergy"),
        "osteoporosis_denosumab": osteoporosis,
        "denosumab_not_in_prostate": primary(case, "prostate-cancer") and not choice.denosumab_in_prostate_cancer,
    }
    no_zoledronate = {
        "bisphosphonate_allergy": case.allergies.of("bisphosphonate-allergy"),
        "kidneys_forbid_zoledronate": zoledronate.kind == "not-recommended",
        "kidneys_unknown": zoledronate.kind == "unknown",
    }
    doses = {
        "denosumab": None if any(no_denosumab.values()) else choice.denosumab_dose,
        "zoledronic_acid": None if any(no_zoledronate.values()) else zoledronate.dose,
    }
    agents_offered = [Offer(agent, {"dose": dose}) for agent, dose in doses.items() if dose is not None]
    if standing or any(withheld.values()):
        agents_offered = []
    elif choice.preferred_agent == "zoledronic-acid":
        agents_offered.reverse()
    name = stated(case, disease)
    examined, booked = dental_examination(case, dental_lookback), dental_examination_planned(case, dental_lookback)
    bloods_due = not calcium.firm or zoledronate.kind == "unknown"
    yield from cards(
        {
            "correct_calcium_first": low,
            "ordered_not_given": standing,
            "restart": course and course.doses,
            "unread_medicine": urgent and withheld["medicine_unread"],
            "start_suspected": urgent and disease.suspected,
            "start": urgent,
            "consider": True,
        },
        *(disease.facts[:2], urgent[:2], course.facts if course else (), calcium.sources),
        *(zoledronate.clearance.evidence, vitamin, examined[:1], osteoporosis[:1]),
        words={
            "disease": name,
            "cancer": tuple(dict.fromkeys((*(fact.called for fact in urgent[:1]), name))),
            "calcium": calcium.result.value if calcium.result else said("hypocalcaemia on record"),
            "missing": zoledronate.clearance.missing or (said("nothing"),),
            "vitamin_d": vitamin.value if vitamin else said("not on record"),
            "agent": course.label if course else "",
            "last": (course.last or said("date not recorded")) if course else "",
        },
        notes={
            **(withheld | no_denosumab | no_zoledronate),
            "calcium_first": withheld["calcium_unknown"],
            "dental_done": examined,
            "dental_planned": booked and not examined,
            "dental_missing": not examined and not booked,
            "vitamin_d_low": below(vitamin, vitamin_d_low),
            "oral_bisphosphonate": on_medicine(case, agents.given_within, "oral-bisphosphonate"),
            "uncorrected": calcium.uncorrected,
            "kidney_stones": case.conditions.of("kidney-stones"),
            "preferred_denosumab": len(agents_offered) > 1 and choice.preferred_agent == "denosumab",
            "preferred_zoledronate": len(agents_offered) > 1 and choice.preferred_agent == "zoledronic-acid",
        },
        offers=[
            *agents_offered,
            *_supplements(case, withheld, supplements, agents.given_within),
            *(["bloods"] if bloods_due else [] if vitamin else ["vitamin_d_level"]),
        ],
        at_most=None if urgent else "info",
    )


def _withheld(case: Case, urgent: tuple[Fact, ...], calcium: CalciumState, low: object) -> dict[str, object]:
    """Why no agent is offered at all: names of notes, and whether they hold."""
    disease = bone_disease(case)
    other_primaries = (name for name in case.groups["solid-primaries"] if name != "prostate-cancer")
    return {
        "words_only": not disease.coded,
        "suspected": disease.suspected,
        "medicine_unread": unread_medicines(case),
        "calcium_low": low,
        "calcium_high": calcium.level == "high",
        "calcium_unknown": not low and calcium.level != "high" and not calcium.firm,
        "hormone_sensitive_prostate": (
            primary(case, "prostate-cancer") and not primary(case, *other_primaries) and not urgent
        ),
        "jaw_osteonecrosis_past": case.conditions.of("mronj"),
    }


def _supplements(case: Case, withheld: dict[str, object], doses: SupplementDoses, given_within: Span) -> list[Offer]:
    """Calcium and vitamin D, unless they are on the list, calcium is high or unknown, or stones are on record."""
    against = ("words_only", "suspected", "medicine_unread", "calcium_high", "calcium_unknown")
    if any(withheld[reason] for reason in against) or case.conditions.of("kidney-stones"):
        return []
    on_list = on_medicine(case, given_within, "vitamin-d-supplement")
    return doses.offers(calcium=not calcium_supplements(case, given_within), vitamin_d=not on_list)


def _with_strength(facts: tuple[Fact, ...], choice: DenosumabChoice) -> tuple[Evidence, ...]:
    """Medicines, with a remark where nobody wrote which strength is meant."""
    unstated = {fact for fact in facts if isinstance(fact, Medication) and strength(fact, choice.agents) == "unknown"}
    return tuple(evidence_of(fact, said("strength not stated") if fact in unstated else "") for fact in facts[:3])


def _always_treated(case: Case) -> tuple[Fact, ...]:
    """The cancers in which every patient with bone disease is treated: breast, castration-resistant prostate, myeloma."""
    resistant: tuple[Fact, ...] = primary(case, "castration-resistance").facts or tuple(
        fact for fact in case.observations.of("castration-resistance") if fact.present is not False
    )
    myeloma = tuple(fact for fact in bone_disease(case).facts if "myeloma" in fact.concepts)
    return (*primary(case, "breast-cancer").facts, *resistant, *myeloma)
