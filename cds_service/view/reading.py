"""The fresh read of an open view: the same questions as on patient-view, with the app's own token."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from cds_service.chart.wire import Prefetch
from cds_service.hooks.request import Envelope, RequestError, RequestReader
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.consultation import Consultation
from cds_service.service.fetching import Fetcher
from cds_service.view.oauth import LaunchRefused
from cds_service.view.session import Session

HOOK = "patient-view"
_READER = RequestReader(Envelope[Prefetch])
_NAMESPACE = uuid.UUID("0a4fd5a5-9e3f-5a9c-8ab1-8b0f1c1a7d55")
_NOBODY = "Practitioner/unknown"


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads and judges a patient as a hook call would; remembers nothing and counts nothing."""

    service: str
    of_patient: Callable[[str], KnowledgeAdvisor]
    """Judges with what is the patient's while another knowledge is tried on some."""

    @classmethod
    def of(cls, advisor: KnowledgeAdvisor, fetcher: Fetcher, seconds: float) -> Reader:
        """Judge with the knowledge of ``advisor``, and fetch with a fetcher of the view's own."""
        knowledge = advisor.knowledge
        service = next(name for name, hook in knowledge.services if hook == HOOK)
        own = KnowledgeAdvisor(knowledge, fetcher=fetcher, seconds=seconds)

        def of_patient(patient: str) -> KnowledgeAdvisor:
            tried = advisor.knowledge_for(patient)
            return own if tried is knowledge else KnowledgeAdvisor(tried, fetcher=fetcher, seconds=seconds)

        return cls(service, of_patient)

    def read(self, session: Session, now: datetime) -> Consultation:
        """Read the record of the session's patient; raises :class:`LaunchRefused` when nothing of it could be had."""
        request = _READER.read(msgspec.json.encode(_asked(session)), {HOOK})
        try:
            return self.of_patient(session.patient).consult(self.service, request, now)
        except RequestError:
            raise LaunchRefused(
                "The record could not be read. Reload the page, or launch the view again.", 502
            ) from None


def _asked(session: Session) -> Mapping[str, object]:
    context = {"userId": session.user or _NOBODY, "patientId": session.patient}
    if session.encounter:
        context["encounterId"] = session.encounter
    return {
        "hook": HOOK,
        "hookInstance": str(uuid.uuid5(_NAMESPACE, session.patient)),
        "context": context,
        "fhirServer": session.iss,
        "fhirAuthorization": {
            "access_token": session.token,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": session.scope,
            "subject": "patient-view",
        },
    }
