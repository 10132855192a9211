"""Blood results that hint at bone metastases: alkaline phosphatase and calcium."""

from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical import Case, Fact, Limit, Observation, Span, above, finding
from cds_service.findings.calcium import CalciumReading, standing_calcium
from cds_service.findings.limits import own_or_usual
from cds_service.findings.renal import latest

_LYTIC = frozenset({"lytic-lesion"})


@finding
def lytic_lesions(case: Case, age: Span) -> tuple[Fact, ...]:
    """Lytic lesions of bone that somebody saw, a problem or an image within ``age``, and did not call metastases."""
    seen = (report for report in case.recent(case.reports, age) if (report.affirmed | report.doubted) & _LYTIC)
    return (*case.active(*_LYTIC), *seen)


@dataclass(frozen=True, slots=True)
class ClueLimits:
    """Above what alkaline phosphatase and calcium are high, unless their laboratory says so itself, and how old they may be."""

    phosphatase_times: Decimal
    """How many times the upper limit."""
    phosphatase_upper: Limit
    phosphatase_age: Span
    calcium_upper: Limit
    ionised_upper: Limit
    calcium_age: Span
    reading: CalciumReading


@finding
def high_phosphatase(case: Case, limits: ClueLimits) -> tuple[Observation, ...]:
    """The newest alkaline phosphatase above so many times the upper limit."""
    fact = latest(case, limits.phosphatase_age, "alkaline-phosphatase")
    upper = own_or_usual(fact, limits.phosphatase_upper, limits.phosphatase_times) if fact else None
    return (fact,) if fact and above(fact, upper) else ()


@finding
def high_calcium(case: Case, limits: ClueLimits) -> tuple[Observation, ...]:
    """A calcium that stands now and lies above its upper limit; known hyperparathyroidism explains it."""
    if case.active("primary-hyperparathyroidism"):
        return ()
    usual = {"ionised": limits.ionised_upper, "corrected": limits.calcium_upper, "total": limits.calcium_upper}
    results = standing_calcium(case, limits.calcium_age, limits.reading)
    return tuple(one.fact for one in results if above(one, own_or_usual(one.fact, usual[one.kind])))[:1]
