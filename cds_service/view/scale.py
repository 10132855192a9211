"""Time on the page: today at the right, recent days wide and old years narrow, as a share of the width."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import log1p

from cds_service.terminology.dates import Moment

_TICKS = (
    (0, "today"),
    (7, "1 week"),
    (30, "1 month"),
    (91, "3 months"),
    (365, "1 year"),
    (1096, "3 years"),
    (3652, "10 years"),
)
_LEFT, _RIGHT = 3.0, 97.0


@dataclass(frozen=True, slots=True)
class TimeScale:
    """From ``days`` ago until now."""

    now: datetime
    days: int

    def ago(self, moment: Moment) -> int:
        return min(moment.days_before(self.now), self.days)

    def share(self, days_ago: float) -> float:
        """Per cent of the width from the left."""
        return round(_RIGHT - (_RIGHT - _LEFT) * log1p(days_ago) / log1p(max(self.days, 1)), 2)

    @property
    def ticks(self) -> tuple[tuple[float, int, str], ...]:
        """Where the marks stand, how many days ago, and what they are called."""
        return tuple((self.share(days), days, name) for days, name in _TICKS if days <= self.days)
