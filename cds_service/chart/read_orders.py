"""What was ordered, given and done: medicines of every kind, ServiceRequest, Procedure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, cast

import msgspec
from msgspec import Raw

from cds_service.chart import wire
from cds_service.chart.dosage import dose_in_words, read_dosage
from cds_service.chart.facts import Medication, Order, Procedure
from cds_service.chart.meanings import NOTHING, Meaning, union
from cds_service.chart.reading import Reading, bare_id, moment_of, notes_of, period_of
from cds_service.chart.wire import ABSENT, WireQuantity
from cds_service.terminology.quantities import Quantity, normalise_unit

_VOID = frozenset({"entered-in-error", "cancelled", "not-done", "revoked", "declined"})
_MEDICINE_STATUS: dict[str, str] = {
    "draft": "draft",
    "active": "active",
    "intended": "active",
    "in-progress": "active",
    "preparation": "active",
    "on-hold": "on-hold",
    "completed": "completed",
    "stopped": "stopped",
    "not-taken": "stopped",
    "ended": "stopped",
}
_KINDS: dict[str, Literal["request", "administration", "statement", "dispense"]] = {
    "MedicationRequest": "request",
    "MedicationAdministration": "administration",
    "MedicationStatement": "statement",
    "MedicationDispense": "dispense",
}

_Reasoned = wire.Medicine | wire.ServiceRequest | wire.Procedure


def read_medication(node: wire.Medicine, reading: Reading, reference: str) -> Iterable[Medication]:
    """Read a medicine requested, given, stated or dispensed, with dose and interval where they are unambiguous."""
    draft = reading.drafting
    if (node.status in _VOID and not draft) or node.do_not_perform:
        reading.aside(reference, "not-done", node.status or "doNotPerform")
        return ()
    meaning = _medicine(node, reading)
    if not meaning.concepts:
        return ()
    regimen = read_dosage(node.dosage_instruction or node.dosage)
    period = period_of(node.effective_period)
    return (
        Medication(
            reference=reference,
            label=meaning.label,
            concepts=meaning.concepts,
            coded=meaning.coded,
            kind=_KINDS[node.resource_type],
            status=cast(Any, "draft" if draft else _MEDICINE_STATUS.get(node.status or "active", "unknown")),
            intent=node.intent or "",
            authored=moment_of(
                reading,
                period.start,
                node.authored_on,
                node.effective_date_time,
                node.when_handed_over,
                node.date_asserted,
            ),
            ended=moment_of(reading, period.end),
            dose=regimen.dose or dose_in_words(meaning.text),
            daily=regimen.daily,
            interval_days=regimen.interval_days,
            route=regimen.route,
            draft=draft,
            selected=draft and reading.selecting,
            reasons=_reasons(node, reading),
            text=_joined(meaning.text, regimen.text, notes_of(node.note), _reason_words(node, reading)),
        ),
    )


def read_order(node: wire.ServiceRequest, reading: Reading, reference: str) -> Iterable[Order]:
    """Read a ServiceRequest: an order, a referral or a draft of one."""
    draft = reading.drafting
    if (node.status in _VOID and not draft) or node.do_not_perform:
        reading.aside(reference, "not-done", node.status or "doNotPerform")
        return ()
    details = reading.meanings.of_all("ServiceRequest", node.order_detail)
    meaning = union((reading.meanings.of("ServiceRequest", node.code), details))
    if not meaning.concepts:
        return ()
    status = node.status if node.status in {"draft", "active", "on-hold", "completed"} else "unknown"
    due = period_of(node.occurrence_period)
    return (
        Order(
            reference=reference,
            label=meaning.label,
            concepts=meaning.concepts,
            coded=meaning.coded,
            status=cast(Any, "draft" if draft else status),
            intent=node.intent or "",
            priority=node.priority or "",
            authored=moment_of(reading, node.authored_on),
            due=moment_of(reading, node.occurrence_date_time, due.start),
            draft=draft,
            selected=draft and reading.selecting,
            sites=reading.meanings.of_all("bodySite", node.body_site).concepts,
            reasons=_reasons(node, reading),
            text=_joined(
                meaning.text, notes_of(node.note), notes_of(node.patient_instruction), _reason_words(node, reading)
            ),
            quantity=_quantity(node.quantity_quantity),
        ),
    )


_PROCEDURE_STATUS = {"preparation": "planned", "in-progress": "in-progress", "on-hold": "on-hold", "stopped": "stopped"}


def read_procedure(node: wire.Procedure, reading: Reading, reference: str) -> Iterable[Procedure]:
    """Read something done or under way."""
    if node.status in _VOID:
        reading.aside(reference, "not-done", node.status or "")
        return ()
    meaning = reading.meanings.of("Procedure", node.code)
    if not meaning.concepts:
        return ()
    period = period_of(node.performed_period)
    return (
        Procedure(
            reference=reference,
            label=meaning.label,
            concepts=meaning.concepts,
            coded=meaning.coded,
            status=cast(Any, _PROCEDURE_STATUS.get(node.status or "", "completed")),
            performed=moment_of(reading, node.performed_date_time, period.end, period.start),
            sites=reading.meanings.of_all("bodySite", node.body_site).concepts,
            reasons=_reasons(node, reading),
            text=_joined(meaning.text, notes_of(node.note)),
        ),
    )


def _medicine(node: wire.Medicine, reading: Reading) -> Meaning:
    """The medicine by its own concept, by a contained or supplied Medication, else by the reference's display."""
    meaning = reading.meanings.of(node.resource_type, node.medication_codeable_concept)
    named = node.medication_reference
    if meaning.concepts or named is None:
        return meaning
    pointed = named.reference or ""
    elsewhere = reading.medicines.get(f"Medication/{bare_id(pointed)}", ABSENT)
    raw = _contained(node, pointed[1:]) if pointed.startswith("#") else elsewhere
    found = reading.meanings.of(node.resource_type, raw)
    return (
        found if found.concepts else union((found, reading.meanings.of_text(node.resource_type, named.display or "")))
    )


