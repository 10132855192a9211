"""Zoledronic acid: the label's dose for the creatinine clearance, what a draft is meant for, and a rise of creatinine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Medication, Observation
from cds_service.findings.calcium import Calcium, calcium_results, newest_together
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.renal import Clearance
from cds_service.terminology.dates import Moment, Span
from cds_service.terminology.quantities import Comparator, Limit, Quantity, UnlikeUnits, above, at_least
from cds_service.terminology.tables import Table
from cds_service.terminology.wording import read_words

_HYPERCALCAEMIA = re.compile(
    r"\bhypercalca?emi\w*|\b(high|raised|elevated) (serum |corrected )?calcium\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ClearanceDose:
    """A row of the label's doses in bone metastases, from the highest creatinine clearance down."""

    reach: Literal["above", "at least"]
    clearance: Limit
    dose: Quantity


@dataclass(frozen=True, slots=True)
class LabelDose:
    """What the table says."""

    kind: Literal["dose", "not-recommended", "unknown"]
    dose: Quantity | None = None


def label_dose(clearance: Quantity | None, comparator: Comparator, doses: Table[ClearanceDose]) -> LabelDose:
    """The dose for a clearance; ``unknown`` without one, or when a comparator (``>45``) leaves the row open."""
    if clearance is None:
        return LabelDose("unknown")
    for row in doses:
        reaches = above if row.reach == "above" else at_least
        answer = reaches(clearance, comparator, row.clearance)
        if answer is None:
            return LabelDose("unknown")
        if answer:
            return LabelDose("dose", row.dose)
    return LabelDose("not-recommended")


def dose_for(clearance: Clearance, doses: Table[ClearanceDose]) -> LabelDose:
    """The table's dose for a patient's clearance, calculated or measured."""
    return label_dose(clearance.value, clearance.comparator, doses)


@finding
def for_hypercalcaemia(
    case: Case, draft: Medication, age: Span, albumin_window: Span, treat: Limit, ionised_treat: Limit
) -> bool:
    """Whether an order is meant for hypercalcaemia: it says so, or calcium is at the treat level without bone metastases."""
    if says_hypercalcaemia(draft):
        return True
    if draft.reasons & {"bone-metastasis", "vertebral-metastasis"} or bone_metastases(case):
        return False
    return bool(calcium_to_treat(case, age, albumin_window, treat, ionised_treat))


def says_hypercalcaemia(draft: Medication) -> bool:
    """Whether an order names hypercalcaemia as its reason, by code or in its words."""
    named = {"hypercalcaemia", "hypercalcaemia-of-malignancy"} & (draft.reasons | draft.concepts)
    return bool(named) or read_words(draft.text, _HYPERCALCAEMIA) == "affirmed"


@finding
def calcium_to_treat(
    case: Case, age: Span, albumin_window: Span, treat: Limit, ionised_treat: Limit
) -> tuple[Calcium, ...]:
    """Newest calcium results, of one day, at or above the treat level."""
    return tuple(
        result
        for result in newest_together(calcium_results(case, age, albumin_window))
        if _reaches(result, ionised_treat if result.kind == "ionised" else treat)
    )


def _reaches(result: Calcium, limit: Limit) -> bool:
    try:
        return bool(at_least(result.value, result.comparator, limit))
    except UnlikeUnits:
        return False


@dataclass(frozen=True, slots=True)
class Rise:
    """A creatinine that rose under treatment by as much as the label allows or more."""

    before: Observation
    now: Observation
    by: Quantity
    limit: Limit


@finding
def creatinine_rise(
    case: Case,
    now: Observation | None,
    first_dose: Moment | None,
    lookback: Span,
    normal_up_to: Limit,
    rise_from_normal: Limit,
    rise_from_raised: Limit,
) -> Rise | None:
    """The rise since treatment began, when it reaches the limit for a normal or a raised creatinine before treatment.

    The laboratory's own upper limit says what is normal when the result carries one.
    """
    before = _before_treatment(case, now, first_dose, lookback) if now is not None else None
    if before is None or before.value is None or now is None or now.value is None:
        return None
    unit = now.value.unit
    by = Quantity(now.value.value - before.value.to(unit).value, unit, "creatinine")
    normal = Limit((before.high,)) if before.high is not None else normal_up_to
    limit = rise_from_raised if above(before.value, "", normal) else rise_from_normal
    return Rise(before, now, by, limit) if at_least(by, "", limit) else None


def _before_treatment(case: Case, now: Observation, first_dose: Moment | None, lookback: Span) -> Observation | None:
    """The newest usable creatinine up to the day of the first dose, else the oldest one within the look-back."""
    usable = [
        fact
        for fact in case.observations.of("creatinine")
        if fact is not now
        and fact.value is not None
        and fact.status != "preliminary"
        and not (fact.comparator or fact.unit_assumed)
        and fact.when is not None
        and now.when is not None
        and fact.when.last <= now.when.last
        and case.within(fact.when, lookback)
    ]
    if first_dose is None or not usable:
        return None
    start = first_dose.last.date()
    return next((fact for fact in usable if fact.when is not None and fact.when.first.date() <= start), usable[-1])
