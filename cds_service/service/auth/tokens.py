"""A bearer token taken apart, exactly once, before anything in it is believed."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

MAXIMUM_LENGTH = 8192  # characters; the largest seen in practice, RS512 with a 4096 bit key, stays under 2000
MAXIMUM_TEXT = 256  # characters of a kid or jti
MAXIMUM_NAME = 200  # characters of an issuer or tenant: the store keeps no longer ones
_LATEST = 1e11  # seconds; beyond the year 5000 a date is a mistake

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", re.ASCII)  # RFC 7515: no padding
_PADDING = ("", "", "==", "=")


class Malformed(ValueError):
    """The token has not the shape that CDS Hooks asks for; the message never repeats its content."""


@dataclass(frozen=True, slots=True)
class Token:
    """Header and claims as stated by the caller, unverified. Times are seconds since 1970; ``kid`` may be empty."""

    algorithm: str
    kid: str
    jku: str | None
    issuer: str
    audiences: tuple[str, ...]
    expires: float
    issued: float
    not_before: float | None
    token_id: str
    tenant: str | None
    signed: bytes
    signature: bytes


def read_token(text: str) -> Token:
    """Take a compact JSON Web Token apart; raises ``Malformed``."""
    if len(text) > MAXIMUM_LENGTH:
        raise Malformed(f"the token is longer than {MAXIMUM_LENGTH} characters")
    if not _COMPACT.fullmatch(text):
        raise Malformed("a token is three base64url parts joined by dots")
    head, body, signature = text.split(".")
    header, claims = _json(head, "header"), _json(body, "payload")
    if "crit" in header:
        raise Malformed("the header's crit extensions are not supported")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise Malformed("the header's typ is JWT")
    return Token(
        algorithm=_text(header, "alg"),
        kid=_text(header, "kid") if "kid" in header else "",
        jku=_text(header, "jku", MAXIMUM_LENGTH) if "jku" in header else None,
        issuer=_text(claims, "iss", MAXIMUM_NAME),
        audiences=_audiences(claims.get("aud")),
        expires=_time(claims, "exp"),
        issued=_time(claims, "iat"),
        not_before=_time(claims, "nbf") if "nbf" in claims else None,
        token_id=_text(claims, "jti"),
        tenant=_text(claims, "tenant", MAXIMUM_NAME) if "tenant" in claims else None,
        signed=text[: len(head) + 1 + len(body)].encode("ascii"),
        signature=_decoded(signature, "signature"),
    )


def _json(part: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(_decoded(part, name).decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except Malformed:
        raise
    except (ValueError, RecursionError):
        raise Malformed(f"the {name} is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise Malformed(f"the {name} is not a JSON object")
    return value


def _decoded(part: str, name: str) -> bytes:
    if len(part) % 4 == 1:
        raise Malformed(f"the {name} is not base64url")
    return base64.urlsafe_b64decode(part + _PADDING[len(part) % 4])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):  # two readers could believe two different values
        raise Malformed("a JSON name occurs twice")
    return value


def _no_constant(_: str) -> NoReturn:
    raise Malformed("NaN and Infinity are not JSON")


def _text(holder: dict[str, Any], name: str, longest: int = MAXIMUM_TEXT) -> str:
    value = holder.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise Malformed(f"{name} is missing, or not 1 to {longest} printable characters")
    return value


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LATEST < value < _LATEST:
        raise Malformed(f"{name} is missing, or not a number of seconds since 1970")
    return float(value)


def _audiences(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and 0 < len(value) <= 32 and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise Malformed("aud is missing, or neither a string nor an array of strings")
