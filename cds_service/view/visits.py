"""Every visit leaves a row in the audit: who looked at which patient, what was shown, and how it ended, refused or not."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from flask import Blueprint, Response, g, request

from cds_service.service import clock
from cds_service.service.audit_trail import AuditTrail
from cds_service.service.consultation import Consultation
from cds_service.service.store import AuditEntry, Caller, Store
from cds_service.view.apps import App
from cds_service.view.session import Session

_VISITS = {
    "launch": "launch",
    "alone": "launch",
    "callback": "log-in",
    "view": "patient",
    "summary": "referral",
    "fhir_document": "referral document",
    "send": "score for the record",
}
"""Routes that are on record, as the audit names them; files of the page and our public keys are for everybody."""


@dataclass(slots=True)
class _Visit:
    began: float = field(default_factory=time.perf_counter)
    caller: Caller = field(default_factory=Caller)
    trail: AuditTrail = field(default_factory=AuditTrail)


def note_session(session: Session, app: App) -> None:
    """Note whose view this call belongs to."""
    visit: _Visit = g.visit
    visit.caller = Caller(app.issuer, app.tenant)
    visit.trail.user, visit.trail.patient = session.user, session.patient


def note_advice(consultation: Consultation) -> None:
    """Note what this call shows."""
    visit: _Visit = g.visit
    visit.trail.showed(consultation.answer.response, consultation.knowledge.version)


def add_visits(pages: Blueprint, store: Store, names_patients: bool) -> None:
    """Keep the audit of the blueprint's routes; ``names_patients``: by patients' references, not by keyed hashes."""

    @pages.before_request
    def begin() -> None:
        g.visit = _Visit()

    @pages.after_request
    def end(response: Response) -> Response:
        visit: _Visit = g.visit
        name = _VISITS.get((request.endpoint or "").rpartition(".")[2])
        if name is not None:
            store.record_call(
                AuditEntry(
                    clock.now(),
                    visit.caller,
                    f"view: {name}",
                    response.status_code,
                    (time.perf_counter() - visit.began) * 1000,
                    topics=visit.trail.topics,
                    method=request.method,
                    door="view",
                    user=visit.trail.user,
                    patient=visit.trail.patient,
                    names_patient=names_patients,
                    knowledge=visit.trail.knowledge,
                    because="refused" if response.status_code >= 400 else "",
                )
            )
        return response
