"""Kidney function as it matters for iodinated contrast."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from cds_service.clinical import (
    Case,
    Comparator,
    Evidence,
    Limit,
    Measured,
    Measurement,
    Moment,
    Quantity,
    Span,
    Table,
    below,
    evidence_of,
    finding,
    said,
)
from cds_service.findings.renal import latest

_TURNED: Mapping[Comparator, Comparator] = {"": "", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""More creatinine is less filtration."""


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
    """The eGFR that counts, reported or calculated, and whether it lies below the limit."""

    fact: Measured | None = None
    """The eGFR itself, or the creatinine that gives it."""
    egfr: Quantity | None = None
    low: bool | None = None
    """``None`` when that is open: no result, no age or sex for the equation, a comparator."""

    @property
    def calculated(self) -> bool:
        """Whether it comes from creatinine."""
        return self.fact is not None and "creatinine" in self.fact.concepts

    @property
    def when(self) -> Moment | None:
        return self.fact.when if self.fact is not None else None

    @property
    def evidence(self) -> Evidence | None:
        """The result, a creatinine with the eGFR that it gives."""
        if self.fact is None:
            return None
        return evidence_of(
            self.fact, said("eGFR {egfr} by CKD-EPI 2021", egfr=self.egfr) if self.calculated and self.egfr else ""
        )


@finding
def contrast_kidney(case: Case, age: Span, limit: Limit, ckd_epi: Table[CkdEpi]) -> ContrastKidney:
    """The newest final eGFR no older than ``age``; a later creatinine, or one without an eGFR, gives it by the equation.

    An eGFR in mL/min alone is read per 1.73 m2, as laboratories mean it. Where the sex is not known both rows must agree.
    """
    reported, creatinine = latest(case, age, "egfr"), latest(case, age, "creatinine")
    if creatinine is not None and _later(creatinine, reported):
        return _calculated(case, creatinine, limit, ckd_epi)
    if reported is None:
        return ContrastKidney()
    value = replace(reported.value, unit=limit.stated[0].unit)
    return ContrastKidney(reported, reported.value, below(Measurement(value, reported.comparator), limit))


def _calculated(case: Case, creatinine: Measured, limit: Limit, ckd_epi: Table[CkdEpi]) -> ContrastKidney:
    if creatinine.value.value <= 0 or case.age is None:
        return ContrastKidney(creatinine)
    own = ckd_epi.get(case.sex)
    rows = [row for row in ((own,) if own else ckd_epi) if case.age >= row.from_age]
    if not rows:
        return ContrastKidney(creatinine)
    found = [row.egfr(creatinine.value, case.age) for row in rows]
    low = {below(Measurement(egfr, _TURNED[creatinine.comparator]), limit) for egfr in found}
    return ContrastKidney(creatinine, min(found, key=lambda egfr: egfr.value), low.pop() if len(low) == 1 else None)


def _later(creatinine: Measured, reported: Measured | None) -> bool:
    """Whether the creatinine was taken after the reported eGFR; of the same day the eGFR is its own."""
    if reported is None or creatinine.when is None or reported.when is None:
        return reported is None
    return creatinine.when.first.date() > reported.when.last.date()
