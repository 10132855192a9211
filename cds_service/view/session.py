"""What the browser keeps for us between two calls, sealed in cookies: a launch under way, and a view that is open.

Each view has a path of its own, and its cookie goes to that path only: two patients in two tabs never mix.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import Request, Response
from msgspec import Struct

from cds_service.view.sealed import Seal

LAUNCH_SECONDS = 600
"""From launch to callback; a user may have to sign in between."""
COOKIE = "view"
PART, PARTS = 3800, 4
"""Characters of one cookie, since browsers drop those above 4 kB silently, and how many a long access token may take."""
_PARTS = (COOKIE, *(f"{COOKIE}-{number}" for number in range(2, PARTS + 1)))


class Pending(Struct, frozen=True):
    """A launch that is under way."""

    iss: str
    state: str
    nonce: str
    verifier: str
    card: str = ""


class Session(Struct, frozen=True):
    """An open view: which record, which patient, by which token, until when (seconds since 1970)."""

    iss: str
    token: str
    scope: str
    patient: str
    encounter: str
    user: str
    card: str
    until: int


@dataclass(frozen=True, slots=True)
class Cookies:
    """How cookies are set. ``framed`` ones go along in another site's frame, which needs https."""

    launches: Seal
    views: Seal
    secure: bool
    minutes: int

    def keep_pending(self, response: Response, pending: Pending, path: str, *, framed: bool) -> None:
        """Remember a launch until it comes back."""
        self._set(response, _name(pending.state), self.launches.seal(pending), path, LAUNCH_SECONDS, framed)

    def pending(self, request: Request, state: str) -> Pending | None:
        """The launch that this state belongs to, if this browser began it."""
        found = self.launches.open(request.cookies.get(_name(state), ""), Pending, LAUNCH_SECONDS)
        return found if found is not None and found.state == state else None

    def forget_pending(self, response: Response, state: str, path: str) -> None:
        response.delete_cookie(_name(state), path=path, secure=self.secure, httponly=True)

    def keep(self, response: Response, session: Session, path: str, *, framed: bool) -> bool:
        """Open a view below ``path``; ``False`` when the record's token is too long for cookies."""
        sealed, seconds = self.views.seal(session), max(0, session.until - int(time.time()))
        if len(sealed) > PART * PARTS:
            return False
        for name, start in zip(_PARTS, range(0, len(sealed), PART), strict=False):
            self._set(response, name, sealed[start : start + PART], path, seconds, framed)
        return True

    def session(self, request: Request) -> Session | None:
        """The view that is open at this path, unless its time is over."""
        sealed = "".join(request.cookies.get(name, "") for name in _PARTS)
        found = self.views.open(sealed, Session, self.minutes * 60)
        return found if found is not None and found.until > time.time() else None

    def _set(self, response: Response, name: str, text: str, path: str, seconds: int, framed: bool) -> None:
        elsewhere = framed and self.secure
        response.set_cookie(
            name,
            text,
            max_age=seconds,
            path=path,
            secure=self.secure,
            httponly=True,
            samesite="None" if elsewhere else "Lax",
            partitioned=elsewhere,
        )


def _name(state: str) -> str:
    return f"launch-{state[:16]}" if state.isascii() and state.replace("-", "").replace("_", "").isalnum() else "launch"
