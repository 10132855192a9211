"""An HTTP answer (status, headers, body), whatever framework sends it, and errors as OperationOutcomes."""

from __future__ import annotations

import http
import logging
import traceback
from dataclasses import dataclass
from pathlib import Path

from cds_service.hooks.operation_outcome import operation_outcome

JSON = "application/json"
Headers = tuple[tuple[str, str], ...]

log = logging.getLogger("cds_service")


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, body and headers of one answer. Bodies are JSON; nothing may be kept by a cache."""

    status: int
    body: bytes
    headers: Headers = ()
    because: str = ""
    """For the audit: the check or kind of problem, when it is a refusal."""

    @property
    def all_headers(self) -> list[tuple[str, str]]:
        """Its own headers and those that every answer has."""
        kind = [("Content-Type", JSON)] if self.body else []
        return [
            *kind,
            ("Content-Length", str(len(self.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *self.headers,
        ]

    @property
    def status_line(self) -> str:
        return f"{self.status} {http.HTTPStatus(self.status).phrase}"


class Refusal(Exception):
    """A call that ends early; carries the answer."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refuse(
    status: int, code: str, text: str, *, expression: str = "", headers: Headers = (), because: str = ""
) -> HttpAnswer:
    """Answer an error as an OperationOutcome; ``code`` is a FHIR issue type, ``expression`` the wrong field's path."""
    return HttpAnswer(status, operation_outcome(code, text, expression=expression), headers, because or code)


def broken(error: Exception) -> HttpAnswer:
    """Log a fault of ours and answer it without a word about its inside."""
    log.error("a call failed: %s", fault(error))
    return refuse(500, "exception", "The service failed; the fault is logged. No advice was given.")


def fault(error: Exception) -> str:
    """Name an error by its type and place. Its text may quote the patient, so that is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    return f"{type(error).__name__} at {places}"
