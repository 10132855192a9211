"""Lenient decoding of FHIR JSON: bytes become a value, or ``None``; a part that cannot be decoded does not affect the others."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import Raw

T = TypeVar("T")

UNREADABLE = (msgspec.DecodeError, RecursionError)
"""What decoding raises for bytes that do not fit, or are no JSON, or nest too deep."""
_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_PARTS = msgspec.json.Decoder(list[Raw])


def decoded(raw: Raw | bytes, decoder: msgspec.json.Decoder[T]) -> T | None:
    """The value, ``None`` when there is none or it does not fit."""
    if not raw:
        return None
    try:
        return decoder.decode(raw)
    except UNREADABLE:
        return None


def listed(raw: Raw, decoder: msgspec.json.Decoder[T]) -> list[T]:
    """The items of a list; one that stands alone counts as a list, and one that does not fit is passed over."""
    parts = decoded(raw, _PARTS) if raw else []
    found = (decoded(part, decoder) for part in (parts if parts is not None else [raw]))
    return [item for item in found if item is not None]


def anything(raw: Raw | bytes) -> Any:
    """The value as plain objects, ``None`` when it is no JSON."""
    return decoded(raw, _ANYTHING)
