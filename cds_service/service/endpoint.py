"""One hook call over WSGI, from the environ to the answer: who calls, what do they send, what do we say.

Both ways in, the Flask route and the direct one (:mod:`fast_path`), come through here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from cds_service.service.answer import HttpAnswer, Refusal, broken, refuse
from cds_service.service.answer_records import store_caller
from cds_service.service.audit_trail import AuditTrail
from cds_service.service.auth.authenticate import AuthFailure
from cds_service.service.auth.caller import ANYBODY, Caller
from cds_service.service.body import announced_length, drain, read_json_body, sends_a_body
from cds_service.service.bounds import Bounds, charge, place
from cds_service.service.clock import now
from cds_service.service.handler import HookHandler, unknown_service
from cds_service.service.readiness import RecentCalls
from cds_service.service.store import AuditEntry
from cds_service.service.telemetry import NO_METERS, Meters, log_call

SERVICES = "/cds-services"
INSIDE = ("/metrics", "/health", "/admin")
"""Paths for the installation's own network, which no browser page of another origin may read."""

Authenticate = Callable[[str | None, str, str], Caller | AuthFailure]
"""Judges an Authorization header for the endpoint path that was called, such as ``/cds-services/x/feedback``, and what
the proxy names the call."""

SHORTEST_CALL_ID = 16
"""Characters of ``Cds-Call-Id``, the proxy's name of a call: a shorter one could be guessed, and counts for none."""

_READ = "cds_service.body_read"
"""Name in the environ once the body has been read."""

Route = Literal["hook", "discovery", "feedback", "admin"]
NO_TRAIL = AuditTrail()
NOBODY = Caller("", "", authenticated=False)
"""Who calls, as long as that is not known."""


def anybody(authorization: str | None, path: str, call: str = "") -> Caller:
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
    names_patients: bool = False
    """Whether the audit keeps patients' references, where the site says so, not keyed hashes."""
    bounds: Bounds = field(default_factory=Bounds)
    recent: RecentCalls = field(default_factory=RecentCalls)
    """How the last calls ended, for readiness."""

    def call(self, service_id: str, environ: dict[str, Any]) -> HttpAnswer:
        """Answer a hook call; the caller is authenticated before a byte of the body is read."""
        started, trail = time.perf_counter(), AuditTrail()
        caller, answer = self._call(service_id, environ, trail)
        if caller is not NOBODY:  # else it was refused before it was read
            self.recent.record(answer.status)
        known = service_id if self.handler.knows(service_id) else ""
        self.meters.called(known, answer.status, time.perf_counter() - started)
        log_call(known, answer.status, (time.perf_counter() - started) * 1000, caller.issuer, answer.because)
        self.note("hook", known, caller, answer, started, trail)
        return answer

    def note(
        self,
        route: Route,
        service_id: str,
        caller: Caller,
        answer: HttpAnswer,
        started: float,
        trail: AuditTrail = NO_TRAIL,
        method: str = "POST",
    ) -> None:
        """Leave an audit record of a call; never waits."""
        if self.audit is None:
            return
        self.audit(
            AuditEntry(
                now(),
                store_caller(caller),
                service_id,
                answer.status,
                (time.perf_counter() - started) * 1000,
                topics=trail.topics,
                method=method,
                door=route,
                user=trail.user,
                patient=trail.patient,
                names_patient=self.names_patients,
                knowledge=trail.knowledge,
                because=answer.because,
            )
        )

    def _call(self, service_id: str, environ: dict[str, Any], trail: AuditTrail) -> tuple[Caller, HttpAnswer]:
        caller = NOBODY
        try:
            caller = self.admit(environ, f"{SERVICES}/{service_id}")
            if not self.handler.knows(service_id):
                return caller, unknown_service()
            with self.body(environ, caller) as body, place(self.bounds.calls, caller.client):
                accepted = environ.get("HTTP_ACCEPT_LANGUAGE", "")
                return caller, self.handler.answer(service_id, body, caller, trail, accepted)
        except Refusal as refusal:
            return caller, refusal.answer
        except Exception as error:  # noqa: BLE001  # whatever went wrong, the client learns that no advice was given
            return caller, broken(error)

    def guarded(
        self, route: Route, environ: dict[str, Any], path: str, service_id: str, act: Callable[[Caller], HttpAnswer]
    ) -> HttpAnswer:
        """Answer a call of another route than a hook's: who calls is authenticated, and however it ends, it is on record."""
        caller, started = NOBODY, time.perf_counter()
        try:
            caller = self.admit(environ, path)
            answer = act(caller)
        except Refusal as refusal:
            answer = refusal.answer
        except Exception as error:  # noqa: BLE001  # as in a hook call
            answer = broken(error)
        self.note(route, service_id, caller, answer, started, method=environ.get("REQUEST_METHOD", ""))
        return answer

    @contextmanager
    def body(self, environ: dict[str, Any], caller: Caller) -> Iterator[bytes]:
        """Read the body and count it as in flight while the block runs; raises :class:`Refusal` when it is not to be had.

        What is announced is counted before the first byte is read, so that memory stays bounded.
        """
        if caller.authenticated:
            charge(self.bounds.quotas.calls, caller.client)
        length = announced_length(environ, self.max_body_bytes)
        if caller.authenticated:
            charge(self.bounds.quotas.bytes, caller.client, length)
        with place(self.bounds.body_bytes, caller.client, length):
            with place(self.bounds.readers, caller.client):
                body = read_json_body(environ, self.max_body_bytes)
                environ[_READ] = True
            yield body

    def to_the_end(self, answer: Iterable[bytes], environ: dict[str, Any]) -> Iterable[bytes]:
        """Send an answer at once, then let a client whose body nobody read end its sending: else it would not read the answer."""
        return answer if _READ in environ or not sends_a_body(environ) else self._with_the_rest(answer, environ)

    def _with_the_rest(self, answer: Iterable[bytes], environ: dict[str, Any]) -> Iterator[bytes]:
        yield from answer
        if self.bounds.finishing.acquire(blocking=False):
            try:
                drain(environ, 2 * self.max_body_bytes)
            finally:
                self.bounds.finishing.release()

    def admit(self, environ: dict[str, Any], path: str) -> Caller:
        """Tell who calls; raises :class:`Refusal` (401, or 503 when that cannot be verified now)."""
        call = environ.get("HTTP_CDS_CALL_ID", "")
        outcome = self.authenticate(
            environ.get("HTTP_AUTHORIZATION"), path, call if len(call) >= SHORTEST_CALL_ID else ""
        )
        if isinstance(outcome, Caller):
            return outcome
        challenge = outcome.www_authenticate
        headers = (("WWW-Authenticate", challenge),) if challenge else (("Retry-After", str(outcome.retry_after)),)
        raise Refusal(refuse(outcome.status, outcome.issue_code, outcome.text, headers=headers, because=outcome.check))
