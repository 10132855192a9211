"""Kidney function: the newest creatinine, Cockcroft-Gault clearance with the age of its inputs, eGFR beside it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Comparator, Condition, Fact, Observation
from cds_service.findings.finding import Finding, summed_up
from cds_service.terminology.dates import Span, age_in_years
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits, below

_ML_PER_MIN = "mL/min"
# A record's slip (0 kg, 70 g, a creatinine of 0) is no input of a dose: it counts as missing.
_PLAUSIBLE_KG = (Decimal(20), Decimal(400))
_OLDEST = 120
_DIALYSIS = ("dialysis", "dialysis-procedure")


@dataclass(frozen=True, slots=True)
class Clearance:
    """Creatinine clearance, or what is missing for it."""

    value: Quantity | None
    """mL/min."""
    creatinine: Observation | None
    weight: Observation | None
    measured: Observation | None = None
    """A clearance that the laboratory reported, used when it cannot be calculated."""
    missing: tuple[str, ...] = ()
    """Of ``creatinine``, ``weight``, ``birth date``, ``sex``."""

    @property
    def evidence(self) -> tuple[Observation, ...]:
        return tuple(fact for fact in (self.creatinine, self.weight, self.measured) if fact is not None)

    @property
    def comparator(self) -> Comparator:
        return self.measured.comparator if self.measured is not None else ""


@finding
def latest(case: Case, age: Span, *concepts: str) -> Observation | None:
    """The newest final result of these value sets with a usable value, no older than ``age``; preliminary ones gate nothing."""
    for fact in case.observations.of(*concepts):
        if fact.value is not None and fact.status != "preliminary" and case.within(fact.when, age):
            return fact
    return None


@finding
def creatinine_clearance(case: Case, creatinine_age: Span, weight_age: Span) -> Clearance:
    """Cockcroft-Gault clearance from a recent creatinine and weight; else a recently reported clearance; else what is missing.

    A creatinine whose unit was assumed, or that carries a comparator, gates nothing and counts as missing.
    """
    creatinine = dependable(latest(case, creatinine_age, "creatinine"))
    weight = _weighed(latest(case, weight_age, "body-weight"))
    birth = case.patient.birth if case.patient else None
    if birth is not None and age_in_years(birth, case.as_of) > _OLDEST:
        birth = None
    sex = case.patient.sex if case.patient else "unknown"
    missing = tuple(
        name
        for name, there in (
            ("creatinine", creatinine),
            ("weight", weight),
            ("birth date", birth),
            ("sex", sex in {"female", "male"}),
        )
        if not there
    )
    if not missing and creatinine and weight and creatinine.value and weight.value and birth:
        value = cockcroft_gault(age_in_years(birth, case.as_of), weight.value, creatinine.value, female=sex == "female")
        return Clearance(value, creatinine, weight)
    measured = latest(case, creatinine_age, "creatinine-clearance")
    if measured is not None and measured.value is not None and measured.value.unit == _ML_PER_MIN:
        return Clearance(measured.value, creatinine, weight, measured, ())
    return Clearance(None, creatinine, weight, missing=missing)


@finding
def on_dialysis(case: Case, lookback: Span) -> Finding:
    """Dependence on dialysis, or a dialysis session within the look-back."""
    sessions = (fact for fact in case.procedures.of(*_DIALYSIS) if fact.status in {"completed", "in-progress"})
    return summed_up((*case.active("dialysis"), *case.recent(sessions, lookback)), _DIALYSIS)


def advanced_kidney_disease(case: Case) -> tuple[Condition, ...]:
    """Chronic kidney disease of an advanced stage that is on record."""
    return case.active("chronic-kidney-disease")


@dataclass(frozen=True, slots=True)
class KidneyLimit:
    """Below which creatinine clearance (failing it, eGFR) the kidneys call for care, and how old its inputs may be."""

    minimum_clearance: Quantity
    creatinine_age: Span
    weight_age: Span


@finding
def poor_kidneys(case: Case, limit: KidneyLimit) -> tuple[Fact, ...]:
    """Dialysis, advanced chronic kidney disease, or a clearance (failing it, an eGFR) below the minimum."""
    stated = (*on_dialysis(case, limit.creatinine_age).facts, *advanced_kidney_disease(case))
    clearance = creatinine_clearance(case, limit.creatinine_age, limit.weight_age)
    if clearance.value is not None:
        low = below(clearance.value, clearance.comparator, Limit((limit.minimum_clearance,)))
        return (*stated, *clearance.evidence) if low else stated
    egfr = latest(case, limit.creatinine_age, "egfr")
    if egfr is None or egfr.value is None:
        return stated
    low = below(egfr.value, egfr.comparator, Limit((Quantity(limit.minimum_clearance.value, egfr.value.unit),)))
    return (*stated, egfr) if low else stated


def dependable(creatinine: Observation | None) -> Observation | None:
    """A creatinine that may gate a medicine: in its own unit, without a comparator, above 0."""
    if creatinine is None or creatinine.value is None or creatinine.unit_assumed or creatinine.comparator:
        return None
    return creatinine if creatinine.value.value > 0 else None


def _weighed(weight: Observation | None) -> Observation | None:
    """A body weight that can be one, in a unit of mass and without a comparator."""
    if weight is None or weight.value is None or weight.unit_assumed or weight.comparator:
        return None
    lightest, heaviest = _PLAUSIBLE_KG
    try:
        return weight if lightest <= weight.value.to("kg").value <= heaviest else None
    except UnlikeUnits:
        return None


def cockcroft_gault(age: int, weight: Quantity, creatinine: Quantity, *, female: bool) -> Quantity:
    """Creatinine clearance in mL/min: (140 - age) x kg x (0.85 in women) / (72 x creatinine in mg/dL).

    To one decimal, so that the number that is shown is the number that is compared. Source: Cockcroft and Gault,
    Nephron 1976;16:31-41. A creatinine of 0 or an age past 140 raises ``ArithmeticError``.
    """
    serum = creatinine.to("mg/dL").value
    if min(Decimal(140 - age), serum) <= 0:
        raise ArithmeticError("no clearance from this age or creatinine")
    factor = Decimal("0.85") if female else Decimal(1)
    clearance = (140 - age) * weight.to("kg").value * factor / (72 * serum)
    return Quantity(clearance.quantize(Decimal("0.1")), _ML_PER_MIN)
