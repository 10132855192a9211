"""JSON with a part that no decoder accepts, such as half a surrogate pair: that part is replaced, the rest is read.

Half a surrogate pair, which is no character, becomes U+FFFD, the replacement character. What is nested deeper than any FHIR
resource becomes a text, which no typed field takes: where it matters, its resource is unreadable and said to be so.
"""

from __future__ import annotations

import re

DEEPEST = 100
"""Levels of nesting that stay; resources of FHIR R4 have some thirty."""
MOST_BRACKETS = 1_000_000
"""Beyond so many the body is not looked through: that would cost a second."""
TOO_DEEP = b'"nested too deeply"'

_SURROGATE = re.compile(
    rb"\\\\|\\u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_BRACKET = re.compile(rb'[^"\[\]{}]*+(?:"(?:[^"\\]++|\\.)*+"[^"\[\]{}]*+)*+([\[\]{}])', re.DOTALL)


def whole_characters(body: bytes) -> bytes:
    """Replace every half of a surrogate pair that stands alone."""
    return _SURROGATE.sub(lambda found: rb"\ufffd" if found[1] else found[0], body)


def shallow(body: bytes) -> bytes | None:
    """Replace every value that lies too deep; ``None`` for a body with more brackets than are looked through."""
    pieces: list[bytes] = []
    depth = kept_from = cut_at = 0
    for count, bracket in enumerate(_BRACKET.finditer(body)):
        if count == MOST_BRACKETS:
            return None
        if bracket[1] in b"[{":
            depth += 1
            if depth == DEEPEST + 1:
                cut_at = bracket.end() - 1
        else:
            depth -= 1
            if depth == DEEPEST:
                pieces += (body[kept_from:cut_at], TOO_DEEP)
                kept_from = bracket.end()
    return b"".join((*pieces, body[kept_from:]))