def _contained(node: wire.Medicine, wanted: str) -> Raw:
    if not node.contained:
        return ABSENT
    contained = msgspec.json.decode(node.contained, type=list[wire.AnyResource])
    return next((item.code for item in contained if isinstance(item, wire.Medication) and item.id == wanted), ABSENT)


def _reasons(node: _Reasoned, reading: Reading) -> frozenset[str]:
    """Concepts of why it was ordered: coded reasons, words, and the conditions that it refers to."""
    found = reading.meanings.of_all("Condition", node.reason_code).concepts if node.reason_code else NOTHING
    if node.reason_reference:
        found |= _referred(node.reason_reference, reading)
    return found


def _referred(raw: Raw, reading: Reading) -> frozenset[str]:
    try:
        items = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return NOTHING
    found = NOTHING
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict) and isinstance(item.get("reference"), str):
            wanted = f"Condition/{bare_id(item['reference'])}"
            known = next((fact for fact in reading.facts.get("conditions", ()) if fact.reference == wanted), None)
            found |= known.concepts if known else NOTHING
            if isinstance(item.get("display"), str):
                found |= reading.meanings.of_text("Condition", item["display"]).concepts
    return found


def _reason_words(node: _Reasoned, reading: Reading) -> str:
    return reading.meanings.of_all("Condition", node.reason_code).text if node.reason_code else ""


def _quantity(raw: Raw) -> Quantity | None:
    if not raw:
        return None
    try:
        wire = msgspec.json.decode(raw, type=WireQuantity, strict=False)
    except (msgspec.DecodeError, RecursionError):
        return None
    if wire.value is None:
        return None
    return Quantity(wire.value, normalise_unit(wire.code or "") or normalise_unit(wire.unit or "") or "1")


def _joined(*parts: str) -> str:
    return ". ".join(part for part in parts if part)
