"""A client that behaves as Epic's public documentation of CDS Hooks says (copy of 2025): a test double, written from facts.

It reads no discovery, signs with RS384 and an audience typed by hand, sends prefetch under names of its own and a scope that is not
SMART, takes one action a suggestion of which it uses the code only, and sends overrides as ``overrideReasons``.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

Json = dict[str, Any]
FHIR_BASE = "https://fhir.north.example.org/api/FHIR/R4"
PREFERENCE_LIST = "urn:com.epic.cdshooks.action.code.system.preference-list-item"
REASON = "com.epic.cdshooks.feedback.overrideReason."
_NO_RESULTS = {
    "resourceType": "OperationOutcome",
    "issue": [
        {
            "severity": "warning",
            "code": "processing",
            "details": {"coding": [{"code": "4101"}], "text": "Resource request returns no results"},
        }
    ],
}


@dataclass
class Epic:
    """One environment: its key, its record, and what an analyst typed in."""

    record: list[Json]
    catalogue: Mapping[str, str]
    """Entries of the preference list by key."""
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    ordered: list[str] = field(default_factory=list)
    """What clinicians ordered, by its name in the preference list."""

    @property
    def public_key(self) -> Json:
        return RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True) | {"kid": "epic", "alg": "RS384", "use": "sig"}

    def call(self, address: str, hook: str, queries: Mapping[str, str], *, action: str, **context: Any) -> Json:
        """Call a service at the address that was typed in; ``action`` is the code of the trigger."""
        context = {"userId": "PractitionerRole/erol", "patientId": self.record[0]["id"], **context}
        body = {
            "hook": hook,
            "hookInstance": str(uuid.uuid4()),
            "context": context,
            "fhirServer": FHIR_BASE,
            "fhirAuthorization": {
                "access_token": "opaque",
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": "Observation.Read (Labs) (R4) Condition.Search (Problems) (R4) PATIENT.READ",
                "subject": "metastases",
            },
            "prefetch": {f"q{place}": self._answer(query, context) for place, query in enumerate(queries.values())},
            "extension": {"com.epic.cdshooks.request.bpa-trigger-action": action},
        }
        return self._post(address, body, audience=address)

    def take(self, address: str, card: Json, suggestion: Json) -> Json:
        """Order what a suggestion names, and say so; what it says of dose and time counts for nothing here."""
        (action,) = suggestion["actions"]
        assert action["type"] in {"create", "delete"} and action["description"]
        if action["type"] == "create":
            assert (action["resource"]["intent"], action["resource"]["status"]) == ("proposal", "draft")
            order = action["resource"]
            concept = order.get("medicationCodeableConcept") or order["code"]
            (code,) = [one["code"] for one in concept["coding"] if one["system"] == PREFERENCE_LIST]
            self.ordered.append(self.catalogue[code])
        taken = {"outcome": "accepted", "acceptedSuggestions": [{"id": suggestion["uuid"]}]}
        return self._feedback(address, card, taken)

    def override(self, address: str, card: Json, display: str, comment: str) -> Json:
        """Put a card aside for a reason, which Epic keeps under names of its own."""
        said = {"reasonCategory": "1", "reasonDisplay": display, "reasonTitle": display, "userComment": comment}
        reasons = [{"extension": {REASON + name: text for name, text in said.items()}}]
        return self._feedback(address, card, {"outcome": "overridden", "overrideReasons": reasons})

    def _feedback(self, address: str, card: Json, said: Json) -> Json:
        item = {"card": card["uuid"], "outcomeTimestamp": "2026-03-02T09:05:00Z", **said}
        return self._post(f"{address}/feedback", {"feedback": [item]}, audience=address)

    def _post(self, address: str, body: Json, *, audience: str) -> Json:
        now = int(time.time())
        claims = {"iss": FHIR_BASE, "sub": "our-client-id", "aud": audience, "jti": str(uuid.uuid4())}
        times = {"nbf": now - 300, "iat": now, "exp": now + 900}
        token = jwt.encode(claims | times, self.key, "RS384", headers={"kid": "epic"})
        reply = requests.post(address, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        assert reply.status_code == 200, reply.text
        found: Json = reply.json()
        return found

    def _answer(self, query: str, context: Json) -> Json | None:
        """What a query typed in by hand brings: a resource, or a search with its own manner of saying *nothing*."""
        asked = re.sub(r"\{\{context\.(\w+)\}\}", lambda token: str(context.get(token[1], "")), query)
        kind, _, rest = asked.partition("?")
        if not rest:
            return next((one for one in self.record if f"{one['resourceType']}/{one['id']}" == asked), None)
        elsewhere = re.search(r"category=(encounter-diagnosis|vital-signs)", rest)
        found = [] if elsewhere else [one for one in self.record if one["resourceType"] == kind]
        return {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(found),
            "link": [{"relation": "self", "url": f"{FHIR_BASE}/{asked}"}],
            "entry": [{"resource": one} for one in found] or [{"resource": _NO_RESULTS, "search": {"mode": "outcome"}}],
        }
