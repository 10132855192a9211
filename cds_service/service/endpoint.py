"""One hook call over WSGI, from the environ to the answer: who calls, what do they send, what do we say.

Both ways in, the Flask route and the direct one (:mod:`fast_path`), come through here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

from cds_service.service.answer import Answer, Refusal, broken, refuse
from cds_service.service.answer_records import store_caller
from cds_service.service.auth.authenticate import ANYBODY, AuthFailure
from cds_service.service.auth.verify import Caller
from cds_service.service.body import read_json_body
from cds_service.service.clock import now
from cds_service.service.handler import HookHandler, unknown_service
from cds_service.service.readiness import RecentCalls
from cds_service.service.store import AuditEntry
from cds_service.service.telemetry import NO_METERS, Meters, log_call

SERVICES = "/cds-services"
PATIENCE = 0.25
"""Seconds that a call waits for a place before it is sent away."""

Authenticate = Callable[[str | None, str], Caller | AuthFailure]
"""Judges an Authorization header for the endpoint path that was called, such as ``/cds-services/x/feedback``."""


NOBODY = Caller("", "", authenticated=False)
"""Who calls, as long as that is not known."""


def anybody(authorization: str | None, path: str) -> Caller:
    """Let everybody in: authentication is off."""
    return ANYBODY


@dataclass(frozen=True, slots=True)
class HookEndpoint:
    """What stands before every endpoint of the protocol."""

    handler: HookHandler
    max_body_bytes: int
    authenticate: Authenticate = anybody
    audit: Callable[[AuditEntry], object] | None = None
    meters: Meters = NO_METERS
    places: BoundedSemaphore | None = None
    """How many calls one worker works on at a time; a call that finds none free for a moment is sent away with 503."""
    readers: BoundedSemaphore | None = None
    """How many bodies one worker reads at a time: fewer than it has threads, so that slow clients never hold them all."""
    recent: RecentCalls = field(default_factory=RecentCalls)
    """How the last calls ended, for readiness."""

    def call(self, service_id: str, environ: dict[str, Any]) -> Answer:
        """Answer a hook call; the caller is judged before a byte of the body is read."""
        started = time.perf_counter()
        caller, answer = self._call(service_id, environ)
        seconds = time.perf_counter() - started
        if caller is not NOBODY:  # else it was sent away at the door
            self.recent.record(answer.status)
        known = service_id if self.handler.knows(service_id) else ""
        self.meters.called(known, answer.status, seconds)
        log_call(known, answer.status, seconds * 1000, caller.issuer)
        if self.audit is not None:
            self.audit(AuditEntry(now(), store_caller(caller), known, answer.status, seconds * 1000))
        return answer

    def _call(self, service_id: str, environ: dict[str, Any]) -> tuple[Caller, Answer]:
        caller = NOBODY
        try:
            caller = self.admit(environ, f"{SERVICES}/{service_id}")
            if not self.handler.knows(service_id):
                return caller, unknown_service()
            body = self.read_body(environ)
            return caller, self._work(service_id, body, caller)
        except Refusal as refusal:
            return caller, refusal.answer
        except Exception as error:  # noqa: BLE001  # whatever went wrong, the client is told that no advice was given
            return caller, broken(error)

    def _work(self, service_id: str, body: bytes, caller: Caller) -> Answer:
        """Answer when there is a place; past saturation it is better to say so than to let everybody wait."""
        if self.places is None:
            return self.handler.answer(service_id, body, caller)
        if not self.places.acquire(timeout=PATIENCE):
            return _too_many()
        try:
            return self.handler.answer(service_id, body, caller)
        finally:
            self.places.release()

    def read_body(self, environ: dict[str, Any]) -> bytes:
        """Read the body; raises :class:`Refusal`, also when too many clients are still sending theirs."""
        if self.readers is None:
            return read_json_body(environ, self.max_body_bytes)
        if not self.readers.acquire(timeout=PATIENCE):
            raise Refusal(_too_many())
        try:
            return read_json_body(environ, self.max_body_bytes)
        finally:
            self.readers.release()

    def admit(self, environ: dict[str, Any], path: str) -> Caller:
        """Tell who calls; raises :class:`Refusal` (401, or 503 when that cannot be told now)."""
        outcome = self.authenticate(environ.get("HTTP_AUTHORIZATION"), path)
        if isinstance(outcome, Caller):
            return outcome
        challenge = outcome.www_authenticate
        headers = (("WWW-Authenticate", challenge),) if challenge else (("Retry-After", str(outcome.retry_after)),)
        raise Refusal(refuse(outcome.status, outcome.issue_code, outcome.text, headers=headers))


def _too_many() -> Answer:
    return refuse(503, "throttled", "Too many calls at once; try again", headers=(("Retry-After", "1"),))
