"""The one thing that the view writes: a draft that the user sends to the record, once, with the app's own token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests

from cds_service.service.fhir_client.guard import Destinations, Forbidden
from cds_service.terminology.said import Said, said
from cds_service.view.session import Session

SECONDS = 10
_WRITE = re.compile(r"(?:patient|user)/(?:Observation|\*)\.(?:write|\*|c[rudsx]*)")


def may_write(scope: str) -> bool:
    """Whether the record let the app write observations."""
    return any(_WRITE.fullmatch(word) for word in scope.split())


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes to the registered records only, at addresses that reads may go to."""

    allowed: Destinations
    verify: bool | str

    def create(self, session: Session, resource: Mapping[str, Any]) -> tuple[Said, int]:
        """Create a resource; gives what to tell the user and a status."""
        if not may_write(session.scope):
            return said("The record does not let this app write. Copy the score instead."), 403
        try:
            base = self.allowed.admit(session.iss)
            parts = urlsplit(base)
            self.allowed.addresses(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
            with requests.Session() as http:
                http.trust_env = False
                answer = http.post(
                    f"{base}/{resource['resourceType']}",
                    data=msgspec.json.encode(resource),
                    headers={
                        "Authorization": f"Bearer {session.token}",
                        "Content-Type": "application/fhir+json",
                        "Accept": "application/fhir+json",
                    },
                    timeout=SECONDS,
                    allow_redirects=False,
                    verify=self.verify,
                )
        except (Forbidden, requests.RequestException, OSError):
            return said("The record could not be reached: nothing was sent."), 502
        if answer.status_code in {200, 201}:
            return said("Sent to the record as a draft (status preliminary)."), 201
        return said("The record did not take it. Copy the score instead."), 502
