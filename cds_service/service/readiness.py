"""Whether this worker should be sent calls: ready, degraded (it advises, something is lost), or failing (calls fail).

Everything is answered from memory, so that a probe never waits for what is in trouble.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Literal

State = Literal["ready", "degraded", "failing"]

WINDOW = 30.0
"""Seconds over which calls are looked at; a worker that gets none any more is given another chance after them."""
FEWEST = 5
"""Calls that failed, before it is more than bad luck."""
FEWEST_TURNED_AWAY = 20
"""Calls that found no place, with none answered, before that is more than a moment's rush."""


class RecentCalls:
    """How the calls of the last half minute ended: answered, failed by a fault of ours, or turned away for want of room."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._ended: deque[tuple[float, int]] = deque(maxlen=1000)

    def record(self, status: int) -> None:
        """Note how a call ended that had been let in."""
        with self._lock:
            self._ended.append((self._clock(), status))

    @property
    def trouble(self) -> str:
        """What is wrong with most calls, in a word; empty when they are answered."""
        since = self._clock() - WINDOW
        with self._lock:
            statuses = [status for at, status in self._ended if at >= since]
        failed, turned_away = statuses.count(500), statuses.count(503)
        if failed >= FEWEST and 2 * failed > len(statuses) - turned_away:
            return "most calls fail"
        if turned_away >= FEWEST_TURNED_AWAY and turned_away == len(statuses):
            return "no call finds a place"
        return ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What readiness rests on: how calls end, and checks by name, each ``ok`` or what is wrong."""

    calls: RecentCalls
    checks: Callable[[], Mapping[str, str]] = dict

    def now(self) -> tuple[State, dict[str, str]]:
        """The state, and every check with what it found."""
        trouble = self.calls.trouble
        found = {**self.checks(), "calls": trouble or "ok"}
        if trouble:
            return "failing", found
        return ("ready" if all(said == "ok" for said in found.values()) else "degraded"), found
