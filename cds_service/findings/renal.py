"""Kidney function: Cockcroft-Gault clearance with the age of its inputs, eGFR by CKD-EPI, dialysis."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from cds_service.clinical import (
    Case,
    Comparator,
    Evidence,
    Fact,
    Limit,
    Measured,
    Measurement,
    Observation,
    Quantity,
    Span,
    Table,
    below,
    evidence_of,
    finding,
    is_measured,
    said,
)
from cds_service.findings.finding import Finding, summed_up
from cds_service.findings.limits import PlausibleRange

_ML_PER_MIN = "mL/min"
_DIALYSIS = ("dialysis", "dialysis-procedure")
_ROWS = {"female": "women", "male": "men"}
_LESS_FOR_MORE: dict[Comparator, Comparator] = {"": "", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""What the comparator of a creatinine says of the filtration: the more of one, the less of the other."""


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
    age = case.age if case.age is not None and possible["age"].holds(Quantity(Decimal(case.age), "a")) else None
    formula = inputs.cockcroft_gault.get(_ROWS.get(case.sex, ""))
    if creatinine and weight and age is not None and formula:
        return Clearance(formula.clearance(age, weight.value, creatinine.value), creatinine, weight)
    measured = latest(case, inputs.creatinine_age, "creatinine-clearance")
    if measured is not None and measured.value.unit == _ML_PER_MIN:
        return Clearance(measured.value, creatinine, weight, measured)
    there = {"creatinine": creatinine, "weight": weight, said("birth date"): age is not None, said("sex"): formula}
    return Clearance(None, creatinine, weight, missing=tuple(name for name, found in there.items() if not found))


@finding
def on_dialysis(case: Case, lookback: Span) -> Finding:
    """Dependence on dialysis by code or words, a session within the look-back, or treatment under way."""
    sessions = [fact for fact in case.procedures.of(*_DIALYSIS) if fact.status in {"completed", "in-progress"}]
    running = [fact for fact in sessions if fact.status == "in-progress" and fact.when is None]
    return summed_up((*case.active("dialysis"), *case.recent(sessions, lookback), *running), _DIALYSIS)


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
    build, most, least = weight.value.to("kg").value, size.heavy_from.to("kg").value, size.light_below.to("kg").value
    height = next(filter(is_measured, case.observations.of("body-height")), None)
    if height is not None and (metres := height.value.to("m").value):
        build, most, least = build / metres**2, size.obese_from, size.underweight_below
    return "obese" if build >= most else "underweight" if build < least else ""


@finding
def poor_kidneys(case: Case, minimum: Quantity, inputs: ClearanceInputs) -> tuple[Fact, ...]:
    """Dialysis, advanced chronic kidney disease, or a clearance (failing it, an eGFR) below the minimum."""
    stated = (*on_dialysis(case, inputs.creatinine_age).facts, *case.active("chronic-kidney-disease"))
    clearance = creatinine_clearance(case, inputs)
    if clearance.value is not None:
        return (*stated, *clearance.evidence) if below(clearance, Limit((minimum,))) else stated
    egfr = latest(case, inputs.creatinine_age, "egfr")
    if egfr is None:
        return stated
    return (*stated, egfr) if below(egfr, Limit((replace(minimum, unit=egfr.value.unit),))) else stated


@dataclass(frozen=True, slots=True)
class CkdEpi:
    """A row of the CKD-EPI 2021 equation, one for each sex."""

    name: str
    scale: Decimal
    turn: Quantity
    below: Decimal
    """Exponent up to the turn; ``above`` from there on."""
    above: Decimal
    per_year: Decimal
    from_age: int
    """The equation is for adults."""
    factor: Decimal = Decimal(1)

    def egfr(self, creatinine: Quantity, age: int) -> Quantity:
        """Scale x factor x min(ratio, 1)^below x max(ratio, 1)^above x per_year^age in mL/min/1.73 m2, to one decimal.

        The number that is shown is the number that is compared.
        """
        ratio = creatinine.to(self.turn.unit).value / self.turn.value
        filtered = min(ratio, Decimal(1)) ** self.below * max(ratio, Decimal(1)) ** self.above
        value = self.scale * self.factor * filtered * self.per_year**age
        return Quantity(round(value, 1), "mL/min/{1.73_m2}")


@dataclass(frozen=True, slots=True)
class ContrastKidney:
    """The eGFR that counts before iodinated contrast, reported or calculated, and whether it lies below the limit."""

    fact: Measured | None = None
    """The eGFR itself, or the creatinine that gives it."""
    egfr: Quantity | None = None
    low: bool | None = None
    """``None`` when that is open: no result, no age or sex for the equation, a comparator."""
    calculated: bool = False
    """The eGFR comes from creatinine."""

    @property
    def evidence(self) -> Evidence | None:
        """The result, a creatinine with the eGFR that it gives."""
        by_equation = said("eGFR {egfr} by CKD-EPI 2021", egfr=self.egfr) if self.calculated and self.egfr else ""
        return evidence_of(self.fact, by_equation) if self.fact is not None else None


@finding
def contrast_kidney(case: Case, age: Span, limit: Limit, ckd_epi: Table[CkdEpi]) -> ContrastKidney:
    """The newest final eGFR no older than ``age``; a later creatinine, or one without an eGFR, gives it by the equation.

    Of the same day the eGFR is the creatinine's own.
    An eGFR in mL/min alone is read per 1.73 m2, as laboratories mean it. Where the sex is not known both rows must agree.
    """
    reported, creatinine = latest(case, age, "egfr"), latest(case, age, "creatinine")
    drawn, known = creatinine.when if creatinine else None, reported.when if reported else None
    later = drawn is not None and known is not None and drawn.first.date() > known.last.date()
    if reported is not None and not later:
        value = replace(reported.value, unit=limit.stated[0].unit)
        return ContrastKidney(reported, reported.value, below(Measurement(value, reported.comparator), limit))
    own, years = ckd_epi.get(case.sex), case.age
    rows = [row for row in ((own,) if own else ckd_epi) if years is not None and years >= row.from_age]
    if creatinine is None or creatinine.value.value <= 0 or years is None or not rows:
        return ContrastKidney(creatinine)
    found = [row.egfr(creatinine.value, years) for row in rows]
    low = {below(Measurement(egfr, _LESS_FOR_MORE[creatinine.comparator]), limit) for egfr in found}
    least = min(found, key=lambda egfr: egfr.value)
    return ContrastKidney(creatinine, least, low.pop() if len(low) == 1 else None, calculated=True)


def _exact(result: Measured | None) -> Measured | None:
    """A result that may gate a medicine: in its own unit and without a comparator."""
    return None if result is None or result.unit_assumed or result.comparator else result
