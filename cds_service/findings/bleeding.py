"""Bleeding risk of a needle procedure in bone: anticoagulants, INR, platelets."""

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.clinical import Case, Fact, Limit, Measured, Medication, Span, above, below, finding, is_measured
from cds_service.findings.finding import Finding
from cds_service.findings.medicines import on_medicine


@dataclass(frozen=True, slots=True)
class BleedingLimits:
    """From where on a puncture may bleed, and how old INR and platelets may be."""

    bleeding_age: Span
    highest_inr: Limit
    lowest_platelets: Limit
    given_within: Span
    """An anticoagulant that was given so recently is in use, without an order too."""


class Bleeding(Finding, frozen=True):
    """What is known of it: anticoagulants in use, the newest INR and platelets within the age."""

    anticoagulants: tuple[Medication, ...] = ()
    against: tuple[Fact, ...] = ()
    """The results that speak against a puncture."""
    notes: Mapping[str, object] = {}
    """What a card says of it, each by the name of its note; unknown: INR or platelets are not at hand."""


@finding
def bleeding(case: Case, limits: BleedingLimits) -> Bleeding:
    """What the record tells of bleeding; results that are too old and those without a number do not count."""
    inr, platelets = (_newest(case, name, limits.bleeding_age) for name in ("inr", "platelets"))
    high, low = above(inr, limits.highest_inr), below(platelets, limits.lowest_platelets)
    in_use = on_medicine(case, limits.given_within, "anticoagulant")
    return Bleeding(
        tuple(fact for fact in (*in_use[:2], inr, platelets) if fact),
        anticoagulants=in_use,
        against=tuple(fact for fact, bad in ((inr, high), (platelets, low)) if fact and bad),
        notes={
            "anticoagulant": in_use,
            "inr_high": high,
            "platelets_low": low,
            "bleeding_unknown": inr is None or platelets is None,
        },
    )


@finding
def _newest(case: Case, concept: str, age: Span) -> Measured | None:
    results = filter(is_measured, case.observations.of(concept))
    return next((fact for fact in results if case.within(fact.when, age)), None)
