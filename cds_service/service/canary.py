"""One worker's part in a canary: which patients get the version that is tried, how calls went there and elsewhere, and its end.

What the workers count stands in their words (:mod:`worker_status`), so that each of them judges by the calls of all; whoever
first sees that the canary leaves its band, or that its time is over, ends it for all.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from cds_service.hooks.request import RequestError
from cds_service.knowledge.cards import Knowledge
from cds_service.outcomes import Failed
from cds_service.service.advisor import Ask, KnowledgeAdvisor
from cds_service.service.answer import fault, log
from cds_service.service.canary_band import Tally, out_of_band
from cds_service.service.canary_record import Canaries, Canary, State
from cds_service.service.clock import Clock, now
from cds_service.service.consultation import Consultation
from cds_service.service.releases import Release, ReleaseHistory
from cds_service.service.telemetry import NO_METERS, Meters

Lot = Callable[[str, str], float]
"""Draws for a version and a patient a number from 0 to below 100, always the same, equal in all workers and nodes."""


@dataclass(slots=True)
class _Trial:
    """What one worker has of a running canary; without an advisor its patients get the version in force."""

    canary: Canary
    advisor: KnowledgeAdvisor | None
    tried: Tally = field(default_factory=Tally)
    elsewhere: Tally = field(default_factory=Tally)


class CanaryRun:
    """Follows the record of canaries and divides calls by it; ``note`` gets each change that this worker made or took up."""

    def __init__(
        self,
        releases: ReleaseHistory,
        advisor_of: Callable[[Knowledge], KnowledgeAdvisor],
        lot: Lot,
        note: Callable[[Canary, bool], object] = lambda canary, own: None,
        meters: Meters = NO_METERS,
        clock: Clock = now,
        node: str = "",
    ) -> None:
        self._releases, self._canaries = releases, Canaries(releases.folder)
        self._advisor_of, self._lot, self._note, self._meters, self._clock = advisor_of, lot, note, meters, clock
        self._node = node or socket.gethostname()
        self._counting = Lock()
        self._trial: _Trial | None = None
        self.newest: Canary | None = None
        """The canary as this worker has last followed it, running or not."""
        self.trouble = ""
        """Why the version could not be tried here: a type's name."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What readiness says of it: that it runs, or was taken back."""
        newest = self.newest
        return (newest.sentence,) if newest is not None and newest.state in {"running", "returned"} else ()

    # For calls

    @property
    def advisor(self) -> KnowledgeAdvisor | None:
        """Who advises with the version that is tried here."""
        trial = self._trial
        return trial.advisor if trial is not None else None

    def advisor_for(self, patient: str) -> KnowledgeAdvisor | None:
        """Who advises on this patient in place of the version in force; ``None`` for who is not among those that try it."""
        trial = self._trial
        if trial is None or trial.advisor is None:
            return None
        return trial.advisor if self._lot(trial.canary.version, patient) < trial.canary.terms.share else None

    def divide(self, usual: Ask, service_id: str, *asked: Any) -> Consultation:
        """Ask the version that is the patient's, and count how it went.

        A call on which the tried version breaks is answered by the one in force, so that nobody misses a card for a trial.
        """
        trial = self._trial
        if trial is None:
            return usual(service_id, *asked)
        request = asked[0]
        advisor = self.advisor_for(request.context.patient)
        if advisor is not None and (service_id, request.hook) in advisor.knowledge.services:
            try:
                consultation = advisor.consult(service_id, *asked)
            except RequestError:
                raise
            except Exception as error:  # noqa: BLE001  # whatever is wrong with it, the version in force advises
                log.error("the canary failed: %s", fault(error))
                self._count(trial.tried, None)
            else:
                self._count(trial.tried, consultation)
                return consultation
        consultation = usual(service_id, *asked)
        if advisor is None:
            self._count(trial.elsewhere, consultation)
        return consultation

    def _count(self, tally: Tally, consultation: Consultation | None) -> None:
        failed = consultation is None or any(isinstance(one.outcome, Failed) for one in consultation.verdicts)
        with self._counting:
            tally.calls += 1
            tally.failed += failed
            if consultation is not None:
                answer = consultation.answer
                due = (*answer.shown, *answer.capped, *answer.snoozed, *answer.withheld)
                tally.cards.update({one.topic for card in due for one in (card, *card.parts)})
        self._meters.canary_call("canary" if self._trial and tally is self._trial.tried else "elsewhere", failed=failed)

    # For the watch

    def follow(self, in_force: str, words: Callable[[], Iterable[Mapping[str, Any]]]) -> None:
        """Take up what is on record now, and end what is to be ended by the ``words`` of all workers; ``in_force`` is on record."""
        self._take_up()
        if self._trial is not None and self._judged(self._trial.canary, in_force, words()):
            self._take_up()

    def _take_up(self) -> None:
        canary = self._canaries.newest()
        if canary is None or (self.newest is not None and canary.number == self.newest.number):
            return
        self._trial, self.trouble = None, ""
        if canary.state == "running":
            self._trial = self._begun(canary)
        self.newest = canary
        self._meters.canary_runs(canary.version, canary.state == "running")
        self._note(canary, False)

    def _judged(self, canary: Canary, in_force: str, words: Iterable[Mapping[str, Any]]) -> bool:
        """Whether the canary had to end: another version came into force, it left its band, or its time is over."""
        state, because = self._verdict(canary, in_force, words)
        if state == "running":
            return False
        ended = self._canaries.end(canary.trial, state, because, self._clock())
        if ended is not None:
            log.warning("%s", ended.sentence)
            self._note(ended, True)
        return True

    def _verdict(self, canary: Canary, in_force: str, words: Iterable[Mapping[str, Any]]) -> tuple[State, str]:
        if in_force == canary.version:
            return "taken", "it is in force for all"
        if in_force != canary.beside:
            return "ended", f"{in_force} came into force"
        tried, elsewhere = counted(words, canary)
        if left := out_of_band(tried, elsewhere, canary.terms):
            return "returned", left
        over = self._clock() >= datetime.fromisoformat(canary.until)
        return ("ended", "its time is over") if over else ("running", "")

    def _begun(self, canary: Canary) -> _Trial:
        """A canary that cannot be read is not tried here, and says why; its patients get the version in force."""
        if canary.terms.node not in {"", self._node}:
            return _Trial(canary, None)
        try:
            release: Release = self._releases.read(canary.version)
            return _Trial(canary, self._advisor_of(release.knowledge))
        except Exception as error:  # noqa: BLE001
            log.error("the canary could not be taken up: %s", type(error).__name__)
            self.trouble = type(error).__name__
            return _Trial(canary, None)

    def word(self) -> dict[str, Any]:
        """What this worker says of it: which change it has followed, and its counts."""
        trial, newest = self._trial, self.newest
        said: dict[str, Any] = {"number": newest.number if newest else 0, "trouble": self.trouble}
        if trial is None:
            return said
        with self._counting:
            counts = {"tried": trial.tried.as_json(), "elsewhere": trial.elsewhere.as_json()}
        return said | {"trial": trial.canary.trial} | counts


def counted(words: Iterable[Mapping[str, Any]], canary: Canary) -> tuple[Tally, Tally]:
    """What all workers have counted of a canary, where it is tried and elsewhere."""
    tried, elsewhere = Tally(), Tally()
    for word in words:
        if word.get("trial") == canary.trial:
            tried, elsewhere = tried + Tally.of_json(word["tried"]), elsewhere + Tally.of_json(word["elsewhere"])
    return tried, elsewhere
