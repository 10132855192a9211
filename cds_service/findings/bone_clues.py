"""Blood results that hint at bone metastases: alkaline phosphatase and calcium."""

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


@finding
def high_phosphatase(case: Case, age: Span, times: Decimal, upper: Limit) -> tuple[Observation, ...]:
    """The newest alkaline phosphatase above so many times the upper limit: the laboratory's own when the result has one."""
    fact = latest(case, age, "alkaline-phosphatase")
    return (fact,) if fact is not None and above(fact, own_or_usual(fact, upper, times)) else ()


@finding
def high_calcium(
    case: Case, age: Span, reading: CalciumReading, upper: Limit, ionised: Limit
) -> tuple[Observation, ...]:
    """A calcium that stands now and lies above the laboratory's upper limit, else ours; known hyperparathyroidism explains it."""
    if case.active("primary-hyperparathyroidism"):
        return ()
    results = standing_calcium(case, age, reading)
    usual = {"ionised": ionised}
    high = (one.fact for one in results if above(one, own_or_usual(one.fact, usual.get(one.kind, upper))))
    return tuple(high)[:1]
