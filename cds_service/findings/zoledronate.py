"""Zoledronic acid: the label's dose for the creatinine clearance, what a draft is meant for, and a rise of creatinine."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from cds_service.clinical import (
    Case,
    Limit,
    Measured,
    Measurement,
    Medication,
    Moment,
    Quantity,
    Result,
    Span,
    Table,
    above,
    at_least,
    finding,
    is_measured,
    nearly,
)
from cds_service.findings.bone_agent_safety import CalciumLevels, calcium_to_treat
from cds_service.findings.bone_agents import AgentReading, courses, stated_dose, strength
from cds_service.findings.bone_disease import bone_disease
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.finding import Finding
from cds_service.findings.limits import own_or_usual
from cds_service.findings.renal import Clearance, ClearanceInputs, creatinine_clearance, on_dialysis

Kind = Literal["dose", "not-recommended", "unknown"]


@dataclass(frozen=True, slots=True)
class ClearanceDose:
    """A row of the label's doses in bone metastases, from the highest creatinine clearance down."""

    reach: Literal["above", "at least"]
    clearance: Limit
    dose: Quantity


@dataclass(frozen=True, slots=True)
class LabelDose:
    """What the label's table says for this patient's kidneys."""

    clearance: Clearance
    dialysis: Finding
    kind: Kind
    dose: Quantity | None


@finding
def zoledronate_dose(case: Case, doses: Table[ClearanceDose], inputs: ClearanceInputs) -> LabelDose:
    """The table's dose for the patient's clearance, calculated or measured; on dialysis none."""
    clearance, dialysis = creatinine_clearance(case, inputs), on_dialysis(case, inputs.creatinine_age)
    kind, dose = label_dose(clearance, () if dialysis else doses)
    return LabelDose(clearance, dialysis, kind, dose)


def label_dose(clearance: Result | None, doses: Iterable[ClearanceDose]) -> tuple[Kind, Quantity | None]:
    """The dose for a clearance; ``unknown`` without one, or when a comparator (``>45``) leaves the row open."""
    for row in doses:
        reaches = above if row.reach == "above" else at_least
        answer = reaches(clearance, row.clearance)
        if answer is None:
            return "unknown", None
        if answer:
            return "dose", row.dose
    return "not-recommended", None


@dataclass(frozen=True, slots=True)
class DoseByKidney:
    """The label's table, how the clearance is made, and how an order's dose is read."""

    doses: Table[ClearanceDose]
    clearance: ClearanceInputs
    agents: AgentReading


@dataclass(frozen=True, slots=True)
class RiseLimits:
    """By how much creatinine may rise under treatment, and how far back its value before treatment is looked for."""

    baseline_lookback: Span
    normal_creatinine: Limit
    rise_from_normal: Limit
    rise_from_raised: Limit


@dataclass(frozen=True, slots=True)
class Rise:
    """A creatinine that rose under treatment by as much as the label allows or more."""

    before: Measured
    by: Quantity


Verdict = Literal[
    "dialysis", "contraindicated", "osteoporosis_product", "clearance_not_known", "hold",
    "dose_not_readable", "dose_not_stated", "dose_fits", "full_dose", "too_high", "too_low",
]  # fmt: skip
MISFITS: frozenset[Verdict] = frozenset(
    {"dialysis", "contraindicated", "hold", "dose_not_readable", "dose_not_stated", "too_high", "too_low"}
)
"""Verdicts that go before any other word on the same draft."""
_OFF: dict[int, Verdict] = {-1: "too_low", 1: "too_high"}


@finding
def dose_for_bone(case: Case, draft: Medication, kidney: DoseByKidney, rises: RiseLimits | None = None) -> Verdict:
    """What the kidneys say to a draft for bone disease: not recommended, held, at another dose than the table's, or fine.

    Without limits nobody asks whether creatinine rose under treatment. 5 mg without the osteoporosis brand or reason, in
    malignant bone disease, is the cancer product at a wrong dose.
    """
    label = zoledronate_dose(case, kidney.doses, kidney.clearance)
    if label.kind == "not-recommended":
        return "dialysis" if label.dialysis else "contraindicated"
    named = "zoledronic-5" in draft.concepts or "osteoporosis" in draft.reasons
    if strength(draft, kidney.agents) == "osteoporosis" and (named or not bone_disease(case)):
        return "osteoporosis_product"
    if label.dose is None:
        return "clearance_not_known"
    if rises is not None and zoledronate_rise(case, kidney, rises) is not None:
        return "hold"
    if draft.unclear:
        return "dose_not_readable"
    stated = stated_dose(draft, kidney.agents)
    if stated is None:
        return "full_dose" if label.dose == kidney.doses.rows[0].dose else "dose_not_stated"
    side = Limit((label.dose,)).side(stated)
    if side is None:
        return "dose_not_readable"  # by the kilogram
    return "dose_fits" if nearly(stated, label.dose) else _OFF[side]


@finding
def zoledronate_rise(case: Case, kidney: DoseByKidney, rises: RiseLimits) -> Rise | None:
    """The rise of creatinine since the first zoledronic acid, when the label withholds the drug for it.

    The limit is another for a normal and for a raised creatinine before treatment; the laboratory's own upper limit says
    what is normal when the result carries one.
    """
    now = zoledronate_dose(case, kidney.doses, kidney.clearance).clearance.creatinine
    course = next((one for one in courses(case, kidney.agents) if one.agent == "zoledronic-acid"), None)
    before = now and _before_treatment(case, now, course.first if course else None, rises.baseline_lookback)
    if not now or not before:
        return None
    unit = now.value.unit
    by = Quantity(now.value.value - before.value.to(unit).value, unit, "creatinine")
    raised = above(before, own_or_usual(before, rises.normal_creatinine))
    limit = rises.rise_from_raised if raised else rises.rise_from_normal
    return Rise(before, by) if at_least(Measurement(by), limit) else None


@finding
def for_hypercalcaemia(case: Case, draft: Medication, levels: CalciumLevels) -> bool:
    """Whether an order is meant for hypercalcaemia: it says so, or calcium is at the treat level without bone metastases."""
    if says_hypercalcaemia(draft):
        return True
    if draft.reasons & {"bone-metastasis", "vertebral-metastasis"} or bone_metastases(case):
        return False
    return bool(calcium_to_treat(case, levels))


def says_hypercalcaemia(draft: Medication) -> bool:
    """Whether an order names hypercalcaemia as its reason, by code or in its words."""
    return not (draft.reasons | draft.concepts).isdisjoint({"hypercalcaemia", "hypercalcaemia-of-malignancy"})


@finding
def _before_treatment(case: Case, now: Measured, first_dose: Moment | None, lookback: Span) -> Measured | None:
    """The newest usable creatinine up to the day of the first dose, else the oldest one within the look-back."""
    others = [one for one in case.recent(case.observations.of("creatinine"), lookback) if one is not now]
    exact = [one for one in filter(is_measured, others) if not (one.comparator or one.unit_assumed)]
    usable = [one for one in exact if one.status != "preliminary"]
    if first_dose is None or not usable:
        return None
    start = first_dose.last.date()
    return next((fact for fact in usable if fact.when is not None and fact.when.first.date() <= start), usable[-1])
