"""One background thread writes what answers leave behind, so that no answer waits for the database.

The queue is bounded. When it is full, because the database is away or slower than the calls, records are dropped and
counted: a card that is late is worse than a card that is not remembered. Feedback never goes through here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Literal

from cds_service.service.store.records import StoreUnavailable
from cds_service.service.store.rows import Record

LARGEST_BATCH = 500
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between attempts while the database is away: doubled from the first to the longest."""


@dataclass(slots=True)
class Chore:
    """Work that recurs on the writer's thread, such as the purge; ``every`` is in seconds."""

    every: float
    work: Callable[[], object]
    due: float = 0.0


class Writer:
    """A bounded queue and the thread that empties it in batches, one transaction each."""

    def __init__(
        self,
        write: Callable[[Sequence[Record]], None],
        chores: Sequence[Chore] = (),
        capacity: int = 10_000,
        linger: float = 0.25,
    ) -> None:
        self._write = write
        self._chores = chores
        self._capacity = capacity
        self._linger = linger
        self._queue: deque[Record] = deque()
        self._changed = Condition()
        self._taken = self._settled = 0  # of the records: let in; written or given up
        self.written = self.dropped = 0
        self.trouble = ""
        self._hurry = False
        self._end_by: float | None = None
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def queued(self) -> int:
        return self._taken - self._settled

    def put(self, record: Record) -> bool:
        """Leave a record to be written; False, and counted, when there is no room."""
        with self._changed:
            if len(self._queue) >= self._capacity or self._end_by is not None:
                self.dropped += 1
                return False
            self._queue.append(record)
            self._taken += 1
            if len(self._queue) == 1:
                self._changed.notify_all()
            return True

    def flush(self, timeout: float) -> bool:
        """Wait until everything put before this call is settled; False when ``timeout`` seconds were not enough."""
        with self._changed:
            goal = self._taken
            self._hurry = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._settled >= goal, timeout)

    def close(self, timeout: float) -> int:
        """Take no more, write what waits for at most ``timeout`` seconds, and say how many records were lost."""
        with self._changed:
            before = self.dropped
            self._end_by = time.monotonic() + timeout
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout + LONGEST_PAUSE)
        return self.dropped - before

    def _run(self) -> None:
        while True:
            self._do_chores()
            batch = self._next_batch()
            if batch:
                self._settle(batch)
            elif self._end_by is not None:
                return

    def _next_batch(self) -> list[Record]:
        """Wait for a record, or for a chore to fall due, and let a few more gather."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._end_by is not None, self._until_next_chore())
            if self._queue:
                self._changed.wait_for(self._must_hurry, self._linger)
            self._hurry = False
            return [self._queue.popleft() for _ in range(min(LARGEST_BATCH, len(self._queue)))]

    def _settle(self, batch: list[Record]) -> None:
        """Write a batch, as often as it takes; rows that the database refuses are sought out and dropped."""
        pause = FIRST_PAUSE
        while True:
            match self._attempt(batch):
                case "written":
                    return self._count(written=len(batch))
                case "refused":
                    return self._settle_one_by_one(batch)
            if self._end_by is not None and time.monotonic() + pause > self._end_by:
                return self._count(dropped=len(batch))
            with self._changed:
                self._changed.wait_for(lambda: self._end_by is not None, pause)
                if self._end_by is not None:
                    self._changed.wait(FIRST_PAUSE)
            pause = min(LONGEST_PAUSE, pause * 2)

    def _attempt(self, batch: list[Record]) -> Literal["written", "refused", "away"]:
        try:
            self._write(batch)
        except StoreUnavailable as error:
            self.trouble = error.cause
            return "refused" if error.row_at_fault else "away"
        except Exception as error:  # noqa: BLE001 a record that cannot become a row must not end the thread
            self.trouble = type(error).__name__
            return "refused"
        self.trouble = ""
        return "written"

    def _settle_one_by_one(self, batch: list[Record]) -> None:
        if len(batch) == 1:
            return self._count(dropped=1)
        for record in batch:
            self._settle([record])
        return None

    def _count(self, written: int = 0, dropped: int = 0) -> None:
        with self._changed:
            self.written += written
            self.dropped += dropped
            self._settled += written + dropped
            self._changed.notify_all()

    def _must_hurry(self) -> bool:
        return self._hurry or self._end_by is not None or len(self._queue) >= LARGEST_BATCH

    def _until_next_chore(self) -> float | None:
        if not self._chores:
            return None
        return max(0.0, min(chore.due for chore in self._chores) - time.monotonic())

    def _do_chores(self) -> None:
        for chore in self._chores:
            if chore.due <= time.monotonic():
                chore.due = time.monotonic() + chore.every
                try:
                    chore.work()
                    self.trouble = ""
                except Exception as error:  # noqa: BLE001 a chore must not end the thread; it is tried when next due
                    self.trouble = error.cause if isinstance(error, StoreUnavailable) else type(error).__name__
