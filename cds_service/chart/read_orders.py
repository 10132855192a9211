"""What was ordered, given and done: medicines of every kind, ServiceRequest, Procedure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, cast

import msgspec
from msgspec import Raw, structs

from cds_service.chart import wire
from cds_service.chart.dating import moment_in_words, moment_of, note_doubtful_date, period_of
from cds_service.chart.decode import decoded, listed
from cds_service.chart.elements import (
    ABSENT,
    CodeableReference,
    DiagnosticEvent,
    DiagnosticItem,
    Extension,
    Reference,
    WireQuantity,
)
from cds_service.chart.facts import Medication, Order, Procedure, Prohibition
from cds_service.chart.gaps import Problem
from cds_service.chart.identity import bare_id
from cds_service.chart.meanings import EMPTY, NOTHING, Meaning, Meanings, codeable_concept, union
from cds_service.chart.medicine_names import named_medicine, resolved
from cds_service.chart.orders.lines import Dosing
from cds_service.chart.orders.product import Product
from cds_service.chart.reading import Reading, code_of, notes_of
from cds_service.terminology.dates import Moment
from cds_service.terminology.quantities import Quantity
from cds_service.terminology.units import Units

_VOID = frozenset({"entered-in-error", "cancelled", "not-done", "revoked", "declined", "rejected", "failed", "aborted"})
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
    "recorded": "active",
}
_ADHERENCE = {"not-taking": "stopped", "stopped": "stopped", "on-hold": "on-hold"}
"""How the codes begin that say of a statement of R5, which is merely recorded, that it does not hold."""
_ORDER_STATUS: dict[str, str] = {
    **{status: status for status in ("draft", "active", "on-hold", "completed")},
    **dict.fromkeys(("requested", "received", "accepted", "in-progress", "review"), "active"),
    "suspended": "on-hold",
}
"""The later ones are those of DSTU2."""
_KINDS: dict[str, Literal["request", "administration", "statement", "dispense"]] = {
    "MedicationRequest": "request",
    "MedicationAdministration": "administration",
    "MedicationStatement": "statement",
    "MedicationDispense": "dispense",
}

_SAYS_SOMETHING = re.compile(rb':\s*"[^"]')
"""A member whose value is text."""
_OVER = frozenset({"completed", "stopped", "ended"})
_NO_ORDER = frozenset({"proposal", "plan", "option"})
_Reasoned = wire.Medicine | wire.Request | wire.Procedure


def read_medication(node: wire.Medicine, reading: Reading, reference: str) -> Iterable[Medication | Prohibition]:
    """Read a medicine requested, given, stated or dispensed, with dose and interval where they are unambiguous."""
    draft = reading.drafting
    not_given = node.not_given or node.was_not_given or node.was_not_taken or node.taken == "n"
    if (node.status in _VOID and not draft) or not_given:
        reading.aside(reference, "not-done", node.status or "not given")
        return ()
    chosen = (node.medication_codeable_concept, node.medication)
    if _only_begun(reading, node.intent, chosen) and node.medication_reference is None:
        reading.aside(reference, "not-done", "no medicine is chosen yet")
        return ()
    named = named_medicine(node, reading)
    meaning = named.meaning
    period = period_of(node.effective_period or node.occurence_period or node.effective_time_period)
    authored = moment_of(
        reading,
        period.start,
        node.authored_on,
        node.date_written,
        node.effective_date_time,
        node.occurence_date_time,
        node.effective_time_date_time,
        node.when_handed_over,
        node.date_asserted,
    )
    if not meaning.concepts and not meaning.known:
        _unidentified(node, meaning.label, reading, reference, authored)
    if not meaning.concepts:
        return ()
    if node.do_not_perform:
        return _prohibited(node, meaning, reading, reference, authored)
    status = _standing(node)
    if not draft and status not in _MEDICINE_STATUS:
        reading.gap("medications", "not-understood", reference, meaning.concepts, f"status {status}", authored)
    if authored is not None or node.resource_type == "MedicationAdministration":
        note_doubtful_date(reading, "medications", reference, meaning.concepts, authored, meaning.label)
    product = reading.meanings.orders.product(named.texts, named.ingredients)
    dosing = reading.meanings.orders.dosing(node.dosage_instruction or node.dosage, product, meaning.text)
    text = _joined(meaning.text, dosing.text, notes_of(node.note), _reason_words(node, reading))
    return (
        Medication(
            reference=reference,
            label=meaning.label,
            short=meaning.called,
            concepts=meaning.concepts,
            coded=meaning.coded,
            kind=_KINDS[node.kind],
            status=cast(Any, "draft" if draft else _MEDICINE_STATUS.get(status, "unknown")),
            intent=node.intent or "",
            authored=authored,
            ended=moment_of(reading, period.end, dosing.until),
            route=dosing.route.text,
            way=dosing.route.name,
            given=reading.meanings.of_text("route", _joined(dosing.route.text, meaning.label, dosing.text)).concepts,
            dosing=dosing,
            product=product,
            replaces=f"{node.kind}/{bare_id(prior)}" if (prior := _prior(node)) else "",
            **_in_force(dosing, product, reading.circumstances.as_of, None if draft else authored),
            draft=draft,
            selected=draft and reading.selecting,
            reasons=_reasons(node, reading) | (_stated(text, reading) if draft else NOTHING),
            text=text,
        ),
    )


def _prior(node: wire.Medicine) -> str:
    return (node.prior_prescription.reference or "") if node.prior_prescription is not None else ""


def _standing(node: wire.Medicine) -> str:
    """The status, unless it is known besides whether the medicine is taken; none at all stands for ``active``."""
    taken = code_of(node.adherence.code) if node.adherence is not None else ""
    return next((status for begins, status in _ADHERENCE.items() if taken.startswith(begins)), node.status or "active")


def _only_begun(reading: Reading, intent: str | None, named: Iterable[Raw]) -> bool:
    """Whether a draft is a form that has just been opened: it names nothing, and is not meant as an order yet."""
    opened = reading.drafting and reading.circumstances.hook == "order-select" and intent in (None, *_NO_ORDER)
    return opened and not any(_SAYS_SOMETHING.search(one) for one in named)


def read_order(node: wire.Request, reading: Reading, reference: str) -> Iterable[Order | Prohibition]:
    """Read a ServiceRequest: an order, a referral or a draft of one. What is only proposed or planned is no order."""
    draft = reading.drafting
    if node.status in _VOID and not draft:
        reading.aside(reference, "not-done", node.status or "")
        return ()
    if _only_begun(reading, node.intent, (node.code, node.service_requested, node.order_detail, node.note)):
        reading.aside(reference, "not-done", "nothing is chosen yet")
        return ()
    if node.intent in _NO_ORDER and not draft:
        reading.aside(reference, "proposal", node.intent or "")
        return ()
    meanings = reading.meanings
    code, details = meanings.of("ServiceRequest", node.code), meanings.of_all("ServiceRequest", node.order_detail)
    sites = meanings.of_all("bodySite", node.body_site)
    meaning = union(
        (
            code,
            details,
            _in_one_sentence(meanings, code, sites, details),
            meanings.of_all("ServiceRequest", node.service_requested),
            *(meanings.of("ServiceRequest", one.code) for one in (listed(node.item, _ITEM) if node.item else ())),
        )
    )
    events = listed(node.event, _EVENT) if node.event else ()
    authored = moment_of(reading, node.authored_on, node.ordered_on, node.date, *(one.date_time for one in events))
    if draft and not meaning.known and not meaning.concepts:
        codes = codeable_concept(node.code).coding if node.code else None
        written = next((coding.code for coding in codes or () if coding.code), "")
        reading.gap("draft_orders", "not-understood", reference, written=written)
    if not meaning.concepts:
        return ()
    if node.do_not_perform:
        return _prohibited(node, meaning, reading, reference, authored)
    status = _ORDER_STATUS.get(node.status or "", "unknown")
    due = period_of(node.occurrence_period)
    text = _joined(meaning.text, notes_of(node.note), notes_of(node.patient_instruction))
    return (
        Order(
            reference=reference,
            label=meaning.label,
            short=meaning.called,
            concepts=meaning.concepts,
            coded=meaning.coded,
            status=cast(Any, "draft" if draft else status),
            intent=node.intent or "",
            priority=node.priority or "",
            authored=authored,
            due=moment_of(reading, node.occurrence_date_time, node.scheduled_date_time, due.start),
            draft=draft,
            selected=draft and reading.selecting,
            sites=sites.concepts,
            reasons=_reasons(node, reading),
            text=_joined(text, _reason_words(node, reading)),
            quantity=_quantity(node.quantity_quantity, reading.meanings.codebook.units),
            course=reading.meanings.orders.course(text, node.extension),
        ),
    )


def _in_one_sentence(meanings: Meanings, code: Meaning, *more: Meaning) -> Meaning:
    """What an order's code means together with where and how: ``CT``, ``chest``, ``with contrast``."""
    words = ", ".join(part.text.replace(". ", ", ") for part in more if part.text)
    return replace(meanings.of_text("ServiceRequest", f"{code.label} {words}"), text="") if words else EMPTY


