"""What the pages of committee mode share: workflow, people, patients to try a change on, and who sends the request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import request

from cds_service.service import clock
from cds_service.service.store import AuditEntry, Store
from cds_service.service.store.records import Caller
from cds_service.service.throttle import WrongTries
from cds_service.workbench.committee.accounts import Accounts, Person
from cds_service.workbench.committee.approval import ApprovalWorkflow
from cds_service.workbench.committee.effect import NamedPatient
from cds_service.workbench.committee.provider import Provider
from cds_service.workbench.committee.sessions import Session, Sessions, is_our_form


class NotLoggedIn(Exception):
    """Nobody who may decide sent the request."""


@dataclass(slots=True)
class CommitteeRoom:
    """What the pages of one installation work with."""

    workflow: ApprovalWorkflow
    sessions: Sessions
    store: Store
    accounts: Accounts | None
    provider: Provider | None
    patients: Callable[[], Sequence[NamedPatient]]
    whose: str
    """What these patients are called on the page."""
    tries: WrongTries = field(default_factory=WrongTries)

    def still(self, person: Person) -> Person | None:
        """Who this is today: an account that was taken out, or its right to sign, does not live on in a cookie."""
        if self.provider is not None and self.provider.vouched(person):
            return person
        return self.accounts.still(person) if self.accounts else None

    def session(self) -> Session:
        """Who is logged in; raises :class:`NotLoggedIn`."""
        session = self.sessions.of(request)
        person = self.still(session.person) if session else None
        if session is None or person is None:
            raise NotLoggedIn
        return Session(person, session.form_token)

    def sender(self) -> Session:
        """Who sent a form of ours; raises :class:`NotLoggedIn`, also for a form of another site."""
        session = self.session()
        if not is_our_form(session, request):
            raise NotLoggedIn
        return session

    def note(self, who: Person | None, what: str, status: int) -> None:
        """Write it to the audit."""
        user = who.called if who else ""
        self.store.record_call(
            AuditEntry(clock.now(), Caller(), f"committee {what}", status, 0.0, door="admin", user=user)
        )
