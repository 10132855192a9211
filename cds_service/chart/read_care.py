"""Who the patient is and the care around: Patient, Encounter, AllergyIntolerance, Device."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

import msgspec
from msgspec import Raw

from cds_service.chart import wire
from cds_service.chart.dating import moment_of, period_of
from cds_service.chart.decode import listed
from cds_service.chart.elements import AllergicReaction, DeviceName
from cds_service.chart.facts import Allergy, Device, Encounter, Observation, Patient, Procedure
from cds_service.chart.meanings import NOTHING, Meaning, Meanings, union
from cds_service.chart.read_observation import read_observation
from cds_service.chart.reading import Reading, code_of, notes_of
from cds_service.terminology.dates import parse_moment

_CONFERENCE = "mdt"
_SEXES = frozenset({"female", "male", "other"})


def read_patient(node: wire.Patient, reference: str, reading: Reading) -> Patient:
    """Read sex and birth date, and whether the patient has died; a gender that FHIR does not know counts as unknown.

    A date of death that still lies ahead is none; one that cannot be read says that the patient has died.
    """
    sex = (node.gender or "").strip().lower()
    died = parse_moment(node.deceased_date_time) if node.deceased_date_time else None
    return Patient(
        reference=reference,
        label="Patient",
        concepts=NOTHING,
        coded=NOTHING,
        birth=parse_moment(node.birth_date) if node.birth_date else None,
        sex=cast(Literal["female", "male", "other", "unknown"], sex if sex in _SEXES else "unknown"),
        deceased=bool(node.deceased_boolean)
        or (bool(node.deceased_date_time) and (died is None or died.first <= reading.circumstances.as_of)),
    )


def place_of_care(node: wire.Encounter, meanings: Meanings) -> Meaning:
    """Where care happens, by class, type, service type and reason."""
    parts = (
        meanings.of_all("Encounter", node.class_),
        meanings.of_all("Encounter", node.type),
        meanings.of_all("Encounter", node.service_type),
        meanings.of_all("Encounter", node.reason_code or node.reason),
    )
    return union(parts) if any(part.concepts for part in parts) else parts[0]


def read_encounter(node: wire.Encounter, reading: Reading, reference: str) -> Iterable[Encounter]:
    """Read where care happens; a cancelled encounter is none."""
    if node.status in {"cancelled", "entered-in-error"}:
        reading.aside(reference, "entered-in-error")
        return ()
    meaning = place_of_care(node, reading.meanings)
    if not meaning.concepts:
        return ()
    period = period_of(node.period or node.actual_period)
    return (
        Encounter(
            reference=reference,
            label=meaning.label,
            short=meaning.called,
            concepts=meaning.concepts,
            coded=meaning.coded,
            status=node.status or "unknown",
            start=moment_of(reading, period.start),
            end=moment_of(reading, period.end),
        ),
    )


def read_complaints(node: wire.Encounter, reading: Reading, reference: str) -> Iterable[Observation]:
    """The signs among the reasons of a visit that has begun, each as an observation of the day on which it began."""
    if node.status in _NOT_BEGUN:
        return ()
    reasons = listed(node.reason_code or node.reason, _REASON) if node.reason_code or node.reason else []
    signs = [reason for reason in reasons if _is_sign(reading.meanings.of("Observation", reason), reading.meanings)]
    panel = wire.Observation(
        status="final",
        effective_date_time=period_of(node.period or node.actual_period).start,
        component=Raw(msgspec.json.encode([{"code": sign} for sign in signs])),
    )
    return read_observation(panel, reading, reference) if signs else ()


def _is_sign(reason: Meaning, meanings: Meanings) -> bool:
    stated = reason.concepts - reason.doubted - reason.denied - reason.history
    return not (reason.question or meanings.codebook.signs.isdisjoint(stated))


_NOT_BEGUN = frozenset({"planned", "cancelled", "entered-in-error", "noshow"})
_REASON = msgspec.json.Decoder(Raw)


def read_allergy(node: wire.AllergyIntolerance, reading: Reading, reference: str) -> Iterable[Allergy]:
    """Read an allergy or intolerance that stands: not refuted, not entered in error, not resolved."""
    older = node.status or ""
    verification, clinical = code_of(node.verification_status) or older, code_of(node.clinical_status) or older
    if verification in {"refuted", "entered-in-error"}:
        reading.aside(reference, cast(Literal["refuted", "entered-in-error"], verification))
        return ()
    reactions = listed(node.culprits, _REACTION) if node.culprits else ()
    named = (node.code or node.substance, *(reaction.substance for reaction in reactions))
    meaning = union(reading.meanings.of("AllergyIntolerance", one) for one in named)
    if clinical in {"resolved", "inactive"} or not meaning.concepts:
        return ()
    return (
        Allergy(
            reference=reference,
            label=meaning.label,
            short=meaning.called,
            concepts=meaning.concepts,
            coded=meaning.coded,
            recorded=moment_of(reading, node.recorded_date, node.asserted_date, node.onset_date_time),
        ),
    )


def read_care_plan(node: wire.CarePlan, reading: Reading, reference: str) -> Iterable[Procedure]:
    """Read a plan as the conference that made it, as registries send tumour boards; what it plans is not done yet."""
    if node.status in {"entered-in-error", "revoked"}:
        reading.aside(reference, "entered-in-error", node.status)
        return ()
    words = ". ".join(filter(None, (node.title, node.description)))
    meanings = reading.meanings
    meaning = union((meanings.of_all("Procedure", node.category), meanings.of_text("Procedure", words)))
    concepts = meaning.concepts & meanings.codebook.wider(_CONFERENCE) - meaning.doubted
    if not concepts:
        return ()
    return (
        Procedure(
            reference=reference,
            label=meaning.label,
            concepts=concepts,
            coded=meaning.coded & concepts,
            status="planned" if node.status == "draft" else "completed",
            performed=moment_of(reading, node.created, period_of(node.period).start),
            sites=NOTHING,
            reasons=NOTHING,
            text=words,
        ),
    )


def read_device(node: wire.Device, reading: Reading, reference: str) -> Iterable[Device]:
    """Read a device that the patient carries, with what is stated of its safety in the magnet.

    One that is not in use any more (``inactive``) stays in the body until its removal is recorded.
    """
    if node.status == "entered-in-error":
        reading.aside(reference, "entered-in-error")
        return ()
    words = ". ".join((*_names(node), notes_of(node.note)))
    safety = reading.meanings.of_all("Device", node.safety)
    meaning = union((reading.meanings.of_all("Device", node.type), reading.meanings.of_text("Device", words), safety))
    if not meaning.concepts:
        return ()
    return (
        Device(
            reference=reference,
            label=meaning.label,
            short=meaning.called,
            concepts=meaning.concepts,
            coded=meaning.coded,
            text=". ".join(dict.fromkeys(part for part in (meaning.text, words) if part)),
        ),
    )


_NAME = msgspec.json.Decoder(DeviceName)
_REACTION = msgspec.json.Decoder(AllergicReaction)


def _names(node: wire.Device) -> list[str]:
    names = [name for raw in (node.device_name, node.name) if raw for name in listed(raw, _NAME)]
    return [text for name in names if (text := name.name or name.value)]
