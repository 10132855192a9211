"""Facts of the laboratory and the bedside with plain values, for direct tests of findings."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cds_service.chart.case import Case, Facts
from cds_service.chart.facts import Condition, Medication, Observation, Patient
from cds_service.chart.gaps import Supply
from cds_service.findings.calcium import AlbuminSlope, Calcium, CalciumLimits, CalciumReading, calcium_results
from cds_service.findings.limits import PlausibleRange
from cds_service.findings.renal import ClearanceInputs, CockcroftGault
from cds_service.terminology.dates import Moment, Span, parse_moment
from cds_service.terminology.quantities import Limit, Quantity
from tests.findings.shared_tables import shared_groups, shared_table

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_SUBSTANCES = ("calcium", "albumin", "creatinine", "pth")


def moment(text: str) -> Moment:
    found = parse_moment(text)
    assert found is not None
    return found


def quantity(value: str, unit: str, substance: str = "") -> Quantity:
    return Quantity(Decimal(value), unit, substance)


def limit(*stated: tuple[str, str], substance: str = "") -> Limit:
    return Limit(tuple(quantity(value, unit, substance) for value, unit in stated))


def result(
    concept: str,
    value: str | Quantity | None = "",
    unit: str = "",
    when: str = "2026-03-02T08:00:00Z",
    **more: Any,
) -> Observation:
    """An observation of one value set; a number without a unit is no value that can be trusted."""
    substance = next(
        (name for name in _SUBSTANCES if concept.startswith(name) and concept != "creatinine-clearance"), ""
    )
    given: dict[str, Any] = {
        "reference": f"Observation/{concept}-{value}-{when}",
        "label": concept,
        "concepts": frozenset({concept}),
        "coded": frozenset({concept}),
        "status": "final",
        "effective": moment(when) if when else None,
        "issued": None,
        "value": (quantity(value, unit, substance) if unit else None) if isinstance(value, str) else value,
        "comparator": "",
        "unit_assumed": False,
        "answers": frozenset(),
        "present": None,
        "text": value if isinstance(value, str) else "",
        "low": None,
        "high": None,
        "sites": frozenset(),
        "focus": (),
    }
    return Observation(**{**given, **more})


def condition(concept: str, onset: str = "2026-03-01", **more: Any) -> Condition:
    given: dict[str, Any] = {
        "reference": f"Condition/{concept}-{onset}",
        "label": concept,
        "concepts": frozenset({concept}),
        "coded": frozenset({concept}),
        "state": "active",
        "suspected": False,
        "onset": moment(onset) if onset else None,
        "recorded": None,
        "abated": None,
        "sites": frozenset(),
        "text": concept,
    }
    return Condition(**{**given, **more})


def medicine(concept: str, when: str = "2026-03-01", **more: Any) -> Medication:
    given: dict[str, Any] = {
        "reference": f"MedicationAdministration/{concept}-{when}",
        "label": concept,
        "concepts": frozenset({concept}),
        "coded": frozenset({concept}),
        "kind": "administration",
        "status": "completed",
        "intent": "",
        "authored": moment(when) if when else None,
        "ended": None,
        "dose": None,
        "daily": None,
        "interval_days": None,
        "route": "",
        "draft": False,
        "selected": False,
        "reasons": frozenset(),
        "text": concept,
    }
    return Medication(**{**given, **more})


def patient(birth: str = "1964-01-01", sex: Any = "female") -> Patient:
    return Patient(
        reference="Patient/p",
        label="",
        concepts=frozenset(),
        coded=frozenset(),
        birth=moment(birth) if birth else None,
        sex=sex,
        deceased=False,
    )


def case(*facts: Observation | Condition | Medication, who: Patient | None = None) -> Case:
    """A case of these facts, everything supplied."""
    return Case(
        as_of=NOW,
        hook="patient-view",
        patient=who,
        observations=Facts(fact for fact in facts if isinstance(fact, Observation)),
        conditions=Facts(fact for fact in facts if isinstance(fact, Condition)),
        medications=Facts(fact for fact in facts if isinstance(fact, Medication)),
        supply={need: Supply("given") for need in ("conditions", "observations", "medications")},
        groups=shared_groups(),
    )


def total(value: str, unit: str = "mmol/L", when: str = "2026-03-02T08:00:00Z", **more: Any) -> Observation:
    return result("calcium-total", value, unit, when, **more)


def albumin(value: str = "40", unit: str = "g/L", when: str = "2026-03-02T08:00:00Z", **more: Any) -> Observation:
    return result("albumin", value, unit, when, **more)


WEEK = Span(days=7)
DAY = Span(hours=24)
CORRECTION = shared_table("albumin_correction", AlbuminSlope)
PLAUSIBLE = shared_table("plausible_results", PlausibleRange)
READING = CalciumReading(DAY, CORRECTION, PLAUSIBLE, Span(hours=1))
CLEARANCE = ClearanceInputs(WEEK, Span(days=90), shared_table("cockcroft_gault", CockcroftGault), PLAUSIBLE)
LIMITS = CalciumLimits(
    upper_limit=limit(("2.60", "mmol/L"), ("10.4", "mg/dL"), substance="calcium"),
    treat_at=limit(("3.00", "mmol/L"), ("12.0", "mg/dL"), substance="calcium"),
    severe_at=limit(("3.50", "mmol/L"), ("14.0", "mg/dL"), substance="calcium"),
    ionised_upper_limit=limit(("1.30", "mmol/L"), ("5.2", "mg/dL"), substance="calcium"),
    ionised_treat_at=limit(("1.50", "mmol/L"), substance="calcium"),
    ionised_severe_at=limit(("1.80", "mmol/L"), substance="calcium"),
    calcium_age=WEEK,
    reading=READING,
)


def results_of(*facts: Observation) -> tuple[Calcium, ...]:
    """The calcium results of the last week among these facts."""
    return calcium_results(case(*facts), WEEK, READING)
