"""Plausible ranges of results: a value outside the range of its kind is an error of unit or typing, and is not used."""

from dataclasses import dataclass

from cds_service.terminology.quantities import Comparator, Limit, Quantity


@dataclass(frozen=True, slots=True)
class PlausibleRange:
    """A row of the ranges that any patient's results lie in, both ends included."""

    low: Limit
    high: Limit

    def holds(self, value: Quantity, comparator: Comparator = "") -> bool:
        """Whether the value can be one; a comparator that leaves it open (``>5``) speaks for it, a foreign unit against it."""
        low, high = self.low.side(value), self.high.side(value)
        if low is None or high is None:
            return False
        return (low >= 0 or comparator in {">", ">="}) and (high <= 0 or comparator in {"<", "<="})
