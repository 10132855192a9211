"""Reading a JSON body off the wire with a limit of our own.

Werkzeug cuts a chunked body that is too long and says nothing, so this reads one byte more than allowed and looks.
A body that arrives slowly holds a thread: keeping such clients off is the work of the proxy in front.
"""

from __future__ import annotations

import re
import time
from typing import Any

from cds_service.service.answer import Refusal, refuse

Environ = dict[str, Any]

_PIECE = 65536
_JSON = re.compile(r"application/([a-z0-9.!#$&^_-]+\+)?json(\+fhir)?", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]*)", re.IGNORECASE)


def read_json_body(environ: Environ, limit: int) -> bytes:
    """Read the request's body, at most ``limit`` bytes; raises :class:`Refusal` (400, 413, 415).

    A body without Content-Type is taken for JSON: its bytes will tell.
    """
    _refuse_other_types(environ.get("CONTENT_TYPE") or "")
    _refuse_encodings(environ.get("HTTP_CONTENT_ENCODING") or "")
    length = _stated_length(environ)
    if length is not None and length > limit:
        raise _too_long(limit)
    body = _read(environ, limit + 1 if length is None else length)
    if len(body) > limit:
        raise _too_long(limit)
    if length is not None and len(body) < length:
        raise _incomplete()
    return body


def announced_length(environ: Environ, limit: int) -> int:
    """How many bytes the body may have: those that it states, or the limit when it is chunked; raises :class:`Refusal`."""
    length = _stated_length(environ)
    if length is not None and length > limit:
        raise _too_long(limit)
    return limit if length is None else length


def sends_a_body(environ: Environ) -> bool:
    """Whether the request has a body, of whatever length and kind."""
    return "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "") not in {"", "0"}


def drain(environ: Environ, limit: int, seconds: float = 5.0) -> None:
    """Read and drop what a client still sends, up to a limit and for so long: only then can it read the answer."""
    end = time.monotonic() + seconds
    stream = environ["wsgi.input"]
    left = limit
    try:
        while left > 0 and time.monotonic() < end and (piece := stream.read(min(_PIECE, left))):
            left -= len(piece)
    except (OSError, ValueError):
        return


def _refuse_other_types(content_type: str) -> None:
    kind = content_type.partition(";")[0].strip()
    if kind and not _JSON.fullmatch(kind):
        text = "Send the body as application/json (or another application/*+json type)"
        raise Refusal(refuse(415, "not-supported", text, headers=(("Accept", "application/json"),)))
    charset = _CHARSET.search(content_type)
    if charset and charset[1].lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Refusal(refuse(415, "not-supported", "JSON is sent in UTF-8; this charset is not supported"))


def _refuse_encodings(encoding: str) -> None:
    if encoding.strip().lower() not in {"", "identity"}:
        text = "Send the body without Content-Encoding; compressed bodies are not accepted"
        raise Refusal(refuse(415, "not-supported", text, headers=(("Accept-Encoding", "identity"),)))


def _stated_length(environ: Environ) -> int | None:
    """The Content-Length; ``None`` when the body is chunked, which then counts alone (RFC 9112, 6.3)."""
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return None
    text = environ.get("CONTENT_LENGTH") or "0"
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise Refusal(refuse(400, "invalid", "Content-Length is not a number"))
    return int(text)


def _read(environ: Environ, wanted: int) -> bytes:
    stream = environ["wsgi.input"]
    pieces: list[bytes] = []
    try:
        while wanted and (piece := stream.read(wanted)):
            pieces.append(piece)
            wanted -= len(piece)
    except (OSError, ValueError):
        raise _incomplete() from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _incomplete() -> Refusal:
    return Refusal(refuse(400, "incomplete", "The body could not be read to its end"))


def _too_long(limit: int) -> Refusal:
    return Refusal(refuse(413, "too-long", f"The body is larger than {limit} bytes"))
