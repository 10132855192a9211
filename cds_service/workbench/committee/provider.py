"""What a log-in of the hospital's own has to do, whatever speaks to it."""

from __future__ import annotations

from typing import Protocol

from cds_service.workbench.committee.accounts import Person


class NoLogin(Exception):
    """The provider did not vouch for anybody who may decide; the text says why, and names nobody."""


class Provider(Protocol):
    """An identity provider."""

    def begin(self) -> tuple[str, dict[str, str]]:
        """Where to send the browser, and what to remember until it comes back."""

    def vouched(self, person: Person) -> bool:
        """Whether a person who is logged in came from here."""

    def end(self, response_url: str, kept: dict[str, str]) -> Person:
        """Read who came back; raises :class:`NoLogin`."""