_PROCEDURE_STATUS = {"preparation": "planned", "in-progress": "in-progress", "on-hold": "on-hold", "stopped": "stopped"}


def read_procedure(node: wire.Procedure, reading: Reading, reference: str) -> Iterable[Procedure]:
    """Read something done or under way."""
    if node.status in _VOID or node.not_done or node.not_performed:
        reading.aside(reference, "not-done", node.status or "")
        return ()
    meaning = union((reading.meanings.of("Procedure", node.code), *_techniques(node.extension, reading)))
    if not meaning.concepts:
        return ()
    period = period_of(node.performed_period or node.occurrence_period)
    performed = moment_of(
        reading, node.performed_date_time, node.occurrence_date_time, period.end, period.start
    ) or moment_in_words(node.performed_string, reading.meanings.codebook.vocabulary.months)
    note_doubtful_date(reading, "procedures", reference, meaning.concepts, performed, meaning.label)
    text = _joined(meaning.text, notes_of(node.note))
    return (
        Procedure(
            reference=reference,
            label=meaning.label,
            short=meaning.called,
            concepts=meaning.concepts,
            coded=meaning.coded,
            status=cast(Any, _PROCEDURE_STATUS.get(node.status or "", "completed")),
            performed=performed,
            sites=reading.meanings.of_all("bodySite", node.body_site).concepts.union(
                *_volumes(node.extension, reading)
            ),
            reasons=_reasons(node, reading),
            text=text,
            course=reading.meanings.orders.course(text, node.extension),
        ),
    )


