"""Malignant bone disease without a bone-modifying agent: plan teeth, calcium and vitamin D, and an agent."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.chart.case import Case
from cds_service.chart.facts import Condition, Fact, Medication, Observation
from cds_service.findings.bone_agent_safety import (
    CalciumLevels,
    CalciumState,
    calcium_state,
    dental_examination,
    dental_examination_planned,
    jaw_osteonecrosis,
    vitamin_d,
    vitamin_d_is_low,
)
from cds_service.findings.bone_agents import (
    Course,
    courses,
    on_bone_agent,
    osteoporosis_product,
    planned_agents,
    strength,
)
from cds_service.findings.bone_disease import bone_disease
from cds_service.findings.cancer import SOLID_PRIMARIES, in_scope, primary
from cds_service.findings.care_setting import hospice_or_comfort, short_prognosis
from cds_service.findings.finding import Finding
from cds_service.findings.medicines import on_medicine
from cds_service.findings.renal import Clearance, creatinine_clearance, on_dialysis
from cds_service.findings.zoledronate import ClearanceDose, LabelDose, dose_for
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity
from cds_service.terminology.tables import Table


def bma_start(
    case: Case,
    *,
    treatment_lookback: Span,
    osteoporosis_lookback: Span,
    dental_lookback: Span,
    calcium_lower_limit: Limit,
    calcium_upper_limit: Limit,
    ionised_lower_limit: Limit,
    ionised_upper_limit: Limit,
    calcium_age: Span,
    albumin_window: Span,
    vitamin_d_low: Limit,
    vitamin_d_age: Span,
    creatinine_age: Span,
    weight_age: Span,
    zoledronate_doses: Table[ClearanceDose],
    denosumab_dose: Quantity,
    calcium_dose: Quantity,
    vitamin_d_dose: Quantity,
    preferred_agent: str,
    denosumab_in_prostate_cancer: bool,
) -> Outcome:
    """Fire on bone metastases or active myeloma without a bone-modifying agent within the look-back."""
    silent = _silent(case, treatment_lookback)
    if silent is not None:
        return silent
    disease = bone_disease(case)
    levels = CalciumLevels(
        lower=calcium_lower_limit,
        upper=calcium_upper_limit,
        ionised_lower=ionised_lower_limit,
        ionised_upper=ionised_upper_limit,
    )
    clearance = creatinine_clearance(case, creatinine_age, weight_age)
    measured = vitamin_d(case, vitamin_d_age)
    picture = _Picture(
        disease,
        _course(case),
        calcium_state(case, calcium_age, albumin_window, levels),
        clearance,
        LabelDose("not-recommended") if on_dialysis(case, creatinine_age) else dose_for(clearance, zoledronate_doses),
        measured,
        vitamin_d_is_low(measured, vitamin_d_low),
        dental_examination(case, dental_lookback),
        dental_examination_planned(case, dental_lookback),
        osteoporosis_product(case, "denosumab", osteoporosis_lookback),
        bool(primary(case, "prostate-cancer")) and not denosumab_in_prostate_cancer,
        preferred_agent,
    )
    doses = {"denosumab": denosumab_dose, "calcium": calcium_dose, "vitamin_d": vitamin_d_dose}
    return _fire(case, picture, doses)


@dataclass(frozen=True, slots=True)
class _Picture:
    """What is known of this patient before an agent is chosen."""

    disease: Finding
    course: Course | None
    calcium: CalciumState
    clearance: Clearance
    zoledronate: LabelDose
    vitamin_d: Observation | None
    vitamin_d_low: bool
    dental: tuple[Fact, ...]
    dental_planned: tuple[Fact, ...]
    osteoporosis: tuple[Medication, ...]
    no_denosumab_here: bool
    preferred: str


def _silent(case: Case, lookback: Span) -> Outcome | None:
    """Why not to speak: no bone disease, treated already, jaw osteonecrosis, end of life."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    if not bone_disease(case):
        remission = [fact for fact in case.conditions.of("myeloma") if isinstance(fact, Condition)]
        because = "myeloma_in_remission" if remission else "no_bone_disease"
        return not_found(case, because, "conditions", evidence=tuple(evidence_of(fact) for fact in remission[:2]))
    running = [fact for course in on_bone_agent(case, lookback) for fact in course.facts]
    checks: tuple[tuple[str, tuple[Fact, ...]], ...] = (
        ("on_treatment", tuple(running)),
        ("planned", planned_agents(case)),
        ("jaw_osteonecrosis", jaw_osteonecrosis(case).facts),
        ("comfort_care", hospice_or_comfort(case).facts),
        ("short_prognosis", () if primary(case, "breast-cancer") else short_prognosis(case).facts),
    )
    for because, facts in checks:
        if facts:
            return NotFired(because, tuple(evidence_of(fact, _open_strength(fact)) for fact in facts[:3]))
    missing = not_found(case, "on_treatment", "medications")
    return None if isinstance(missing, NotFired) else missing


