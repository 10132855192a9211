"""The parathyroid glands: known primary hyperparathyroidism, and whether PTH is raised."""

from dataclasses import dataclass

from cds_service.clinical import Case, Condition, Fact, Limit, Observation, Span, above, finding
from cds_service.findings.renal import latest


@dataclass(frozen=True, slots=True)
class PthLimits:
    """Above what PTH is raised, unless the laboratory says so itself, and how old it may be."""

    pth_upper_limit: Limit
    pth_age: Span


@dataclass(frozen=True, slots=True)
class Parathyroid:
    """What the record says of them."""

    primary: tuple[Condition, ...]
    """Primary hyperparathyroidism: not suspected, not past."""
    pth: Observation | None
    """The newest final one that is recent enough."""
    raised: bool | None
    """``None`` without a usable PTH."""

    @property
    def cause(self) -> bool:
        """The glands, not the cancer, may be what raises calcium."""
        return bool(self.primary and self.raised)

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (*self.primary, self.pth) if self.pth is not None else self.primary


@finding
def parathyroid(case: Case, limits: PthLimits) -> Parathyroid:
    """Primary hyperparathyroidism on record and the newest PTH; the laboratory's own upper limit wins over ours."""
    known = tuple(fact for fact in case.active("primary-hyperparathyroidism") if not fact.suspected)
    pth = latest(case, limits.pth_age, "pth")
    if pth is None:
        return Parathyroid(known, None, None)
    upper = Limit((pth.high,)) if pth.high else limits.pth_upper_limit
    return Parathyroid(known, pth, above(pth, upper))