def _techniques(extensions: Raw, reading: Reading) -> Iterator[Meaning]:
    """Modality and technique of a course of radiotherapy, which mCODE writes as extensions, one within the other."""
    for extension in listed(extensions, _EXTENSION) if extensions else ():
        if _TECHNIQUE.search(extension.url or ""):
            yield reading.meanings.of("Procedure", extension.value_codeable_concept)
            yield from _techniques(extension.extension, reading)


def _volumes(extensions: Raw, reading: Reading) -> Iterator[frozenset[str]]:
    """The parts of the body that the volumes of a course are called after."""
    for extension in listed(extensions, _EXTENSION) if extensions else ():
        if "volume" in (extension.url or ""):
            if extension.value_reference is not None:
                yield reading.meanings.of_text("bodySite", extension.value_reference.display or "").concepts
            yield from _volumes(extension.extension, reading)


_TECHNIQUE = re.compile(r"radiotherapy-(modality|technique)")
_EXTENSION = msgspec.json.Decoder(Extension)
_ITEM = msgspec.json.Decoder(DiagnosticItem)
_EVENT = msgspec.json.Decoder(DiagnosticEvent)
_QUANTITY = msgspec.json.Decoder(WireQuantity, strict=False)
_REFERENCE = msgspec.json.Decoder(Reference)
_CODEABLE_REFERENCE = msgspec.json.Decoder(CodeableReference)


