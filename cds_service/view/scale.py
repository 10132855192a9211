"""Time on the page: today at the right, recent days wide and old years narrow, as a share of the width."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import log1p

from cds_service.terminology.dates import Moment
from cds_service.terminology.said import said

_TICKS = (
    (0, said("today")),
    (7, said("1 week")),
    (30, said("1 month")),
    (91, said("3 months")),
    (365, said("1 year")),
    (1096, said("3 years")),
    (3652, said("10 years")),
)
_RIGHT = 97.0
_ROOM = 17.0
"""Per cent of the width that the name of a tick takes on a phone."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A named day: per cent from the left, how many days ago."""

    x: float
    days: int
    name: str
    close: bool
    """On a phone its name has no room beside the next."""


@dataclass(frozen=True, slots=True)
class TimeScale:
    """From ``days`` ago, at ``left`` per cent of the width, until now."""

    now: datetime
    days: int
    left: float = 3.0

    def ago(self, moment: Moment) -> int:
        return min(moment.days_before(self.now), self.days)

    def share(self, days_ago: float) -> float:
        """Per cent of the width from the left."""
        return round(_RIGHT - (_RIGHT - self.left) * log1p(days_ago) / log1p(max(self.days, 1)), 2)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Today and the round days before it."""
        made: list[Tick] = []
        named = _RIGHT + _ROOM
        for days, name in _TICKS:
            if days <= self.days:
                x = self.share(days)
                made.append(Tick(x, days, name, close=named - x < _ROOM))
                named = named if made[-1].close else x
        return tuple(made)
