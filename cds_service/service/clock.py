"""The one clock of the service. Nothing below this room asks what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives an aware moment; read once per request."""


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def this_minute() -> datetime:
    """The time in UTC, cut to the minute: equal requests within one minute get equal answers."""
    return to_the_minute(now())


def to_the_minute(moment: datetime) -> datetime:
    """Cut an aware moment to the minute, in UTC."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
