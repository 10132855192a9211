"""Used tokens in the store's database, so that every worker and node refuses what any of them has accepted.

Every call asks, so nothing here waits longer than :data:`PATIENCE`, and a database in trouble is asked by one call a
second only; connections to PostgreSQL are made beside the calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from sqlalchemy.exc import SQLAlchemyError

from cds_service.service.auth.replay import ReplayStoreBusy, ReplayStoreDown
from cds_service.service.breaker import Breaker
from cds_service.service.store.database import Database

PATIENCE = 0.25
"""Seconds that a call waits for the database."""
PAUSE_AFTER_TROUBLE = 1.0
"""Seconds in which a database that just failed is not asked again."""


class SharedReplay:
    """Remembers in the store that all workers and nodes share; its used tokens' primary key says who was first.

    The store's own purge forgets what has expired.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._marks = database.used_tokens(PATIENCE)
        self._trouble: tuple[type[Exception], ...] = (SQLAlchemyError, *self._marks.errors)
        self._breaker = Breaker(failures_to_open=1, pause_s=PAUSE_AFTER_TROUBLE, clock=clock)

    def first_use(self, issuer: str, jti: str, expires: datetime, call: str = "") -> bool:
        """Mark a token as used; raises ``ReplayStoreDown`` when the database does not answer."""
        if not self._breaker.admits():
            raise ReplayStoreDown("paused after an earlier failure")
        row: dict[str, str | int | None] = {
            "issuer": issuer,
            "jti_hash": _hashed(jti),
            "expires_at": int(expires.timestamp()) + 1,
            "call_hash": _hashed(call) if call else None,
        }
        try:
            first = self._marks.mark(row)
        except self._trouble as problem:
            busy = _is_busy(problem)
            self._breaker.record(well=busy)
            raise (ReplayStoreBusy if busy else ReplayStoreDown)(type(problem).__name__) from None
        self._breaker.record(well=True)
        return first

    def close(self) -> None:
        """Let go of the connections."""
        self._marks.close()


def _hashed(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_busy(problem: Exception) -> bool:
    """Tell a writer in the way, which the next call may not meet, from a database in trouble."""
    return str(getattr(problem, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
