"""Who has logged in: a signed cookie of some hours, and against forged forms a token that only the page knows."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass

from flask import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from cds_service.workbench.committee.accounts import Person

COOKIE = "cds_committee"
HOURS = 8


@dataclass(frozen=True, slots=True)
class Session:
    person: Person
    form_token: str
    """Every form sends it back."""


class Sessions:
    """Makes and reads the cookie; ``secret`` is the store's, so that all nodes know the same people."""

    def __init__(self, secret: bytes, *, path: str, secure: bool) -> None:
        self._serializer = URLSafeTimedSerializer(
            hmac.digest(secret, b"committee sessions", "sha256"), salt="committee"
        )
        self._path, self._secure = path, secure

    def begin(self, response: Response, person: Person) -> None:
        """Log somebody in."""
        value = self._serializer.dumps({"person": asdict(person), "form_token": secrets.token_urlsafe(24)})
        self.keep(response, COOKIE, str(value), HOURS * 3600)

    def keep(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Set a cookie that scripts cannot read and other sites cannot send in a form."""
        response.set_cookie(
            name, value, max_age=seconds, path=self._path, secure=self._secure, httponly=True, samesite="Lax"
        )

    def end(self, response: Response) -> None:
        response.delete_cookie(COOKIE, path=self._path, secure=self._secure, httponly=True, samesite="Lax")

    def of(self, request: Request) -> Session | None:
        """Who sent this, if anybody who is logged in."""
        try:
            read = self._serializer.loads(request.cookies.get(COOKIE, ""), max_age=HOURS * 3600)
            person = read["person"]
            return Session(Person(person["name"], person["called"], tuple(person["may"])), read["form_token"])
        except (BadSignature, KeyError, TypeError):
            return None

    def sealed(self, content: dict[str, str]) -> str:
        """Sign something small that a browser carries for us."""
        return str(self._serializer.dumps(content))

    def unsealed(self, text: str, seconds: int) -> dict[str, str]:
        """Read it again; raises :class:`BadSignature` when it is not ours or too old."""
        found: dict[str, str] = self._serializer.loads(text, max_age=seconds)
        return found


def is_our_form(session: Session, request: Request) -> bool:
    """Whether a form came from our own page."""
    return hmac.compare_digest(request.form.get("form_token", "").encode(), session.form_token.encode())
