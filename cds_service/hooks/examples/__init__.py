"""One body of every kind, small enough to read: the API description shows them, tests send them to the service."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec


@cache
def example(name: str) -> dict[str, Any]:
    """The example request of a hook, or ``response``, ``feedback`` or ``operation-outcome``."""
    found: dict[str, Any] = msgspec.json.decode((files(__package__) / f"{name}.json").read_bytes())
    return found
