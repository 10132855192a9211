"""What one worker takes on at a time, shared out between its clients, and what one client may ask in a minute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Self

from cds_service.service.answer import Refusal, refuse
from cds_service.service.quotas import Allowance, Quota, Quotas
from cds_service.service.settings import MIB, Settings
from cds_service.service.shares import NoPlace, Shares

BODIES_IN_COMMON = 4
"""Bodies of the largest size that all clients together may have in flight, beside one of each."""


def _endless() -> Shares:
    return Shares(1 << 62, 0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one worker; without any, it takes on whatever comes."""

    readers: Shares = field(default_factory=_endless)
    """Threads that read bodies: fewer than there are, so that slow clients never hold them all."""
    body_bytes: Shares = field(default_factory=_endless)
    """Bytes of bodies that were announced and are not answered yet."""
    calls: Shares = field(default_factory=_endless)
    """Calls that are worked on."""
    feedback: Shares = field(default_factory=_endless)
    """Feedback that is being stored, which may wait for the database."""
    finishing: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(8))
    """Refused clients whose sending is read to its end, so that they read the answer; a slow one holds a thread."""
    quotas: Quotas = field(default_factory=Quotas)

    @classmethod
    def of(cls, settings: Settings, clients: int) -> Self:
        """The bounds that the settings say, for so many listed clients; some threads are left for health probes."""
        largest, threads = settings.max_body_bytes, settings.blocking_threads
        return cls(
            Shares.divided(max(1, threads // 2), clients),
            Shares(BODIES_IN_COMMON * largest, largest),
            Shares.divided(settings.max_calls, clients),
            Shares.divided(max(8, threads // 16), clients, patience=2.0),  # nobody looks at a screen for it
            BoundedSemaphore(max(1, threads // 4)),
            Quotas(
                Allowance(
                    settings.client_calls_per_minute,
                    settings.client_mib_per_minute * MIB,
                    settings.client_feedback_per_minute,
                )
            ),
        )


@contextmanager
def place(shares: Shares, client: str, amount: int = 1) -> Iterator[None]:
    """Hold places of a client while the block runs; raises :class:`Refusal` (503) when none comes free for a moment."""
    holding = shares.held(client, amount)
    try:
        holding.__enter__()
    except NoPlace:
        raise Refusal(
            refuse(503, "throttled", "Too many calls at once; try again", headers=(("Retry-After", "1"),))
        ) from None
    try:
        yield
    finally:
        holding.__exit__(None, None, None)


def charge(quota: Quota, client: str, amount: int = 1) -> None:
    """Take an amount from a client's quota; raises :class:`Refusal` (429) with the seconds until it will be there."""
    if wait := quota.take(client, amount):
        text = "This client has asked for more than its share of the last minute; try again later"
        raise Refusal(refuse(429, "throttled", text, headers=(("Retry-After", str(wait)),)))
