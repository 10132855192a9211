"""The summary for the tumour board: a referral in words, and the same as a FHIR document, from the facts of the view."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import escape

from cds_service.chart.facts import Observation
from cds_service.engine.phrases import plain_text
from cds_service.service.consultation import Consultation
from cds_service.view import disease
from cds_service.view.advice import Flag, due, flags, not_understood
from cds_service.view.banner import NO_CANCER, NOT_ON_RECORD, banner, patient_of, performance_of
from cds_service.view.stability import score_forms
from cds_service.view.trends import clearance, trends

_NAMESPACE = uuid.UUID("7d0b7f6f-0f0c-5f43-9d6d-3c0f8b6f7a11")
_CAUTION = "Made by decision support from the record, to be read and corrected before it is sent."


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its lines; without a line it says that nothing is on record."""

    title: str
    lines: tuple[str, ...]
    nothing: str = f"{NOT_ON_RECORD.capitalize()}."

    @property
    def said(self) -> tuple[str, ...]:
        return self.lines or (self.nothing,)


@dataclass(frozen=True, slots=True)
class Referral:
    """A patient's case for the board."""

    title: str
    opening: str
    sections: tuple[Section, ...]

    @property
    def text(self) -> str:
        """The whole in plain text."""
        parts = [self.title, self.opening]
        parts += [
            "\n".join((section.title.upper(), *(f"- {line}" for line in section.said))) for section in self.sections
        ]
        return "\n\n".join((*parts, _CAUTION))


def referral(consultation: Consultation) -> Referral:
    """Write the case as a registrar refers it, the question first."""
    who = banner(consultation)
    number = f", record number {who.number}" if who.number else ""
    opening = f"{who.name}, {who.who}{number}: {_disease(consultation)}. {who.performance}."
    sections = (
        Section("Question to the board", _question(consultation)),
        Section("Due before the board meets, in order of urgency", _due(consultation), "Nothing."),
        Section("Primary and histology", (_sentence(who.cancer), *_histology(consultation))),
        Section("Stage", _stage(consultation)),
        Section(f"Sites of metastasis ({disease.lesion_number(consultation)})", _listed(disease.lesions(consultation))),
        Section("Performance status", (who.performance,) if NOT_ON_RECORD not in who.performance else ()),
        Section("Red flags", tuple(map(_flag, flags(consultation)))),
        Section(
            "Stability of bone",
            tuple(f"{form.title}: {form.written}" for form in score_forms(consultation) if form.concerned),
        ),
        Section("Treatment of the cancer so far", _listed(disease.treatments(consultation))),
        Section("Bone-modifying agents", tuple(_agent(agent) for agent in disease.bone_agents(consultation))),
        Section("Medicines", _listed(disease.medicines(consultation))),
        Section("Imaging", _listed(disease.imaging(consultation))),
        Section(
            "Blood",
            (
                *(f"{trend.title} {trend.newest} ({trend.day})" for trend in trends(consultation)),
                clearance(consultation),
            ),
        ),
        Section("Allergies", who.allergies),
        Section("Other problems", _other_problems(consultation)),
        Section("In the record and not understood", not_understood(consultation), "Nothing."),
    )
    return Referral(f"Referral to the tumour board, {consultation.moment:%Y-%m-%d}", opening, sections)


