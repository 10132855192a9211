"""How JSON columns are written: equal values as equal texts."""

from __future__ import annotations

from typing import Any

import msgspec

decode = msgspec.json.decode


def encode(value: Any) -> str:
    """Write a value with sorted names."""
    return msgspec.json.encode(value, order="sorted").decode()
