"""The one place that answers a hook call: body bytes in, answer bytes out, whatever server or route brought them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from time import perf_counter
from typing import Protocol

from cds_service.chart.wire import Prefetch
from cds_service.hooks.discovery import Service
from cds_service.hooks.request import Envelope, Request, RequestError, RequestReader
from cds_service.hooks.response import Response, ResponseError, check, encode, salvage
from cds_service.service.advice import Advice
from cds_service.service.answer import HttpAnswer, log, refuse
from cds_service.service.audit_trail import AuditTrail
from cds_service.service.auth.caller import ANYBODY, Caller
from cds_service.service.clock import Clock, now, to_the_minute
from cds_service.service.telemetry import NO_METERS, Meters

AS_OF = "org.cds-service.as-of"
"""Request extension that sets the clock, for fixtures and demonstrations; development only."""


class Advisor(Protocol):
    """The floors below, as the handler sees them."""

    @property
    def services(self) -> Sequence[Service]:
        """The discovery entries."""

    def advise(
        self, service_id: str, request: Request[Prefetch], at: datetime, caller: Caller, accept_language: str = ""
    ) -> Advice:
        """Read the chart, decide, and answer; may raise :class:`RequestError`, such as 412 for data that is needed."""


class HookHandler:
    """Answers hook calls. Holds nothing of a call beyond its end; safe for many threads."""

    def __init__(
        self,
        advisor: Advisor,
        *,
        clock: Clock = now,
        zone: tzinfo = UTC,
        development: bool = False,
        meters: Meters = NO_METERS,
    ) -> None:
        """``zone`` is where the site's clocks stand: it says which day is today."""
        self._zone = zone
        self._advisor = advisor
        self._meters = meters
        self._clock = clock
        self._development = development
        self._reader = RequestReader(Envelope[Prefetch])
        self._hooks: dict[str, frozenset[str]] = {}
        for service in advisor.services:
            self._hooks[service.id] = self._hooks.get(service.id, frozenset()) | {service.hook}

    def knows(self, service_id: str) -> bool:
        """Whether there is a service of this id."""
        return service_id in self._hooks

    def answer(
        self,
        service_id: str,
        body: bytes,
        caller: Caller = ANYBODY,
        trail: AuditTrail | None = None,
        accept_language: str = "",
    ) -> HttpAnswer:
        """Answer one call, and leave a trail of it. What raises here is a fault of ours; the endpoint answers it with 500."""
        trail = trail or AuditTrail()
        hooks = self._hooks.get(service_id)
        if hooks is None:
            return unknown_service()
        try:
            started = perf_counter()
            request = self._reader.read(body, hooks)
            self._meters.took("parse", perf_counter() - started)
            trail.user, trail.patient = request.context.user_id, request.context.patient
            advice = self._advisor.advise(service_id, request, self._moment(request), caller, accept_language)
        except RequestError as error:
            return refuse(error.status, error.code, _sentence(error), expression=error.path)
        trail.showed(*advice)
        return HttpAnswer(200, _checked(advice.response))

    def _moment(self, request: Request[Prefetch]) -> datetime:
        """When the call came, uncut; in development what the request takes for now."""
        moment = (moment_of_request(request) if self._development else None) or self._clock()
        return moment.astimezone(self._zone)


def moment_of_request(request: Request[Prefetch]) -> datetime | None:
    """The moment that a request's extension takes for now, if it does; raises :class:`RequestError`."""
    wanted = request.extension.get(AS_OF)
    if wanted is None:
        return None
    try:
        moment = datetime.fromisoformat(str(wanted))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise RequestError("must be a date and time with zone, such as 2026-03-02T09:00:00Z", f"extension.{AS_OF}")
    return to_the_minute(moment)


def _checked(advice: Response) -> bytes:
    """Encode and verify; a card that breaks the protocol is reduced, so that the others still go out."""
    body = encode(advice)
    try:
        check(body)
    except ResponseError:
        advice, complaints = salvage(advice)
        for complaint in complaints:
            log.error("a card broke the protocol and was reduced: %s", complaint)
        body = encode(advice)
        check(body)
    return body


def unknown_service() -> HttpAnswer:
    """Answer a call of a service that is not in the discovery answer."""
    return refuse(404, "not-found", "There is no such service; GET /cds-services lists them")


def _sentence(error: RequestError) -> str:
    return f"{error.path}: {error.message}" if error.path else error.message
