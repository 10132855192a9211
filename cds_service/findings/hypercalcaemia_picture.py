"""The whole picture of a patient's hypercalcaemia: what is wrong, how urgent it is, and what was done for it."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Medication
from cds_service.findings.antiresorptive import INTRAVENOUS_BISPHOSPHONATES, Renal
from cds_service.findings.calcium import Calcium
from cds_service.findings.finding import Finding
from cds_service.findings.hypercalcaemia import Current, fluids, medicine_within, recent_signs
from cds_service.findings.parathyroid import Parathyroid
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, at_least


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was given or ordered of late; drafts of the session are no treatment."""

    fluids: tuple[Fact, ...]
    antiresorptive: tuple[Medication, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (*self.antiresorptive, *self.fluids)

    @property
    def complete(self) -> bool:
        """Both fluids and an antiresorptive."""
        return all(
            any(not getattr(fact, "draft", False) for fact in facts) for facts in (self.fluids, self.antiresorptive)
        )


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of this patient's calcium."""

    scope: Finding
    current: Current
    earlier: Calcium | None
    symptoms: tuple[Fact, ...]
    symptomatic: bool
    dangers: tuple[Fact, ...]
    parathyroid_state: Parathyroid
    renal: Renal
    complications: tuple[Fact, ...]
    """Heart failure, oliguria or acute kidney injury."""
    treatment: Treatment
    dialysis_level: bool

    @property
    def severe(self) -> bool:
        """By its value, or by coma, arrhythmia or kidney injury beside a raised one."""
        return self.current.level == "severe" or bool(self.dangers)

    @property
    def parathyroid_cause(self) -> bool:
        """Known primary hyperparathyroidism with a raised PTH."""
        return bool(self.parathyroid_state.primary and self.parathyroid_state.raised)

    @property
    def urgent(self) -> bool:
        """At the treat level, symptomatic or dangerous."""
        return bool(self.current.grave or self.symptomatic or self.dangers)


@finding
def treatment(case: Case, window: Span) -> Treatment:
    """Fluids and antiresorptives given or ordered within the window."""
    agents = (*INTRAVENOUS_BISPHOSPHONATES, "denosumab")
    return Treatment(fluids(case, window), medicine_within(case, window, *agents))


@finding
def complications(case: Case, window: Span) -> tuple[Fact, ...]:
    """Heart failure, oliguria or acute kidney injury: fluids are limited, the kidneys may need help."""
    hearts = tuple(fact for fact in case.conditions.of("heart-failure") if fact.state == "active")
    return (*hearts, *recent_signs(case, window, "oliguria", "acute-kidney-injury"))


def at_or_above(current: Current, limit: Limit) -> bool:
    """Whether a total or corrected calcium reaches this limit; an ionised one has another scale."""
    result = current.result
    return result.kind != "ionised" and bool(at_least(result.value, result.comparator, limit))
