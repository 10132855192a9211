"""Who may act on a running service: the bearers of the operators' tokens, two at a time so that they can be rotated."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cds_service.service.answer import HttpAnswer, log, refuse
from cds_service.service.throttle import WrongTries, address_of


class Operators:
    """Knows the tokens. Wrong ones are logged and slowed: after a few, the next from that address counts only after a growing wait.

    ``note`` hears of every try and act: the path, the status that it got, and why when it was refused.
    """

    def __init__(
        self,
        tokens: Sequence[str],
        note: Callable[[str, int, str], object] = lambda path, status, because: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokens = [token.encode() for token in tokens]
        self._note = note
        self._tries = WrongTries(clock)

    @property
    def exist(self) -> bool:
        """Whether there is any token; without one nobody can be an operator."""
        return bool(self._tokens)

    def admit(self, environ: Mapping[str, Any]) -> HttpAnswer | None:
        """The refusal of a WSGI request that no operator sent, else ``None``. From a slowed address right tokens wait too."""
        authorization, path = environ.get("HTTP_AUTHORIZATION", ""), environ.get("PATH_INFO", "")
        given = authorization.removeprefix("Bearer ").strip().encode("utf-8", "surrogateescape")
        verdict = self._tries.attempt(lambda: self._is_right(given), address_of(environ))
        if verdict is None:
            return None
        if verdict:
            return self._refused(path, 429, "throttled", "Too many wrong tokens; wait", math.ceil(verdict))
        log.warning("somebody without an operator's token called %s", path)
        return self._refused(path, 401, "login", "This is for operators: send their token as Authorization: Bearer")

    def acted(self, path: str, status: int) -> None:
        """Note what an operator did."""
        self._note(path, status, "")

    def _is_right(self, given: bytes) -> bool:
        return bool(sum(hmac.compare_digest(given, token) for token in self._tokens))  # all are compared, always

    def _refused(self, path: str, status: int, code: str, text: str, wait: int = 0) -> HttpAnswer:
        self._note(path, status, code)
        return refuse(status, code, text, headers=(("Retry-After", str(wait)),) if wait else ())
