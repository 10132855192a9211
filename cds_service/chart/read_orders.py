"""What was ordered, given and done: medicines of every kind, ServiceRequest, Procedure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

import msgspec
from msgspec import Raw, structs

from cds_service.chart import wire
from cds_service.chart.facts import Medication, Order, Procedure
from cds_service.chart.meanings import NOTHING, Meaning, names_of, union
from cds_service.chart.orders.dosage import Dosing
from cds_service.chart.orders.product import Product
from cds_service.chart.reading import NO_MEDICATION, Reading, bare_id, moment_of, notes_of, period_of
from cds_service.chart.wire import ABSENT, WireQuantity
from cds_service.terminology.dates import Moment
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
    named = _medicine(node, reading)
    meaning = named.meaning
    if not meaning.concepts:
        return ()
    period = period_of(node.effective_period)
    authored = moment_of(
        reading, period.start, node.authored_on, node.effective_date_time, node.when_handed_over, node.date_asserted
    )
    product = reading.meanings.orders.product(named.texts, named.ingredients)
    dosing = reading.meanings.orders.dosing(node.dosage_instruction or node.dosage, product, meaning.text)
    return (
        Medication(
            reference=reference,
            label=meaning.label,
            concepts=meaning.concepts,
            coded=meaning.coded,
            kind=_KINDS[node.resource_type],
            status=cast(Any, "draft" if draft else _MEDICINE_STATUS.get(node.status or "active", "unknown")),
            intent=node.intent or "",
            authored=authored,
            ended=moment_of(reading, period.end),
            route=dosing.route,
            dosing=dosing,
            product=product,
            **_in_force(dosing, product, reading.circumstances.as_of, None if draft else authored),
            draft=draft,
            selected=draft and reading.selecting,
            reasons=_reasons(node, reading),
            text=_joined(meaning.text, dosing.text, notes_of(node.note), _reason_words(node, reading)),
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


class _Named(NamedTuple):
    """What a medicine is called, and what a Medication resource says of it beyond its code."""

    meaning: Meaning
    texts: tuple[str, ...]
    ingredients: Raw = ABSENT


def _medicine(node: wire.Medicine, reading: Reading) -> _Named:
    """The medicine by its own concept, by a contained or supplied Medication, else by the reference's display."""
    own = reading.meanings.of(node.resource_type, node.medication_codeable_concept)
    pointed = node.medication_reference
    if own.concepts or pointed is None:
        return _Named(own, names_of(node.medication_codeable_concept))
    where = pointed.reference or ""
    elsewhere = reading.medicines.get(f"Medication/{bare_id(where)}", NO_MEDICATION)
    medication = _contained(node, where[1:]) if where.startswith("#") else elsewhere
    found = reading.meanings.of(node.resource_type, medication.code)
    if not found.concepts:
        found = union((found, reading.meanings.of_text(node.resource_type, pointed.display or "")))
    texts = names_of(medication.code) or ((pointed.display,) if pointed.display else ())
    return _Named(found, texts, medication.ingredient)


def _contained(node: wire.Medicine, wanted: str) -> wire.Medication:
    if not node.contained:
        return NO_MEDICATION
    contained = msgspec.json.decode(node.contained, type=list[wire.AnyResource])
    found = (item for item in contained if isinstance(item, wire.Medication) and item.id == wanted)
    return next(found, NO_MEDICATION)


def at_moment(medicine: Medication, as_of: datetime) -> Medication:
    """A medicine on record as it is taken at another moment: of a taper, the step that is in force then."""
    if len(medicine.dosing.lines) < 2 and len(medicine.dosing.steps) < 2:
        return medicine
    since = None if medicine.draft else medicine.authored
    return structs.replace(medicine, **_in_force(medicine.dosing, medicine.product, as_of, since))


def _in_force(dosing: Dosing, product: Product, as_of: datetime, since: Moment | None) -> dict[str, Any]:
    """What a medicine's dosage says at a moment. A bare name with an amount, "denosumab 120 mg", is a dose by itself."""
    now = dosing.at(as_of, since.first if since else None)
    named = product.named_dose if now.dose is None and not now.unclear else None
    dose = now.dose or named
    least, most = now.daily.bounds if now.daily else (None, None)
    return {
        "dose": dose.quantity if dose else None,
        "daily": now.daily.quantity if now.daily else None,
        "least_daily": least,
        "most_daily": most,
        "interval_days": now.interval_days,
        "as_needed": now.as_needed,
        "once": now.frequency is not None and now.frequency.once,
        "days": now.days,
        "unclear": now.unclear,
    }


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
