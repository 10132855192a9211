"""Cross-origin headers, so that a CDS client which runs in a browser can call every endpoint and read every error."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from cds_service.service.answer import HttpAnswer

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Cors:
    """Which origins may call; ``*`` is any. Credentials (cookies) are never allowed: tokens come in a header."""

    origins: Collection[str] = ("*",)

    def headers(self, environ: dict[str, Any]) -> Pairs:
        """What every answer carries, errors included."""
        origin = environ.get("HTTP_ORIGIN") or ""
        if "*" in self.origins:
            allowed = [("Access-Control-Allow-Origin", "*")]
        elif origin in self.origins:
            allowed = [("Access-Control-Allow-Origin", origin)]
        else:
            allowed = []
        exposed = [("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After")] if allowed else []
        return [*allowed, *exposed, ("Vary", "Origin")]

    def preflight(self) -> HttpAnswer:
        """Answer OPTIONS on any path; no token is asked for, since browsers send none here."""
        return HttpAnswer(
            204,
            b"",
            (
                ("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS"),
                # named, since a wildcard does not cover Authorization
                ("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept"),
                ("Access-Control-Max-Age", "600"),
                ("Allow", "GET, HEAD, POST, OPTIONS"),
                ("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers"),
            ),
        )
