"""Kidney function as it matters for iodinated contrast."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Observation
from cds_service.findings.renal import latest
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, below


@dataclass(frozen=True, slots=True)
class ContrastKidney:
    """The newest eGFR and whether it lies below the limit; ``low`` is ``None`` when that cannot be told."""

    egfr: Observation | None
    low: bool | None


@finding
def contrast_kidney(case: Case, age: Span, limit: Limit) -> ContrastKidney:
    """Judge the newest final eGFR no older than ``age``; one in mL/min alone is read per 1.73 m2, as laboratories mean it."""
    egfr = latest(case, age, "egfr")
    if egfr is None or egfr.value is None:
        return ContrastKidney(None, None)
    value = replace(egfr.value, unit=limit.stated[0].unit)
    return ContrastKidney(egfr, below(value, egfr.comparator, limit))
