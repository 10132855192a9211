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
        service = next(name for name, hook in advisor.knowledge.services if hook == HOOK)

        def with_fetcher(usual: KnowledgeAdvisor) -> KnowledgeAdvisor:
            return KnowledgeAdvisor(usual.knowledge, fetcher=fetcher, seconds=seconds, languages=usual.languages)

        own = with_fetcher(advisor)

        def of_patient(patient: str) -> KnowledgeAdvisor:
            usual = advisor.advisor_for(patient)
            return own if usual is advisor else with_fetcher(usual)

        return cls(service, of_patient)

    def read(self, session: Session, now: datetime, accept_language: str = "") -> Consultation:
        """Read the record of the session's patient for who accepts these languages.

        Raises :class:`LaunchRefused` when nothing of it could be had.
        """
        request = _READER.read(msgspec.json.encode(_asked(session)), {HOOK})
        try:
            return self.of_patient(session.patient).consult(self.service, request, now, accept_language=accept_language)
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
