"""How much processor time one call may take, so that no body, however it is made, holds a worker.

A thread beside the calls looks at the processor time of each, twenty times a second, and raises
:class:`~cds_service.engine.evaluate.OutOfTime` inside one that has had its share. It reaches a call between two steps of
Python; single steps are short because numbers and texts are bounded where they are read.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from types import TracebackType

from cds_service.engine.evaluate import OutOfTime

LOOK_EVERY = 0.05
"""Seconds between two looks at the calls that run, and of processor time until a call that goes on is stopped again."""


class TimeBudget:
    """The time of one call, from here on: ``with budget:`` around what may be stopped, as often as there are such parts.

    ``seconds`` counts the processor time of this thread; while others have the processor, no time is spent.
    """

    __slots__ = ("_ends", "_thread", "clock", "spent")

    def __init__(self, seconds: float) -> None:
        self._thread = threading.get_ident()
        self.clock = time.pthread_getcpuclockid(self._thread)
        self._ends = time.thread_time() + seconds
        self.spent = False
        """Whether something was stopped."""

    def __enter__(self) -> TimeBudget:
        if self.spent or time.thread_time() >= self._ends:
            self.spent = True
            raise OutOfTime
        _LOOKOUT.watch(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._leave()

    def close(self) -> None:
        """Be stopped no more. An end of a part that was itself interrupted has left the lookout looking."""
        for _ in range(3):
            try:
                self._leave()
            except OutOfTime:
                continue
            break

    def _leave(self) -> None:
        with _LOOKOUT.looking:
            _LOOKOUT.running.pop(self._thread, None)
        if self.spent:
            _meet_what_was_raised()

    def look(self) -> None:
        """Stop the call when its time is over, again when it has gone on; called by the lookout, under its lock."""
        used = time.clock_gettime(self.clock)
        if used >= self._ends:
            self.spent, self._ends = True, used + LOOK_EVERY
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(OutOfTime))


def _meet_what_was_raised() -> None:
    """Let an exception that was raised while a part was ending arrive here, not in what comes after."""
    try:
        for _ in range(100):  # the interpreter looks for it at every turn of a loop
            pass
    except OutOfTime:
        pass


class _Lookout:
    """The thread that looks; it starts with the first call of a process and waits while no call runs."""

    def __init__(self) -> None:
        self.running: dict[int, TimeBudget] = {}
        self.looking = threading.Lock()
        self._some = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, budget: TimeBudget) -> None:
        self.running[threading.get_ident()] = budget
        self._some.set()
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self.looking:
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="time-budget", daemon=True)
                self._thread.start()

    def _look(self) -> None:
        while True:
            self._some.wait()
            time.sleep(LOOK_EVERY)
            with self.looking:
                for thread, budget in list(self.running.items()):
                    try:
                        budget.look()
                    except OSError:  # the thread has ended
                        self.running.pop(thread, None)
                self._some.clear()  # before the look: who begins in between sets it again
                if self.running:
                    self._some.set()


_LOOKOUT = _Lookout()
os.register_at_fork(after_in_child=_LOOKOUT.__init__)  # type: ignore[misc]  # its thread and lock stay with the parent