def document(consultation: Consultation, made: Referral) -> dict[str, Any]:
    """The referral as a FHIR document: a Bundle of Composition, patient and the software that wrote it, R4."""
    patient = patient_of(consultation) or {"resourceType": "Patient"}
    moment = consultation.moment.isoformat()
    seed = f"{consultation.request.context.patient}|{moment}|{consultation.knowledge.version}"
    composition, subject, author = (
        f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{seed}|{name}')}" for name in ("text", "who", "by")
    )
    sections = [
        {"title": section.title, "text": _narrative(_list(section.said))}
        | ({} if section.lines else {"emptyReason": {"coding": [_UNAVAILABLE]}})
        for section in made.sections
    ]
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid.uuid5(_NAMESPACE, seed)}"},
        "type": "document",
        "timestamp": moment,
        "entry": [
            {
                "fullUrl": composition,
                "resource": {
                    "resourceType": "Composition",
                    "status": "preliminary",
                    "type": {
                        "coding": [{"system": "http://loinc.org", "code": "57133-1", "display": "Referral note"}],
                        "text": "Referral to the tumour board",
                    },
                    "subject": {"reference": subject},
                    "date": moment,
                    "author": [{"reference": author}],
                    "title": made.title,
                    "text": _narrative(f"<p>{escape(made.opening)}</p><p>{_CAUTION}</p>"),
                    "section": sections,
                },
            },
            {"fullUrl": subject, "resource": patient},
            {
                "fullUrl": author,
                "resource": {
                    "resourceType": "Device",
                    "status": "active",
                    "deviceName": [{"name": "Decision support for metastatic disease", "type": "user-friendly-name"}],
                    "version": [{"value": consultation.knowledge.version}],
                },
            },
        ],
    }


_UNAVAILABLE = {
    "system": "http://terminology.hl7.org/CodeSystem/list-empty-reason",
    "code": "unavailable",
    "display": "Unavailable",
}


def _question(consultation: Consultation) -> tuple[str, ...]:
    """What a board is asked: the plan for this disease at this fitness."""
    named = _disease(consultation)
    asked = f"Local and systemic treatment of {named}, at {performance_of(consultation)}; please advise."
    if named == NO_CANCER:
        asked = "No cancer is on record: say here what the board is asked."
    urgent = [flag.title.lower() for flag in flags(consultation) if flag.answer == "yes"]
    return (asked, f"Urgent, and not waiting for the board: {', '.join(urgent)}.") if urgent else (asked,)


def _disease(consultation: Consultation) -> str:
    who = banner(consultation)
    spread = disease.spread(consultation)
    return f"{who.cancer}{', metastatic' if who.metastatic else ''}{f' to {spread}' if spread else ''}"


def _due(consultation: Consultation) -> tuple[str, ...]:
    """What the graver cards ask for before the board meets."""
    return tuple(shown.card.summary for shown in due(consultation) if shown.indicator != "info")


def _histology(consultation: Consultation) -> tuple[str, ...]:
    return _listed(disease.histology(consultation)) or (f"Histology {NOT_ON_RECORD}",)


def _stage(consultation: Consultation) -> tuple[str, ...]:
    newest: dict[str, Observation] = {}
    for concept in ("stage-group", "m-category"):
        for fact in consultation.case.observations.of(concept):
            newest.setdefault(concept, fact)
    return tuple(
        f"{plain_text(fact.text) or f'{plain_text(fact.label)}: {fact.value}'} ({fact.when.day if fact.when else 'no date'})"
        for fact in newest.values()
    )


def _other_problems(consultation: Consultation) -> tuple[str, ...]:
    """Active problems that are neither the cancer nor its spread."""
    cancers = {"any-malignancy", "metastasis-site-unspecified"}
    mine = {line.reference for line in disease.lesions(consultation)}
    others = [
        fact
        for fact in consultation.case.conditions
        if fact.state == "active" and fact.reference not in mine and cancers.isdisjoint(fact.concepts)
    ]
    return _listed(disease.line(fact) for fact in others)


def _flag(flag: Flag) -> str:
    """A red flag with what decided it, in one line."""
    facts = f" ({'; '.join(flag.facts)})" if flag.facts and flag.answer != "no" else ""
    return f"{flag.title}: {flag.answer}{facts}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _agent(agent: disease.BoneAgent) -> str:
    given = f"given {', '.join(agent.doses)}" if agent.doses else "no dose on record"
    return f"{agent.name}: {given}{f', next due {agent.due}' if agent.due else ''}"


def _listed(lines: Iterable[disease.Line]) -> tuple[str, ...]:
    return tuple(f"{line.says} ({line.day or 'no date'})" for line in lines)


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _narrative(html: str) -> dict[str, str]:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{html}</div>'}
