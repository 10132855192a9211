"""Names of what this service adds in ``extension`` objects: bare ones, or reverse domain names that collide with nobody's."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Self

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_REVERSE_DOMAIN = re.compile(rf"(?=[a-z]){_LABEL}(?:\.{_LABEL})+")
_LONGEST = 253
_ENDINGS = {"com", "edu", "gov", "int", "mil", "net", "org"}


@dataclass(frozen=True, slots=True)
class ExtensionNames:
    """The key of each thing that we add; made once, when the service starts."""

    knowledge_version: str = "knowledgeVersion"
    identity: str = "identity"
    message: str = "message"
    evidence: str = "evidence"
    held_back: str = "heldBack"
    not_understood: str = "notUnderstood"
    more: str = "more"
    """Cautions for which the card's body has no room; facts beyond four stand in the evidence."""
    topics: str = "topics"
    """Topics that the card of housekeeping stands for."""
    sources: str = "sources"
    """Ids of the sources beside the card's own."""
    unconfirmed: str = "unconfirmed"
    """How many parameters of the card wait for clinical review."""
    language: str = "language"
    """Of the cards, where that is not English."""
    ledger: str = "ledger"
    """In an answer to a call whose own ``extension`` says ``true`` under this name."""

    @classmethod
    def within(cls, namespace: str) -> Self:
        """The names under a reverse domain name, such as ``org.example.hospital.evidence``; bare ones under none.

        Raises :class:`ValueError` with what a namespace looks like.
        """
        if not namespace:
            return cls()
        check_namespace(namespace)
        return cls(**{field.name: f"{namespace}.{field.default}" for field in fields(cls)})


BARE = ExtensionNames()


def check_namespace(namespace: str) -> None:
    """Refuse what is no reverse domain name; raises :class:`ValueError`."""
    if len(namespace) > _LONGEST or not _REVERSE_DOMAIN.fullmatch(namespace):
        raise ValueError(
            f"{namespace!r} is no reverse domain name: write a domain that you own backwards, in small letters, "
            "such as org.example.hospital"
        )
    first, *_, last = namespace.split(".")
    if last in _ENDINGS and len(first) > 2 and first not in _ENDINGS:
        backwards = ".".join(reversed(namespace.split(".")))
        raise ValueError(f"{namespace!r} is a domain name written forwards; backwards it is {backwards}")
