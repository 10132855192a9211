"""Growing delays after wrong passwords or tokens, by address and by account, so that guessing is hopeless and delays no others."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

FREE_TRIES = 5
"""Wrong tries in a row, after which each further one has to wait."""
LONGEST_WAIT = 60.0
FORGOTTEN_AFTER = 3600.0
"""Seconds after the last wrong try."""


def address_of(environ: Mapping[str, Any]) -> str:
    """Where a WSGI request comes from: who connects, and for whom if that is a proxy.

    Both, since who comes past the proxy may write any address: he can hide behind it, but hinders nobody who comes by the proxy.
    """
    connects, proxied = environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", "")
    return f"{_network(connects)} {_network(proxied.rpartition(',')[2].strip())}"


@dataclass(slots=True)
class _Row:
    """Wrong tries in a row, and when the next one counts."""

    wrong: int = 0
    last: float = 0.0
    closed_until: float = 0.0


class WrongTries:
    """Counts wrong tries in a row, by address and by account; while they are slowed, right ones wait too.

    Not so for an account at an address where it was right before: strangers who guess at it keep nobody out. Memory is bounded by
    ``capacity`` rows; beyond it those of the longest ago are forgotten.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, capacity: int = 10_000) -> None:
        self._clock, self._capacity, self._lock = clock, capacity, Lock()
        self._rows: dict[tuple[str, str], _Row] = {}
        self._at_home: dict[tuple[str, str], None] = {}

    def attempt(self, is_right: Callable[[], bool], address: str, account: str = "") -> float | None:
        """Try once. ``None``: right; 0.0: wrong; above it, the seconds to wait, and nothing was tried."""
        own = (account, address)
        with self._lock:
            whose = [own] if own in self._at_home else [("", address), *([(account, "")] if account else [])]
            wait = max(self._row(one).closed_until for one in whose) - self._clock()
            if wait > 0:
                return wait
            for one in whose:  # counted before it is judged: of many at once no more are tried
                self._count(one)
        if not is_right():
            return 0.0
        with self._lock:
            for one in whose:
                self._rows.pop(one, None)
            self._at_home.pop(own, None)
            self._at_home[own] = None
            _forget_first(self._at_home, self._capacity)
        return None

    def _row(self, whose: tuple[str, str]) -> _Row:
        row = self._rows.get(whose)
        return row if row and self._clock() - row.last < FORGOTTEN_AFTER else _Row()

    def _count(self, whose: tuple[str, str]) -> None:
        row, now = self._row(whose), self._clock()
        row.wrong, row.last = row.wrong + 1, now
        if row.wrong >= FREE_TRIES:
            row.closed_until = now + min(LONGEST_WAIT, 2.0 ** (row.wrong - FREE_TRIES))
        self._rows.pop(whose, None)
        self._rows[whose] = row
        _forget_first(self._rows, self._capacity)


def _forget_first(kept: dict[tuple[str, str], Any], capacity: int) -> None:
    if len(kept) > capacity:
        del kept[next(iter(kept))]


def _network(address: str) -> str:
    """An address, or the network of an IPv6 one: its host has 2**64 of them."""
    with suppress(ValueError):
        found = ipaddress.ip_address(address)
        return str(found if found.version == 4 else ipaddress.ip_network(f"{found}/64", strict=False))
    return address[:64]
