"""Hook requests in plain JSON, as an EHR sends them, put through the real handler; and what came back, by topic."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.handler import HookHandler
from tests import shipped

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SNOMED = "http://snomed.info/sct"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CPT = "http://www.ama-assn.org/go/cpt"
Resource = dict[str, Any]
_ids = count(1)
_KEYS = {
    "Condition": "conditions",
    "Observation": "observations",
    "DiagnosticReport": "reports",
    "Procedure": "procedures",
    "MedicationRequest": "medicationRequests",
    "MedicationAdministration": "medicationAdministrations",
    "MedicationStatement": "medicationStatements",
    "ServiceRequest": "serviceRequests",
    "Encounter": "encounters",
    "Device": "devices",
    "AllergyIntolerance": "allergies",
}


class Cards:
    """The cards of one answer."""

    def __init__(self, answer: Resource) -> None:
        self.answer = answer
        self.by_topic: dict[str, Resource] = {card["source"]["topic"]["code"]: card for card in answer["cards"]}

    @property
    def topics(self) -> set[str]:
        """Topics shown, alone or in the housekeeping, or held back by the cap."""
        within = {topic for card in self.by_topic.values() for topic in card["extension"].get("topics", ())}
        return {*self.by_topic, *within, *self.answer.get("extension", {}).get("heldBack", ())}

    def indicator(self, topic: str) -> str:
        """The indicator of a topic's card; ``silent`` without one."""
        return str(self.by_topic[topic]["indicator"]) if topic in self.by_topic else "silent"

    def summary(self, topic: str) -> str:
        return str(self.by_topic[topic]["summary"])

    def detail(self, topic: str) -> str:
        return str(self.by_topic[topic]["detail"])

    def actions(self, topic: str) -> list[Resource]:
        """Every action of every suggestion of a topic's card."""
        suggestions = self.by_topic.get(topic, {}).get("suggestions", ())
        return [action for suggestion in suggestions for action in suggestion["actions"]]

    def created(self, topic: str, kind: str) -> list[Resource]:
        """The resources of this type that the card offers to create."""
        made = [action["resource"] for action in self.actions(topic) if action["type"] == "create"]
        return [resource for resource in made if resource["resourceType"] == kind]


@cache
def _handler() -> HookHandler:
    return HookHandler(KnowledgeAdvisor(shipped.knowledge()), clock=lambda: NOW)


def day(days: float) -> str:
    """The date so many days ago."""
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%d")


def moment(days: float) -> str:
    """The moment so many days ago."""
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def coded(system: str, code: str, text: str = "") -> Resource:
    """A concept with one coding."""
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def condition(code: Resource, onset: float | None = None, *, clinical: str = "active", **more: Any) -> Resource:
    """A confirmed problem."""
    status = coded("http://terminology.hl7.org/CodeSystem/condition-clinical", clinical)
    dated = {} if onset is None else {"onsetDateTime": day(onset)}
    return _about_patient("Condition", {"clinicalStatus": status, "code": code, **dated, **more})


def observation(code: Resource, value: float | None = None, unit: str = "", days: float = 1, **more: Any) -> Resource:
    """A final result."""
    quantity = {} if value is None else {"valueQuantity": {"value": value, **({"unit": unit} if unit else {})}}
    body = {"status": "final", "code": code, "effectiveDateTime": moment(days), **quantity, **more}
    return _about_patient("Observation", body)


def report(text: str, conclusion: str, days: float) -> Resource:
    """A final report of an examination that is named in words."""
    body = {"status": "final", "code": {"text": text}, "effectiveDateTime": moment(days), "conclusion": conclusion}
    return _about_patient("DiagnosticReport", body)


def dosage(amount: float, unit: str = "mg", every: float = 1, period: str = "d") -> list[Resource]:
    """A dose at an interval."""
    repeat = {"frequency": 1, "period": every, "periodUnit": period}
    return [{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": {"value": amount, "unit": unit}}]}]


def prescription(code: Resource, days: float = 10, *, status: str = "active", **more: Any) -> Resource:
    """A medicine that is prescribed."""
    body = {"status": status, "intent": "order", "medicationCodeableConcept": code, "authoredOn": moment(days), **more}
    return _about_patient("MedicationRequest", body)


def administration(code: Resource, amount: float, days: float) -> Resource:
    """A dose that was given."""
    given = {"dosage": {"dose": {"value": amount, "unit": "mg"}}, "effectiveDateTime": moment(days)}
    return _about_patient(
        "MedicationAdministration", {"status": "completed", "medicationCodeableConcept": code, **given}
    )


def service(code: Resource, *, status: str = "draft", **more: Any) -> Resource:
    """An order for an examination or a treatment."""
    return _about_patient("ServiceRequest", {"status": status, "intent": "order", "code": code, **more})


def view(*resources: Resource, sex: str = "female", born: str = "1964-05-01", **patient: Any) -> Cards:
    """Open this patient's chart; ``patient`` holds further elements of the Patient."""
    return _ask("patient-view", resources, (), {"gender": sex, "birthDate": born, **patient})


def ledger_of(*resources: Resource, drafts: list[Resource] | None = None, **patient: Any) -> dict[str, Resource]:
    """What each red flag of this patient rests on, by topic, as a client that asks for the ledger gets it."""
    hook = "order-select" if drafts else "patient-view"
    about = {"gender": "female", "birthDate": "1964-05-01", **patient}
    answer = _ask(hook, resources, drafts or (), about, extension={"ledger": True}).answer
    return {entry["topic"]: entry for entry in answer["extension"]["ledger"]}


def select(
    *resources: Resource, drafts: list[Resource], sex: str = "female", born: str = "1964-05-01", **patient: Any
) -> Cards:
    """Select these drafts while ordering for this patient."""
    return _ask("order-select", resources, drafts, {"gender": sex, "birthDate": born, **patient})


def _about_patient(kind: str, body: Resource) -> Resource:
    about = "patient" if kind in {"Device", "AllergyIntolerance"} else "subject"
    return {"resourceType": kind, "id": f"{kind.lower()}-{next(_ids)}", about: {"reference": "Patient/p1"}, **body}


def _ask(hook: str, resources: tuple[Resource, ...], drafts: Any, patient: Resource, **more: Any) -> Cards:
    prefetch: dict[str, Any] = {key: _bundle([]) for key in (*_KEYS.values(), "laboratory", "imaging")}
    prefetch["patient"] = {"resourceType": "Patient", "id": "p1", **patient}
    for resource in resources:
        prefetch[_KEYS[resource["resourceType"]]]["entry"].append({"resource": resource})
    context: dict[str, Any] = {"userId": "Practitioner/1", "patientId": "p1"}
    if hook == "order-select":
        context["draftOrders"] = _bundle(drafts)
        context["selections"] = [f"{draft['resourceType']}/{draft['id']}" for draft in drafts]
    return ask(hook, context, prefetch, **more)


def ask(hook: str, context: dict[str, Any], prefetch: dict[str, Any], **more: Any) -> Cards:
    """Send one request with this context and this prefetch, whatever its shape, and whatever else it says."""
    context = {"userId": "Practitioner/1", **context}
    instance = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    body = {"hook": hook, "hookInstance": instance, "context": context, "prefetch": prefetch, **more}
    answer = _handler().answer(f"metastatic-disease-{hook}", json.dumps(body).encode())
    assert answer.status == 200, answer.body
    return Cards(json.loads(answer.body))


def _bundle(resources: list[Resource]) -> Resource:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": entry} for entry in resources]}
