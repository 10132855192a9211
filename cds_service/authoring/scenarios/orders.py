"""Orders and medicines of a scenario: on record, given, stated, or drafts of the session."""

from __future__ import annotations

from cds_service.authoring.scenarios import measures
from cds_service.authoring.scenarios.codings import Json
from cds_service.authoring.scenarios.facts import (
    AdministrationFact,
    DraftFact,
    MedicationFact,
    OrderFact,
    StatementFact,
)
from cds_service.authoring.scenarios.writing import Writing

Medicine = MedicationFact | AdministrationFact | StatementFact | DraftFact


def order(fact: OrderFact | DraftFact, writing: Writing) -> Json:
    """Write an order or a draft: a MedicationRequest for a medicine, a ServiceRequest for all else."""
    if isinstance(fact, DraftFact):
        if _is_medicine(fact, writing):
            return _request(fact, writing, status="draft", authored=writing.instant("0 h"))
        return _service_request(fact, writing, status="draft", authored=writing.instant("0 h"), due=None)
    return _service_request(
        fact, writing, status=fact.status, authored=writing.instant(fact.when), due=writing.instant(fact.due)
    )


def medication(fact: MedicationFact | AdministrationFact | StatementFact, writing: Writing) -> Json:
    """Write a medicine as it was requested, given or stated."""
    if isinstance(fact, MedicationFact):
        return _request(fact, writing, status=fact.status, authored=writing.day(fact.when))
    given = isinstance(fact, AdministrationFact)
    dosage = _dosage(fact, writing)
    start = writing.instant(fact.when) if given else writing.day(fact.when)
    return {
        "resourceType": "MedicationAdministration" if given else "MedicationStatement",
        "status": fact.status,
        **_medicine(fact, writing),
        "subject": writing.subject,
        **writing.period("effective", start, writing.day(fact.until)),
        "reasonCode": writing.reasons(fact.reason),
        "dosage": _given(fact, writing) if given else [dosage],
    }


def _is_medicine(fact: DraftFact, writing: Writing) -> bool:
    if fact.draft == "other":
        return bool(fact.dose)
    return writing.style.codes.concept(fact.draft).family == "medications"


def _service_request(
    fact: OrderFact | DraftFact, writing: Writing, *, status: str, authored: str | None, due: str | None
) -> Json:
    return {
        "resourceType": "ServiceRequest",
        "status": status,
        "intent": fact.intent,
        "priority": fact.priority,
        "doNotPerform": fact.do_not_perform or None,
        "code": writing.style.fact(fact.concept, "act", code=fact.code, text=fact.text),
        "orderDetail": [{"text": fact.detail}] if fact.detail else None,
        "quantityQuantity": writing.quantity(fact.quantity),
        "subject": writing.subject,
        "occurrencePeriod": {"end": due},
        "authoredOn": authored,
        "reasonCode": writing.reasons(fact.reason),
        "bodySite": [writing.style.named(site) for site in fact.site],
    }


def _request(fact: MedicationFact | DraftFact, writing: Writing, *, status: str, authored: str | None) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "status": status,
        "intent": fact.intent,
        "priority": fact.priority if isinstance(fact, DraftFact) else None,
        "doNotPerform": fact.do_not_perform or None,
        **_medicine(fact, writing),
        "subject": writing.subject,
        "authoredOn": authored,
        "reasonCode": writing.reasons(fact.reason),
        "dosageInstruction": [_dosage(fact, writing)],
    }


def _medicine(fact: Medicine, writing: Writing) -> Json:
    code = writing.style.fact(fact.concept, "medicine", code=fact.code, text=fact.text)
    if writing.style.flavour == "oid":  # the record that writes OIDs also keeps its medicines apart
        contained = {"resourceType": "Medication", "id": "medicine", "code": code}
        return {"contained": [contained], "medicationReference": {"reference": "#medicine"}}
    return {"medicationCodeableConcept": code}


def _dosage(fact: Medicine, writing: Writing) -> Json:
    return {
        "text": fact.dosage or _in_words(fact),
        "timing": {"repeat": measures.repeat(fact.every)} if fact.every else None,
        "route": {"text": fact.route},
        "doseAndRate": [{"doseQuantity": writing.quantity(fact.dose)}],
    }


def _given(fact: Medicine, writing: Writing) -> Json:
    return {"text": fact.dosage, "route": {"text": fact.route}, "dose": writing.quantity(fact.dose)}


def _in_words(fact: Medicine) -> str:
    return f"{fact.dose} every {fact.every}" if fact.dose and fact.every else fact.dose
