"""Results that can be one: outside the range of its kind a value is a slip of unit or of the pen."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.terminology.quantities import Comparator, Limit, Quantity, UnlikeUnits


@dataclass(frozen=True, slots=True)
class PlausibleRange:
    """A row of the ranges that any patient's results lie in, both ends included."""

    low: Limit
    high: Limit

    def holds(self, value: Quantity, comparator: Comparator = "") -> bool:
        """Whether the value can be one; a comparator that leaves it open (``>5``) speaks for it, a foreign unit against it."""
        try:
            too_low = self.low.compare(value) < 0 and comparator not in {">", ">="}
            too_high = self.high.compare(value) > 0 and comparator not in {"<", "<="}
        except UnlikeUnits:
            return False
        return not (too_low or too_high)
