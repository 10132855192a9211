"""Each token is used once: its jti is remembered until the token has expired everywhere.

A proxy that hands a call of a silent node over to another one names the call, by a random word that no client knows. Under
that name the token counts once more: the first node may have marked it before it fell silent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Protocol

log = logging.getLogger("cds_service")

TROUBLE_LASTS = 5.0
"""Seconds after a token was checked alone in which this counts as trouble; a worker that nobody calls knows no more."""


class ReplayStoreDown(Exception):
    """It cannot be said whether a token was used before."""


class ReplayStoreBusy(ReplayStoreDown):
    """Another writer was in the way; the next call may not meet it."""


class ReplayStore(Protocol):
    """Remembers used tokens."""

    def first_use(self, issuer: str, jti: str, expires: datetime, call: str = "") -> bool:
        """Mark a token as used until ``expires``; False when it was marked before. Raises ``ReplayStoreDown``.

        ``call`` is the proxy's name of the call: the token counts once more under the name that it was marked with.
        """
        ...


class LocalReplay:
    """Remembers within one process: for development, and for what could not be written to the shared store.

    ``capacity`` bounds its memory: beyond it the first of the remembered are forgotten.
    """

    def __init__(self, clock: Callable[[], float] = time.time, capacity: int = 200_000) -> None:
        self._used: dict[tuple[str, str], tuple[float, str]] = {}
        self._lock = Lock()
        self._clock = clock
        self._capacity = capacity
        self._sweep_at = 1024

    def first_use(self, issuer: str, jti: str, expires: datetime, call: str = "") -> bool:
        """Mark a token as used."""
        with self._lock:
            if len(self._used) >= self._sweep_at:
                self._sweep()
            marked = self._used.get((issuer, jti))
            if marked is None:
                self._used[issuer, jti] = (expires.timestamp(), call)
                return True
            until, before = marked
            if not call or call != before:
                return False
            self._used[issuer, jti] = (until, "")
            return True

    def _sweep(self) -> None:
        now = self._clock()
        alive = [(token, kept) for token, kept in self._used.items() if kept[0] >= now]
        self._used = dict(alive[-(self._capacity // 2) :])
        self._sweep_at = min(
            self._capacity, max(1024, 2 * len(self._used))
        )  # sweeping costs a constant share of each use


class SharedElseLocal:
    """Asks the shared store and, while it is down, this process alone: advice goes on, and the loss is reported.

    ``alone`` is called for every token that only this process has checked. ``clock`` gives seconds that only grow.
    """

    def __init__(
        self,
        shared: ReplayStore,
        local: ReplayStore,
        alone: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shared = shared
        self._local = local
        self._alone = alone
        self._clock = clock
        self._trouble_until = float("-inf")
        self.is_shared = True
        """Whether the last token was checked against what all workers and nodes have seen."""

    @property
    def in_trouble(self) -> bool:
        """Whether tokens are checked alone now; the next token after a while without any tries the store anew."""
        return not self.is_shared and self._clock() < self._trouble_until

    def first_use(self, issuer: str, jti: str, expires: datetime, call: str = "") -> bool:
        """Mark a token as used in both; a replay that either knows is refused."""
        if not self._local.first_use(issuer, jti, expires, call):
            return False
        try:
            first = self._shared.first_use(issuer, jti, expires, call)
        except ReplayStoreDown as trouble:
            self._alone()
            if not isinstance(trouble, ReplayStoreBusy):
                self._trouble_until = self._clock() + TROUBLE_LASTS
                self._turn(False, str(trouble))
            return True
        self._turn(True)
        return first

    def _turn(self, is_shared: bool, why: str = "") -> None:
        if is_shared == self.is_shared:
            return
        self.is_shared = is_shared
        if is_shared:
            log.warning("used tokens are shared between workers again")
        else:
            log.error("used tokens are remembered by each worker alone: the store does not answer (%s)", why)
