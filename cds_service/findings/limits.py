"""Results held against limits: the upper one of their laboratory, else the usual one, and the range of plausible values."""

from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical import Limit, Observation, Quantity


def own_or_usual(result: Observation, usual: Limit | None, times: Decimal = Decimal(1)) -> Limit | None:
    """So many times the upper limit that the laboratory states, else the usual one; a stated limit of nothing is none."""
    limit = Limit((result.high,)) if result.high is not None and result.high.value > 0 else usual
    if limit is None or times == 1:
        return limit
    return Limit(tuple(Quantity(each.value * times, each.unit, each.substance) for each in limit.stated))


@dataclass(frozen=True, slots=True)
class PlausibleRange:
    """A row of the ranges of plausible results, both ends included; outside, a value is an error of unit or typing."""

    low: Limit
    high: Limit

    def holds(self, value: Quantity) -> bool:
        """Whether the value can be one; a foreign unit speaks against it."""
        low, high = self.low.side(value), self.high.side(value)
        return low is not None and high is not None and low >= 0 >= high
