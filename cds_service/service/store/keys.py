"""Keyed hashes: what must be recognised again but never read, such as a patient id; and bounds on outside text."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cds_service.service.store.records import Caller

SHORTEST_SECRET = 16
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,79}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,190}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Keys:
    """Hashes with the configured secret (HMAC-SHA-256, 128 bits kept); another secret makes all rows anonymous."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the store's secret has {len(secret)} bytes; at least {SHORTEST_SECRET} are needed")
        self._secret = secret

    def patient(self, caller: Caller, patient_id: str) -> str:
        """Hash a patient id within its client and tenant: the same id elsewhere is another patient."""
        return self._hash("patient", caller.client, caller.tenant, patient_id)

    def user(self, caller: Caller, user_id: str) -> str:
        """Hash a user within their client and tenant."""
        return self._hash("user", caller.client, caller.tenant, user_id)

    def mark(self, row: int, patient: str) -> str:
        """Hash a patient for one row of the audit: rows of one patient have unlike marks."""
        return self._hash("mark", str(row), patient)

    def seal(self, before: str, what: str) -> str:
        """Hash what is sealed over the seal before it."""
        return self._hash("seal", before, what)

    def lot(self, of: str, patient_id: str) -> float:
        """Draw a number from 0 to below 100 for a patient: always the same for one purpose, unlike ones for others."""
        return int(self._hash("lot", of, patient_id)[:8], 16) * 100 / 2**32

    def hook_instance(self, hook_instance: str) -> str:
        return self._hash("hook-instance", hook_instance)

    def evidence(self, items: tuple[str, ...]) -> list[str]:
        return sorted({self._hash("evidence", item) for item in items})

    def card(self, card_id: str) -> str:
        """Give a card's or suggestion's id as it is kept: ours are UUIDs; any other text could say anything."""
        written = card_id.lower()
        return written if _UUID.fullmatch(written) else "other-" + self._hash("card", card_id)

    def _hash(self, *parts: str) -> str:
        message = "\x1f".join(parts).encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, message, "sha256").hex()[:32]


def bounded(text: str, length: int) -> str:
    """Give text as every database takes it: no NUL, no lone surrogate, at most ``length`` characters."""
    return _UNSTORABLE.sub("\ufffd", text[:length])


def code_or_nothing(text: str) -> str:
    """Give a reason's code, or nothing when it does not look like a code: free text may name a patient."""
    return text if _CODE.fullmatch(text) else ""


def system_or_nothing(text: str) -> str:
    """Give a reason's code system, or nothing when it is not a URI."""
    return text if _URI.fullmatch(text) else ""


def development_secret(folder: Path) -> bytes:
    """Give the secret kept in ``folder``, made at the first call; production configures its own."""
    return kept_secret(folder / "store-secret", lambda: secrets.token_hex(32).encode()).strip()


def kept_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Give the secret kept in a file (mode 0600), made at the first call; all workers share it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        made = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
        with suppress(FileExistsError):
            os.link(made, path)  # the first of several workers wins, whole
        made.unlink()
    return path.read_bytes()
