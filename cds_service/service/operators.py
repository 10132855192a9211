"""Who may act on a running service: the bearers of the operators' tokens, two at a time so that they can be rotated."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Callable, Sequence

from cds_service.service.answer import HttpAnswer, log, refuse
from cds_service.service.throttle import WrongTries


class Operators:
    """Knows the tokens. Wrong ones are logged and slowed: after a few, the next try counts only after a growing wait.

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

    def admit(self, authorization: str, path: str) -> HttpAnswer | None:
        """The refusal of who is no operator; ``None`` for who is. While tries are slowed, right ones wait too."""
        given = authorization.removeprefix("Bearer ").strip().encode("utf-8", "surrogateescape")
        # all tokens are compared, always
        verdict = self._tries.attempt(lambda: bool(sum(hmac.compare_digest(given, token) for token in self._tokens)))
        if verdict is None:
            return None
        if verdict:
            return self._refused(path, 429, "throttled", "Too many wrong tokens; wait", math.ceil(verdict))
        log.warning("somebody without an operator's token called %s (%d in a row)", path, self._tries.in_a_row)
        return self._refused(path, 401, "login", "This is for operators: send their token as Authorization: Bearer")

    def acted(self, path: str, status: int) -> None:
        """Note what an operator did."""
        self._note(path, status, "")

    def _refused(self, path: str, status: int, code: str, text: str, wait: int = 0) -> HttpAnswer:
        self._note(path, status, code)
        return refuse(status, code, text, headers=(("Retry-After", str(wait)),) if wait else ())
