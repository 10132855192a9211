"""Each token is used once: its jti is remembered until the token has expired everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Protocol


class ReplayStoreDown(Exception):
    """It cannot be told whether a token was used before."""


class ReplayStore(Protocol):
    """Remembers used tokens."""

    def first_use(self, issuer: str, jti: str, expires: datetime) -> bool:
        """Mark a token as used until ``expires``; False when it was marked before. Raises ``ReplayStoreDown``."""
        ...


class LocalReplay:
    """Remembers within one process: for one worker, for development, and while the shared store is down."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._used: dict[tuple[str, str], float] = {}
        self._lock = Lock()
        self._clock = clock
        self._sweep_at = 1024

    def first_use(self, issuer: str, jti: str, expires: datetime) -> bool:
        """Mark a token as used."""
        with self._lock:
            if len(self._used) >= self._sweep_at:
                self._sweep()
            if (issuer, jti) in self._used:
                return False
            self._used[issuer, jti] = expires.timestamp()
            return True

    def _sweep(self) -> None:
        now = self._clock()
        self._used = {token: until for token, until in self._used.items() if until >= now}
        self._sweep_at = max(1024, 2 * len(self._used))  # so that sweeping costs a constant share of each use


class SharedElseLocal:
    """Asks the shared store and, while it is down, only this process: for deployments that rather go on answering."""

    def __init__(self, shared: ReplayStore, local: ReplayStore) -> None:
        self._shared = shared
        self._local = local
        self.misses = 0

    def first_use(self, issuer: str, jti: str, expires: datetime) -> bool:
        """Mark a token as used in both; a replay that either knows is refused."""
        if not self._local.first_use(issuer, jti, expires):
            return False
        try:
            return self._shared.first_use(issuer, jti, expires)
        except ReplayStoreDown:
            self.misses += 1
            return True
