"""What became of one FHIR read: it came, we refused to make it, or it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

RefusedBecause = Literal[
    "not-a-url", "not-allowed", "not-https", "credentials-in-url", "private-address", "bad-token", "not-a-read"
]
FailedBecause = Literal[
    "timeout", "status", "connection", "too-large", "not-json", "scope", "circuit-open", "off-origin-next", "redirect"
]
CutShort = FailedBecause | Literal["", "page-bound"]


@dataclass(frozen=True, slots=True)
class Got:
    """Bodies that came whole, in order: one resource, or the pages of one search."""

    bodies: tuple[bytes, ...] = field(repr=False)
    status: int = 200
    """Not 2xx when the server answered with an OperationOutcome, which is handed on as data."""
    cut_short: CutShort = ""
    """Why there is more that we do not have; empty when this is all."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The read was not made, or was cut before a byte was sent: its destination or its form is not allowed."""

    because: RefusedBecause
    detail: str = ""
    """For the integrator; holds no path, no id and no token."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The read was allowed and brought nothing."""

    because: FailedBecause
    status: int | None = None
    detail: str = ""
    """For the developer, such as the type of an error; never its text, which may quote the URL."""


Fetched = Got | Refused | Failed

_WORDS: Mapping[str, str] = {
    "not-a-url": "the FHIR server's address is not one that can be used",
    "not-allowed": "the FHIR server is not on this service's list",
    "not-https": "the FHIR server does not use https",
    "credentials-in-url": "the FHIR server's address holds credentials",
    "private-address": "the FHIR server's name leads to a private address",
    "bad-token": "the access token is not a bearer token",
    "not-a-read": "the query is not a FHIR read or search",
    "timeout": "the FHIR server did not answer in time",
    "status": "the FHIR server answered with an error",
    "connection": "the FHIR server could not be reached",
    "too-large": "the FHIR server's answer was too large",
    "not-json": "the FHIR server's answer was not FHIR JSON",
    "scope": "the access token does not cover it",
    "circuit-open": "the FHIR server failed repeatedly and is left alone for a moment",
    "off-origin-next": "the FHIR server's next page lies on another server",
    "redirect": "the FHIR server redirected elsewhere",
}


def reasons(fetched: Mapping[str, Fetched]) -> dict[str, str]:
    """Say in plain words, for each key that brought nothing, why; no patient data in it."""
    return {key: _in_words(answer) for key, answer in fetched.items() if not isinstance(answer, Got)}


def _in_words(answer: Refused | Failed) -> str:
    words = _WORDS[answer.because]
    return f"{words} (status {answer.status})" if isinstance(answer, Failed) and answer.status else words
