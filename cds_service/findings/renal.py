"""Kidney function: the newest creatinine, Cockcroft-Gault clearance with the age of its inputs, eGFR beside it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cds_service.clinical import (
    Case,
    Comparator,
    Condition,
    Fact,
    Limit,
    Measured,
    Observation,
    Quantity,
    Span,
    Table,
    age_in_years,
    below,
    finding,
    is_measured,
    said,
)
from cds_service.findings.finding import Finding, summed_up
from cds_service.findings.limits import PlausibleRange

_ML_PER_MIN = "mL/min"
_DIALYSIS = ("dialysis", "dialysis-procedure")


@dataclass(frozen=True, slots=True)
class CockcroftGault:
    """A row of the equation, one for each sex (Cockcroft and Gault, Nephron 1976;16:31-41)."""

    years: int
    divisor: int
    factor: Decimal = Decimal(1)

    def clearance(self, age: int, weight: Quantity, creatinine: Quantity) -> Quantity:
        """(years - age) x kg x factor / (divisor x creatinine in mg/dL), in mL/min.

        To one decimal, so that the number that is shown is the number that is compared. A creatinine of 0 or an age past
        ``years`` raises ``ArithmeticError``.
        """
        serum = creatinine.to("mg/dL").value
        if min(Decimal(self.years - age), serum) <= 0:
            raise ArithmeticError("no clearance from this age or creatinine")
        clearance = (self.years - age) * weight.to("kg").value * self.factor / (self.divisor * serum)
        return Quantity(round(clearance, 1), _ML_PER_MIN)


@dataclass(frozen=True, slots=True)
class ClearanceInputs:
    """How old creatinine and weight may be, and how a clearance is made of them; a record's slip counts as missing."""

    creatinine_age: Span
    weight_age: Span
    cockcroft_gault: Table[CockcroftGault]
    """Rows ``women`` and ``men``."""
    plausible_results: Table[PlausibleRange]


@dataclass(frozen=True, slots=True)
class Clearance:
    """Creatinine clearance, or what is missing for it."""

    value: Quantity | None
    """mL/min."""
    creatinine: Measured | None
    weight: Measured | None
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
def latest(case: Case, age: Span, *concepts: str) -> Measured | None:
    """The newest final result of these value sets with a usable value, no older than ``age``; preliminary ones gate nothing."""
    results = filter(is_measured, case.observations.of(*concepts))
    return next((fact for fact in results if fact.status != "preliminary" and case.within(fact.when, age)), None)


@finding
def creatinine_clearance(case: Case, inputs: ClearanceInputs) -> Clearance:
    """Cockcroft-Gault clearance from a recent creatinine and weight; else a recently reported clearance; else what is missing.

    A creatinine whose unit was assumed, or that carries a comparator, gates nothing and counts as missing.
    """
    possible, creatinine = inputs.plausible_results, _exact(latest(case, inputs.creatinine_age, "creatinine"))
    creatinine = creatinine if creatinine and creatinine.value.value > 0 else None
    weight = _exact(latest(case, inputs.weight_age, "body-weight"))
    weight = weight if weight and possible["body-weight"].holds(weight.value) else None
    birth = case.patient.birth if case.patient else None
    if birth is not None and not possible["age"].holds(Quantity(Decimal(age_in_years(birth, case.as_of)), "a")):
        birth = None
    sex = case.patient.sex if case.patient else "unknown"
    known_sex = sex in {"female", "male"}
    inputs_there = {"creatinine": creatinine, "weight": weight, said("birth date"): birth, said("sex"): known_sex}
    missing = tuple(name for name, there in inputs_there.items() if not there)
    if not missing and creatinine and weight and birth:
        formula = inputs.cockcroft_gault["women" if sex == "female" else "men"]
        value = formula.clearance(age_in_years(birth, case.as_of), weight.value, creatinine.value)
        return Clearance(value, creatinine, weight)
    measured = latest(case, inputs.creatinine_age, "creatinine-clearance")
    if measured is not None and measured.value.unit == _ML_PER_MIN:
        return Clearance(measured.value, creatinine, weight, measured)
    return Clearance(None, creatinine, weight, missing=missing)


@finding
def on_dialysis(case: Case, lookback: Span) -> Finding:
    """Dependence on dialysis by code or words, a session within the look-back, or treatment under way."""
    sessions = [fact for fact in case.procedures.of(*_DIALYSIS) if fact.status in {"completed", "in-progress"}]
    running = [fact for fact in sessions if fact.status == "in-progress" and fact.when is None]
    return summed_up((*case.active("dialysis"), *case.recent(sessions, lookback), *running), _DIALYSIS)


def advanced_kidney_disease(case: Case) -> tuple[Condition, ...]:
    """Chronic kidney disease of an advanced stage that is on record."""
    return case.active("chronic-kidney-disease")


@dataclass(frozen=True, slots=True)
class BodySize:
    """From which build on a clearance by body weight misleads: by body mass index, without a height by weight."""

    obese_from: Decimal
    """kg/m2, as ``underweight_below``."""
    underweight_below: Decimal
    heavy_from: Quantity
    light_below: Quantity


@finding
def misleading_build(case: Case, weight: Measured | None, size: BodySize) -> Literal["", "obese", "underweight"]:
    """Whether the weight that a clearance was made of lies far from the usual one."""
    if weight is None:
        return ""
    kilograms = weight.value.to("kg").value
    height = next(filter(is_measured, case.observations.of("body-height")), None)
    if height is not None and (metres := height.value.to("m").value):
        index = kilograms / metres**2
        return "obese" if index >= size.obese_from else "underweight" if index < size.underweight_below else ""
    if kilograms >= size.heavy_from.to("kg").value:
        return "obese"
    return "underweight" if kilograms < size.light_below.to("kg").value else ""


@dataclass(frozen=True, slots=True)
class KidneyLimit:
    """Below which creatinine clearance (failing it, eGFR) the kidneys call for care, and how old its inputs may be."""

    minimum_clearance: Quantity
    inputs: ClearanceInputs


@finding
def poor_kidneys(case: Case, limit: KidneyLimit) -> tuple[Fact, ...]:
    """Dialysis, advanced chronic kidney disease, or a clearance (failing it, an eGFR) below the minimum."""
    stated = (*on_dialysis(case, limit.inputs.creatinine_age).facts, *advanced_kidney_disease(case))
    clearance = creatinine_clearance(case, limit.inputs)
    if clearance.value is not None:
        low = below(clearance, Limit((limit.minimum_clearance,)))
        return (*stated, *clearance.evidence) if low else stated
    egfr = latest(case, limit.inputs.creatinine_age, "egfr")
    if egfr is None:
        return stated
    low = below(egfr, Limit((Quantity(limit.minimum_clearance.value, egfr.value.unit),)))
    return (*stated, egfr) if low else stated


def _exact(result: Measured | None) -> Measured | None:
    """A result that may gate a medicine: in its own unit and without a comparator."""
    return None if result is None or result.unit_assumed or result.comparator else result
