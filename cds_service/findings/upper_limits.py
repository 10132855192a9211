"""Results held against the upper limit of their own laboratory, or the usual one where it states none."""

from collections.abc import Callable
from decimal import Decimal

from cds_service.chart.facts import Comparator, Observation
from cds_service.terminology.quantities import Limit, Quantity, above

Compare = Callable[[Quantity, Comparator, Limit], bool | None]


def exceeds(result: Observation, usual: Limit | None, times: Decimal = Decimal(1), compare: Compare = above) -> bool:
    """Whether a result surely lies above (or ``at_least``) so many times its upper limit."""
    limit = own_or_usual(result, usual, times)
    return result.value is not None and surely(compare, result.value, result.comparator, limit)


def own_or_usual(result: Observation, usual: Limit | None, times: Decimal = Decimal(1)) -> Limit | None:
    """So many times the upper limit that the laboratory states, else the usual one; a stated limit of nothing is none."""
    stated = (result.high,) if result.high is not None and result.high.value > 0 else usual.stated if usual else ()
    raised = tuple(Quantity(each.value * times, each.unit, each.substance) for each in stated)
    return Limit(raised) if raised else None


def surely(compare: Compare, value: Quantity, comparator: Comparator, limit: Limit | None) -> bool:
    """Whether the comparison holds; not where it is open or there is no limit."""
    return limit is not None and compare(value, comparator, limit) is True