def _unidentified(node: wire.Medicine, label: str, reading: Reading, reference: str, when: Moment | None) -> None:
    """A medicine that nothing names may be any."""
    pointed = node.medication_reference
    unsent = not label and (pointed is not None or node.medication)
    problem: Problem = "unresolved-reference" if unsent else "not-understood"
    written = label or (pointed.reference or "" if pointed is not None else "")
    if not written:
        concept = codeable_concept(node.medication_codeable_concept) if node.medication_codeable_concept else None
        written = next((coding.code for coding in (concept.coding or () if concept else ()) if coding.code), "")
    reading.gap("medications", problem, reference, written=written, when=when)


def _prohibited(
    node: wire.Medicine | wire.Request, meaning: Meaning, reading: Reading, reference: str, when: Moment | None
) -> Iterable[Prohibition]:
    """What is not to be given or done, for as long as that stands."""
    if node.status in _OVER and not reading.drafting:
        reading.aside(reference, "not-done", f"a prohibition that is {node.status}")
        return ()
    return (
        Prohibition(
            reference=reference,
            label=meaning.label,
            short=meaning.called,
            concepts=meaning.concepts,
            coded=meaning.coded,
            authored=when,
            text=_joined(meaning.text, notes_of(node.note)),
        ),
    )


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


def _stated(text: str, reading: Reading) -> frozenset[str]:
    """What an order states outright in its words: its text, dosage, notes and reasons."""
    meaning = reading.meanings.of_text("MedicationRequest", text)
    return meaning.concepts - meaning.doubted - meaning.history


def _reasons(node: _Reasoned, reading: Reading) -> frozenset[str]:
    """Concepts of why it was ordered: coded reasons, words, and the conditions that it refers to."""
    meanings = reading.meanings
    found = NOTHING.union(*(meanings.of_all("Condition", coded).concepts for coded in _coded_reasons(node)))
    references = listed(node.reason_reference, _REFERENCE) if node.reason_reference else []
    references += [one.reference for one in _newer_reasons(node) if one.reference]
    for reference in references:
        condition = resolved(reference.reference or "", node, reading)
        if isinstance(condition, wire.Condition):
            found |= meanings.of("Condition", condition.code).concepts
        found |= meanings.of_text("Condition", reference.display or "").concepts
    return found


def _coded_reasons(node: _Reasoned) -> tuple[Raw, ...]:
    """Reasons as concepts, one or a list of them; in R5 each of them apart."""
    stated = (node.reason_code, getattr(node, "reason_codeable_concept", ABSENT), node.reason)
    return tuple(raw for raw in (*stated, *(one.concept for one in _newer_reasons(node))) if raw)


def _newer_reasons(node: _Reasoned) -> list[CodeableReference]:
    return listed(node.reason, _CODEABLE_REFERENCE) if node.reason else []


def _reason_words(node: _Reasoned, reading: Reading) -> str:
    return _joined(*(reading.meanings.of_all("Condition", coded).text for coded in _coded_reasons(node)))


def _quantity(raw: Raw, units: Units) -> Quantity | None:
    if not raw:
        return None
    given = decoded(raw, _QUANTITY)
    if given is None or given.value is None:
        return None
    return Quantity(given.value, units.normalise(given.code or "") or units.normalise(given.unit or "") or "1")


def _joined(*parts: str) -> str:
    return ". ".join(part for part in parts if part)
