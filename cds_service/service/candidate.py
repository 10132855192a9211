"""A candidate overlay on live calls: judged after the answer has gone, recorded as silent, never shown, failures counted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import BoundedSemaphore

from cds_service.engine.evaluate import evaluate
from cds_service.engine.respond import respond
from cds_service.knowledge.cards import Knowledge
from cds_service.service.answer_records import remembered_silently
from cds_service.service.consultation import Consultation
from cds_service.service.store import RememberedAnswer
from cds_service.service.time_budget import TimeBudget

WAITING = 64
"""Cases that may wait; beyond it the candidate is not asked, so that it never costs an answer."""
SECONDS = 0.5
"""Processor time that judging one case may take; the live knowledge has its own."""


class Candidate:
    """Asks one other knowledge about every live case, in a thread of its own."""

    def __init__(self, knowledge: Knowledge, remember: Callable[[RememberedAnswer], object]) -> None:
        self._knowledge = knowledge
        self._remember = remember
        self._room = BoundedSemaphore(WAITING)
        self._thread = ThreadPoolExecutor(1, "candidate")
        self.passed_over = 0
        """Calls that the candidate was not asked about, for want of room."""

    @property
    def name(self) -> str:
        """What its records are marked with."""
        return _name(self._knowledge)

    def change_over(self, knowledge: Knowledge) -> None:
        """Ask another version from the next case on; cases that wait are judged by the one that they were left to."""
        self._knowledge = knowledge

    def consider(self, consultation: Consultation) -> None:
        """Leave a call to be judged; never waits, never raises."""
        if not self._room.acquire(blocking=False):
            self.passed_over += 1
            return
        try:
            self._thread.submit(self._judge, self._knowledge, consultation)
        except RuntimeError:  # the service is ending
            self._room.release()

    def close(self) -> None:
        """Judge what waits, then end."""
        self._thread.shutdown(wait=True)

    def _judge(self, knowledge: Knowledge, live: Consultation) -> None:
        try:
            service = knowledge.services.get((live.service.id, live.service.hook))
            if service is None:
                return
            budget = TimeBudget(SECONDS)
            request, verdicts = live.request, evaluate(live.case, service.cards, budget)
            budget.close()
            answer = respond(
                live.case,
                verdicts,
                knowledge,
                hook_instance=request.hook_instance,
                patient_id=request.context.patient,
                snoozed=live.is_snoozed,
            )
            judged = replace(live, knowledge=knowledge, service=service, verdicts=verdicts, answer=answer)
            self._remember(remembered_silently(judged, _name(knowledge), live.answer.shown))
        finally:
            self._room.release()


def _name(knowledge: Knowledge) -> str:
    return f"{knowledge.site or 'candidate'}@{knowledge.version}"