def _open_strength(fact: Fact) -> str:
    return "strength not stated" if isinstance(fact, Medication) and strength(fact) == "unknown" else ""


def _course(case: Case) -> Course | None:
    """The course that was given last, though longer ago than the look-back."""
    return next(iter(courses(case)), None)


def _fire(case: Case, picture: _Picture, doses: dict[str, Quantity]) -> Fired:
    urgent = _urgent(case)
    low = picture.calcium.level == "low" or (picture.calcium.level == "unknown" and _stated_low(case))
    message = "correct_calcium_first" if low else _message(picture, urgent)
    withheld = _withheld(case, picture, low=low, urgent=bool(urgent))
    offers = [] if picture.dental or picture.dental_planned else [Offer("dental")]
    if message != "ordered_not_given":
        offers += _agents(picture, withheld, doses["denosumab"])
    offers += _supplements(case, picture, withheld, doses)
    offers += _tests(picture)
    choice = {"denosumab", "zoledronic_acid"} <= {offer.suggestion for offer in offers}
    notes = (*withheld, *_circumstances(case, picture, choice=choice))
    facts = dict.fromkeys(
        (
            *picture.disease.facts[:2],
            *urgent[:2],
            *(picture.course.facts if picture.course else ()),
            *picture.calcium.sources,
            *picture.clearance.evidence,
            *((picture.vitamin_d,) if picture.vitamin_d else ()),
            *picture.dental[:1],
            *picture.osteoporosis[:1],
        )
    )
    return Fired(
        message,
        tuple(evidence_of(fact) for fact in facts),
        words=_words(picture, urgent),
        notes=notes,
        offers=tuple(offers),
        at_most=None if urgent else "info",
    )


def _urgent(case: Case) -> tuple[Fact, ...]:
    """The cancers in which every patient with bone disease is treated: breast, castration-resistant prostate, myeloma."""
    breast = primary(case, "breast-cancer").facts
    resistant = primary(case, "castration-resistance").facts or case.observations.of("castration-resistance")
    resistant = tuple(fact for fact in resistant if getattr(fact, "present", None) is not False)
    myeloma = tuple(fact for fact in bone_disease(case).facts if "myeloma" in fact.concepts)
    return (*breast, *resistant, *myeloma)


def _message(picture: _Picture, urgent: tuple[Fact, ...]) -> str:
    if picture.course is not None and picture.course.doses:
        return "restart"
    if picture.course is not None and picture.course.orders:
        return "ordered_not_given"
    if urgent:
        return "start_suspected" if picture.disease.suspected else "start"
    return "consider"


def _prostate_only(case: Case) -> bool:
    """Prostate cancer is on record and no other solid primary that the metastases may have come from."""
    others = tuple(site for site in SOLID_PRIMARIES if site != "prostate-cancer")
    return bool(primary(case, "prostate-cancer")) and not primary(case, *others)


def _stated_low(case: Case) -> bool:
    return any(fact.state == "active" for fact in case.conditions.of("hypocalcaemia"))


def _withheld(case: Case, picture: _Picture, *, low: bool, urgent: bool) -> tuple[str, ...]:
    """Why no agent at all, or not this one, is offered."""
    calcium = picture.calcium
    all_agents = (
        ("words_only", not picture.disease.coded),
        ("suspected", picture.disease.suspected),
        ("calcium_low", low),
        ("calcium_high", calcium.level == "high"),
        ("calcium_unknown", not low and calcium.level != "high" and not calcium.firm),
        ("hormone_sensitive_prostate", _prostate_only(case) and not urgent),
        ("jaw_osteonecrosis_past", bool(case.conditions.of("mronj"))),
    )
    found = tuple(note for note, holds in all_agents if holds)
    one_agent = (
        ("denosumab_allergy", bool(case.allergies.of("denosumab-allergy"))),
        ("osteoporosis_denosumab", bool(picture.osteoporosis)),
        ("denosumab_not_in_prostate", picture.no_denosumab_here),
        ("bisphosphonate_allergy", bool(case.allergies.of("bisphosphonate-allergy"))),
        ("kidneys_forbid_zoledronate", picture.zoledronate.kind == "not-recommended"),
        ("kidneys_unknown", picture.zoledronate.kind == "unknown"),
    )
    return (*found, *(note for note, holds in one_agent if holds))


