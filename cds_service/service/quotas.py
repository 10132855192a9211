"""How much one client may ask of one worker in a minute: calls, bytes, items of feedback."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Lock

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """Per client and minute; zero is no bound."""

    calls: int = 0
    bytes: int = 0
    feedback: int = 0


class Quota:
    """A bucket for each client that a minute fills; what is asked is taken out, and who finds it empty waits."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = per_minute
        self._clock = clock
        self._lock = Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, client: str, amount: int = 1) -> int:
        """Take an amount; 0 when it was there, else the seconds until it will be. More than a minute's is never there."""
        if not self._size:
            return 0
        with self._lock:
            now = self._clock()
            left, at = self._left.get(client, (float(self._size), now))
            left = min(self._size, left + (now - at) * self._size / MINUTE)
            wait = max(0, ceil((amount - left) * MINUTE / self._size))
            self._left[client] = (left if wait else left - amount, now)
            return wait


class Quotas:
    """The three quotas of one worker."""

    def __init__(self, allowance: Allowance = Allowance(), clock: Callable[[], float] = time.monotonic) -> None:
        self.calls = Quota(allowance.calls, clock)
        self.bytes = Quota(allowance.bytes, clock)
        self.feedback = Quota(allowance.feedback, clock)
