"""Bleeding risk of a needle procedure in bone: anticoagulants, INR, platelets."""

from dataclasses import dataclass

from cds_service.clinical import Case, Fact, Limit, Measured, Medication, Span, above, below, finding, is_measured
from cds_service.findings.medicines import on_medicine


@dataclass(frozen=True, slots=True)
class BleedingLimits:
    """From where on a puncture may bleed, and how old INR and platelets may be."""

    bleeding_age: Span
    highest_inr: Limit
    lowest_platelets: Limit
    given_within: Span
    """An anticoagulant that was given so recently is in use, without an order too."""


@dataclass(frozen=True, slots=True)
class Bleeding:
    """Anticoagulants in use, the newest INR and platelets within the age, and which of them speak against a puncture."""

    anticoagulants: tuple[Medication, ...]
    inr: Measured | None
    platelets: Measured | None
    inr_high: bool
    platelets_low: bool

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Everything that is known, for the evidence."""
        return tuple(fact for fact in (*self.anticoagulants[:2], self.inr, self.platelets) if fact is not None)

    @property
    def against(self) -> tuple[Fact, ...]:
        """The results that speak against a puncture."""
        results = ((self.inr, self.inr_high), (self.platelets, self.platelets_low))
        return tuple(fact for fact, bad in results if fact is not None and bad)

    @property
    def notes(self) -> dict[str, object]:
        """What a card says of it, each by the name of its note; unknown: INR or platelets are not at hand."""
        return {
            "anticoagulant": self.anticoagulants,
            "inr_high": self.inr_high,
            "platelets_low": self.platelets_low,
            "bleeding_unknown": self.inr is None or self.platelets is None,
        }


@finding
def bleeding(case: Case, limits: BleedingLimits) -> Bleeding:
    """What the record tells of bleeding; results that are too old and those without a number do not count."""
    inr, platelets = (_newest(case, name, limits.bleeding_age) for name in ("inr", "platelets"))
    return Bleeding(
        on_medicine(case, limits.given_within, "anticoagulant"),
        inr,
        platelets,
        bool(above(inr, limits.highest_inr)),
        bool(below(platelets, limits.lowest_platelets)),
    )


@finding
def _newest(case: Case, concept: str, age: Span) -> Measured | None:
    results = filter(is_measured, case.observations.of(concept))
    return next((fact for fact in results if case.within(fact.when, age)), None)
