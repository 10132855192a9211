"""The parathyroid glands: known primary hyperparathyroidism, and whether PTH is raised."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Condition, Fact, Observation
from cds_service.findings.renal import latest
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, UnlikeUnits, above


@dataclass(frozen=True, slots=True)
class Parathyroid:
    """What the record says of them."""

    primary: tuple[Condition, ...]
    """Known primary hyperparathyroidism."""
    pth: Observation | None
    raised: bool | None
    """``None`` without a usable PTH."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (*self.primary, self.pth) if self.pth is not None else self.primary


@finding
def parathyroid(case: Case, age: Span, upper_limit: Limit) -> Parathyroid:
    """Primary hyperparathyroidism on record (not suspected, not past) and the newest final PTH within ``age``.

    The laboratory's own upper limit wins over ``upper_limit``.
    """
    known = tuple(
        fact
        for fact in case.conditions.of("primary-hyperparathyroidism")
        if fact.state == "active" and not fact.suspected
    )
    pth = latest(case, age, "pth")
    if pth is None or pth.value is None:
        return Parathyroid(known, None, None)
    limit = Limit((pth.high,)) if pth.high is not None else upper_limit
    try:
        raised = above(pth.value, pth.comparator, limit)
    except UnlikeUnits:
        raised = None
    return Parathyroid(known, pth, raised)
