"""A circuit breaker: a server, or the store, that fails call after call is left alone for a while, then tried once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Literal

State = Literal["closed", "open", "half-open"]


class Breaker:
    """Counts whole calls, not single reads, so that one slow query among eight does not shut a server out.

    Safe for many threads. ``clock`` gives seconds that only grow.
    """

    def __init__(self, *, failures_to_open: int, pause_s: float, clock: Callable[[], float]) -> None:
        self._failures_to_open = failures_to_open
        self._pause_s = pause_s
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._paused_until: float | None = None
        self._probing = False

    def admits(self) -> bool:
        """Whether a call may be made now. After the pause one caller is let through to try; it must ``record``."""
        with self._lock:
            if self._paused_until is None:
                return True
            if self._clock() < self._paused_until:
                return False
            # The next caller gets its turn after another pause, even if this one never comes back to record.
            self._paused_until = self._clock() + self._pause_s
            self._probing = True
            return True

    def record(self, *, well: bool) -> None:
        """Take note of how a call went."""
        with self._lock:
            if well:
                self._failures, self._paused_until, self._probing = 0, None, False
                return
            self._failures += 1
            if self._probing or self._failures >= self._failures_to_open:
                self._paused_until, self._probing = self._clock() + self._pause_s, False

    @property
    def state(self) -> State:
        """For health and metrics."""
        with self._lock:
            if self._paused_until is None:
                return "closed"
            return "half-open" if self._probing or self._clock() >= self._paused_until else "open"


class Breakers:
    """One breaker for each server; only servers on the list are ever asked for, which bounds it."""

    def __init__(self, *, failures_to_open: int, pause_s: float, clock: Callable[[], float]) -> None:
        self._failures_to_open = failures_to_open
        self._pause_s = pause_s
        self._clock = clock
        self._lock = Lock()
        self._by_server: dict[str, Breaker] = {}

    def of(self, server: str) -> Breaker:
        """The breaker of a server, by its base URL."""
        with self._lock:
            found = self._by_server.get(server)
            if found is None:
                found = self._by_server[server] = Breaker(
                    failures_to_open=self._failures_to_open, pause_s=self._pause_s, clock=self._clock
                )
            return found

    def states(self) -> dict[str, State]:
        """State by server."""
        with self._lock:
            found = dict(self._by_server)
        return {server: breaker.state for server, breaker in found.items()}
