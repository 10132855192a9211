"""Values that leave the server and come back: encrypted, dated, and worth nothing for another purpose."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from typing import TypeVar

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

T = TypeVar("T", bound=msgspec.Struct)
LONGEST = 16_384
"""Characters of a sealed text that is looked at."""


class Seal:
    """Seals values for one purpose with keys derived from the installation's secrets; the first seals, all open."""

    def __init__(self, purpose: str, secrets: Iterable[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(_key(purpose, secret)) for secret in secrets])

    def seal(self, value: msgspec.Struct) -> str:
        """Give the value as text that stands in a cookie or an address."""
        return self._fernet.encrypt(zlib.compress(msgspec.json.encode(value), 9)).decode()

    def open(self, text: str, kind: type[T], seconds: int) -> T | None:
        """Give the value back; ``None`` when it is not ours, was changed, or is older than so many seconds."""
        if not text or len(text) > LONGEST:
            return None
        try:
            return msgspec.json.decode(zlib.decompress(self._fernet.decrypt(text, ttl=seconds)), type=kind)
        except (InvalidToken, UnicodeEncodeError, ValueError, msgspec.MsgspecError):
            return None


def _key(purpose: str, secret: bytes) -> bytes:
    derived = HKDF(SHA256(), 32, salt=None, info=f"cds-service {purpose}".encode()).derive(secret)
    return urlsafe_b64encode(derived)
