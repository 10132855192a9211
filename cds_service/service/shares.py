"""Concurrent calls shared out between clients: each has a reserved share, the rest goes to whoever asks first.

So no client, and no set of clients, can keep another's call from being worked on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class NoPlace(Exception):
    """The client's own places and the common ones are taken."""


class Shares:
    """``common`` places for all, and ``own`` for every client; a place may be a thread, a call, or a byte.

    Who finds none waits for ``patience`` seconds.
    """

    def __init__(self, common: int, own: int, patience: float = 0.25) -> None:
        self.common, self.own = common, own
        self._patience = patience
        self._used: dict[str, int] = {}
        self._beyond = 0  # what clients hold beyond their own
        self._changed = Condition()

    @classmethod
    def divided(cls, places: int, clients: int, patience: float = 0.25) -> Shares:
        """Share out so many places: half of them in equal parts, at least one for each client, the rest in common."""
        own = max(1, places // (2 * max(1, clients)))
        return cls(max(0, places - own * max(1, clients)), own, patience)

    @contextmanager
    def held(self, client: str, amount: int = 1) -> Iterator[None]:
        """Hold places while the block runs; raises :class:`NoPlace` when none comes free for a moment."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._fits(client, amount), self._patience):
                raise NoPlace
            self._take(client, amount)
        try:
            yield
        finally:
            with self._changed:
                self._take(client, -amount)
                self._changed.notify_all()

    def _fits(self, client: str, amount: int) -> bool:
        used = self._used.get(client, 0)
        more = max(0, used + amount - self.own) - max(0, used - self.own)
        return not more or self._beyond + more <= self.common

    def _take(self, client: str, amount: int) -> None:
        used = self._used.get(client, 0)
        self._beyond += max(0, used + amount - self.own) - max(0, used - self.own)
        if used + amount:
            self._used[client] = used + amount
        else:
            self._used.pop(client, None)  # nothing was held of a body without a byte
