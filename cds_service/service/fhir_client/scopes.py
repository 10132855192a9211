"""What an access token lets us read, from its SMART on FHIR scopes (App Launch 1 and 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

Cover = Literal["whole", "part", "none"]

_SCOPE = re.compile(
    r"(?:patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]+)\.(?P<rights>read|write|\*|c?r?u?d?s?)(?:\?(?P<query>\S*))?"
)


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
            return "none"
        asked = _parameters(query)
        return "whole" if any(_reaches(grant, dict(asked)) for grant in grants) else "part"


def parse_scopes(text: str) -> Scopes:
    """Read the ``scope`` of a token; what is not a scope on FHIR resources (``launch``, ``openid``) grants nothing."""
    grants = []
    for word in text.split():
        found = _SCOPE.fullmatch(word)
        if found and found["rights"]:
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
    return Scopes(tuple(grants))


def _reaches(grant: Grant, asked: dict[str, frozenset[str]]) -> bool:
    """Whether the query asks for no more than the grant is narrowed to."""
    return all(name in asked and asked[name] <= values for name, values in grant.narrowed)


def _parameters(query: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(value.split(","))) for name, value in parse_qsl(query, keep_blank_values=True))
