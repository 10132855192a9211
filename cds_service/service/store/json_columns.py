"""How JSON columns are written: equal values as equal texts."""

from __future__ import annotations

from typing import Any

import msgspec

from cds_service.terminology.said import plain

decode = msgspec.json.decode


def encode(value: Any) -> str:
    """Write a value with sorted names."""
    return msgspec.json.encode(value, enc_hook=plain, order="sorted").decode()
