"""One hook call over WSGI, from the environ to the answer: who calls, what do they send, what do we say.

Both ways in, the Flask route and the direct one (:mod:`shell.front`), come through here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cds_service.shell.answer import Answer, Refusal, broken, refuse
from cds_service.shell.auth.authenticate import ANYBODY, AuthFailure
from cds_service.shell.auth.verify import Caller
from cds_service.shell.body import read_json_body
from cds_service.shell.handler import HookHandler, unknown_service

SERVICES = "/cds-services"

Authenticate = Callable[[str | None, str], Caller | AuthFailure]
"""Judges an Authorization header for the endpoint path that was called, such as ``/cds-services/x/feedback``."""


def anybody(authorization: str | None, path: str) -> Caller:
    """Let everybody in: authentication is off."""
    return ANYBODY


@dataclass(frozen=True, slots=True)
class Door:
    """What stands before every endpoint of the protocol."""

    handler: HookHandler
    max_body_bytes: int
    authenticate: Authenticate = anybody

    def call(self, service_id: str, environ: dict[str, Any]) -> Answer:
        """Answer a hook call; the caller is judged before a byte of the body is read."""
        try:
            self.admit(environ, f"{SERVICES}/{service_id}")
            if not self.handler.knows(service_id):
                return unknown_service()
            return self.handler.answer(service_id, read_json_body(environ, self.max_body_bytes))
        except Refusal as refusal:
            return refusal.answer
        except Exception as error:  # noqa: BLE001  # whatever went wrong, the client is told that no advice was given
            return broken(error)

    def admit(self, environ: dict[str, Any], path: str) -> Caller:
        """Tell who calls; raises :class:`Refusal` (401, or 503 when that cannot be told now)."""
        outcome = self.authenticate(environ.get("HTTP_AUTHORIZATION"), path)
        if isinstance(outcome, Caller):
            return outcome
        challenge = outcome.www_authenticate
        headers = (("WWW-Authenticate", challenge),) if challenge else (("Retry-After", "1"),)
        raise Refusal(refuse(outcome.status, outcome.issue_code, outcome.text, headers=headers))
