"""What an advisor gives back for a call."""

from __future__ import annotations

from typing import NamedTuple

from cds_service.hooks.response import Response


class Advice(NamedTuple):
    """A response, and the version of the knowledge behind it."""

    response: Response
    version: str