_AGAINST_ALL = frozenset(
    {
        "words_only",
        "suspected",
        "calcium_low",
        "calcium_high",
        "calcium_unknown",
        "hormone_sensitive_prostate",
        "jaw_osteonecrosis_past",
    }
)
_AGAINST_DENOSUMAB = frozenset({"denosumab_allergy", "osteoporosis_denosumab", "denosumab_not_in_prostate"})
_AGAINST_ZOLEDRONATE = frozenset({"bisphosphonate_allergy", "kidneys_forbid_zoledronate", "kidneys_unknown"})


def _agents(picture: _Picture, withheld: tuple[str, ...], denosumab_dose: Quantity) -> list[Offer]:
    """The agents as alternatives, the preferred one first."""
    if not _AGAINST_ALL.isdisjoint(withheld):
        return []
    offers = []
    if _AGAINST_DENOSUMAB.isdisjoint(withheld):
        offers.append(Offer("denosumab", {"dose": denosumab_dose}))
    if _AGAINST_ZOLEDRONATE.isdisjoint(withheld) and picture.zoledronate.dose is not None:
        offers.append(Offer("zoledronic_acid", {"dose": picture.zoledronate.dose}))
    return offers[::-1] if picture.preferred == "zoledronic-acid" else offers


def _supplements(case: Case, picture: _Picture, withheld: tuple[str, ...], doses: dict[str, Quantity]) -> list[Offer]:
    """Calcium and vitamin D, unless they are on the list, calcium is high or unknown, or stones are on record."""
    if {"words_only", "suspected", "calcium_high", "calcium_unknown"} & set(withheld):
        return []
    if case.conditions.of("kidney-stones"):
        return []
    wanted = (("calcium", "calcium-supplement"), ("vitamin_d", "vitamin-d-supplement"))
    return [Offer(name, {"dose": doses[name]}) for name, group in wanted if not on_medicine(case, group)]


def _tests(picture: _Picture) -> list[Offer]:
    bloods = not picture.calcium.firm or picture.zoledronate.kind == "unknown" or picture.vitamin_d is None
    return [Offer("bloods")] if bloods else []


def _circumstances(case: Case, picture: _Picture, *, choice: bool) -> tuple[str, ...]:
    """Teeth, vitamin D, other bone medicines, and which agent goes first when there is a choice."""
    dental = "dental_done" if picture.dental else "dental_planned" if picture.dental_planned else "dental_missing"
    checks = (
        ("vitamin_d_low", picture.vitamin_d_low),
        ("oral_bisphosphonate", bool(on_medicine(case, "oral-bisphosphonate"))),
        ("uncorrected", picture.calcium.uncorrected),
        ("kidney_stones", bool(case.conditions.of("kidney-stones"))),
        ("preferred_denosumab", choice and picture.preferred == "denosumab"),
        ("preferred_zoledronate", choice and picture.preferred == "zoledronic-acid"),
    )
    return (dental, *(note for note, holds in checks if holds))


def _words(picture: _Picture, urgent: tuple[Fact, ...]) -> dict[str, Word]:
    course, vitamin = picture.course, picture.vitamin_d
    return {
        "disease": picture.disease.label,
        "cancer": urgent[0].label if urgent else picture.disease.label,
        "calcium": picture.calcium.value or "not on record",
        "calcium_kind": picture.calcium.result.described if picture.calcium.result else "corrected or ionised",
        "clearance": picture.clearance.value or "not calculable",
        "missing": picture.clearance.missing or ("nothing",),
        "vitamin_d": (vitamin.value or vitamin.text) if vitamin else "not on record",
        "agent": course.label if course else "",
        "last": (course.last or "date not recorded") if course else "",
    }
