"""How sure a share is: Wilson's score interval, which stays within 0 and 1 for few and for rare events."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054
"""Standard score of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with its 95 % interval; all shares are per 1, not per 100."""

    count: int
    of: int

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.count, self.of)


def wilson(count: int, of: int, z: float = Z_95) -> tuple[float, float]:
    """Give the lower and upper bound of a share (Wilson 1927); of nothing, nothing is known: 0 to 1."""
    if of <= 0:
        return 0.0, 1.0
    share = count / of
    middle = share + z * z / (2 * of)
    reach = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    whole = 1 + z * z / of
    low = 0.0 if count == 0 else max(0.0, (middle - reach) / whole)
    high = 1.0 if count == of else min(1.0, (middle + reach) / whole)
    return low, high
