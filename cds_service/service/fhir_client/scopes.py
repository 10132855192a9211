"""What an access token lets us read, from its SMART on FHIR scopes (App Launch 1 and 2).

A text that is not SMART says nothing: the read is tried, and the FHIR server decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

Cover = Literal["whole", "part", "none"]

_SCOPE = re.compile(
    r"(?:patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]+)\.(?P<rights>read|write|\*|c?r?u?d?s?)(?:\?(?P<query>\S*))?"
)


_OTHER = re.compile(r"launch(?:/\S*)?|openid|profile|email|fhirUser|(?:on|off)line_access")
"""Scopes of SMART that grant no resource."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One scope: a resource type (``*`` for all), ``r`` and ``s`` rights, and the search that it is narrowed to."""

    resource_type: str
    read: bool
    search: bool
    narrowed: tuple[tuple[str, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Scopes:
    """All grants of one token."""

    grants: tuple[Grant, ...]
    unread: bool = False
    """The text holds what is not SMART, or nothing: it may grant more than we read in it."""

    def cover(self, relative_url: str) -> Cover:
        """How much of a FHIR read (``Type/id`` or ``Type?query``) the token covers.

        ``part``: only a narrowed scope such as ``patient/Observation.rs?category=laboratory`` reaches it, so the
        server will leave out what lies outside.
        """
        path, question, query = relative_url.partition("?")
        resource_type = path.partition("/")[0]
        grants = [
            grant
            for grant in self.grants
            if grant.resource_type in {resource_type, "*"} and (grant.search if question else grant.read)
        ]
        if not grants:
            return "whole" if self.unread else "none"
        asked = _parameters(query)
        return "whole" if any(_reaches(grant, dict(asked)) for grant in grants) else "part"


def parse_scopes(text: str) -> Scopes:
    """Read the ``scope`` of a token; what is SMART and not a scope on FHIR resources (``launch``, ``openid``) grants nothing."""
    grants = []
    words = text.split()
    unread = not words
    for word in words:
        found = _SCOPE.fullmatch(word)
        if found is None or not found["rights"]:
            unread = unread or _OTHER.fullmatch(word) is None
        else:
            rights = found["rights"]
            whole = rights in {"read", "*"}
            grants.append(
                Grant(
                    found["type"],
                    read=whole or (rights != "write" and "r" in rights),
                    search=whole or (rights != "write" and "s" in rights),
                    narrowed=_parameters(found["query"] or ""),
                )
            )
    return Scopes(tuple(grants), unread)


def _reaches(grant: Grant, asked: dict[str, frozenset[str]]) -> bool:
    """Whether the query asks for no more than the grant is narrowed to."""
    return all(name in asked and asked[name] <= values for name, values in grant.narrowed)


def _parameters(query: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(value.split(","))) for name, value in parse_qsl(query, keep_blank_values=True))
