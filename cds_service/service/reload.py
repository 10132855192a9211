"""Taking changed card files into use while the service runs: all workers or none, the old knowledge kept when the new is wrong.

``reload`` checks the files as they are now and brings them into force (:mod:`releases`); ``rollback`` brings back the version
before. Every worker looks once a second and changes over between two calls. Both are answered from the workers' own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event, Lock, Thread
from typing import Any

from flask import Blueprint, Response

from cds_service.knowledge.errors import KnowledgeError
from cds_service.service import clock
from cds_service.service.answer import log
from cds_service.service.canary import CanaryRun
from cds_service.service.operating import operated
from cds_service.service.operators import Operators
from cds_service.service.releases import Origin, Release, ReleaseHistory
from cds_service.service.worker_status import WorkerStatus, WorkerStatuses

LOOK_EVERY_SECONDS = 1.0


class Watch:
    """One worker's look at the releases: a thread that hands every newly named version to ``change_over``.

    ``from_now_on`` leaves alone what came into force before.
    """

    def __init__(
        self,
        releases: ReleaseHistory,
        change_over: Callable[[Release], None],
        running: str,
        *,
        canary: CanaryRun | None = None,
        from_now_on: bool = False,
    ) -> None:
        self._canary = canary
        self._releases, self._change_over = releases, change_over
        self._statuses = WorkerStatuses(releases.folder)
        self.running = running
        self.trouble = ""
        """Why the version in force could not be taken into use here: a type's name."""
        self._seen = releases.last_number() if from_now_on else 0
        self._looking = Lock()
        self._end = Event()
        self._thread = Thread(target=self._run, name="knowledge", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._end.set()
        with self._looking:
            self._statuses.withdraw()

    def look(self) -> None:
        """Change over when another version came into force, and say what runs here; waits when that is under way."""
        with self._looking:
            if not self._end.is_set():
                self._look()
                said = self._follow_canary()
                self._statuses.report(
                    WorkerStatus(self._seen if not self.trouble else 0, self.running, self.trouble, canary=said)
                )

    def _look(self) -> None:
        try:
            activation = self._releases.in_force()
            if activation.number <= self._seen:
                return
            if activation.version != self.running:
                self._change_over(self._releases.read(activation.version))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the old knowledge stays
            if not self.trouble:
                log.error("the knowledge in force could not be taken into use: %s", type(error).__name__)
            self.trouble = type(error).__name__
            return
        self._seen, self.running, self.trouble = activation.number, activation.version, ""

    def _follow_canary(self) -> Mapping[str, Any]:
        canary = self._canary
        if canary is None:
            return {}
        try:
            if in_force := self._releases.in_force().version:
                canary.follow(in_force, lambda: [word.canary for word in self._statuses.read().values()])
        except (OSError, LookupError, ValueError, KeyError, TypeError) as error:
            log.error("the record of canaries could not be followed: %s", type(error).__name__)
        return canary.word()

    def _run(self) -> None:
        while not self._end.wait(LOOK_EVERY_SECONDS):
            self.look()


def reloading(operators: Operators, releases: ReleaseHistory, origin: Origin, look: Callable[[], None]) -> Blueprint:
    """Give ``POST /admin/reload`` and ``POST /admin/rollback``, for operators; ``look`` makes this worker change over now."""
    pages = Blueprint("operators", __name__)
    wait_for = WorkerStatuses(releases.folder).wait_for

    @pages.post("/admin/reload")
    def reload_now() -> Response:
        return operated(operators, lambda: releases.take(origin, clock.now())[1], look, wait_for)

    @pages.post("/admin/rollback")
    def roll_back() -> Response:
        return operated(operators, lambda: releases.go_back(clock.now()), look, wait_for)

    return pages


def take_on_signal(releases: ReleaseHistory, origin: Origin) -> None:
    """Take the files as they are now into use, or log what is wrong with them and leave all as it is; never raises."""
    try:
        _, taken = releases.take(origin, clock.now())
    except (KnowledgeError, OSError) as error:
        log.error("SIGHUP: the knowledge stays as it was. %s", error)
    else:
        log.info("SIGHUP: knowledge %s is in force instead of %s", taken.version, taken.was)
