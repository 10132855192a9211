"""Wrong tries slow the next ones down: guessing a password or a token takes longer than anybody lives."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

FREE_TRIES = 5
"""Wrong tries in a row, after which each further one has to wait."""
LONGEST_WAIT = 60.0


class WrongTries:
    """Counts wrong tries in a row; while they are slowed, right ones wait too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self.in_a_row = 0
        self._closed_until = 0.0

    def attempt(self, is_right: Callable[[], bool]) -> float | None:
        """Try once. ``None``: right; 0.0: wrong; above it, the seconds to wait, and nothing was tried."""
        with self._lock:
            wait = self._closed_until - self._clock()
            if wait > 0:
                return wait
            if is_right():
                self.in_a_row = 0
                return None
            self.in_a_row += 1
            if self.in_a_row >= FREE_TRIES:
                self._closed_until = self._clock() + min(LONGEST_WAIT, 2.0 ** (self.in_a_row - FREE_TRIES))
            return 0.0
