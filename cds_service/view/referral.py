"""The summary for the tumour board: a referral in words, and the same as a FHIR document, from the facts of the view."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from markupsafe import escape

from cds_service.chart.facts import Observation
from cds_service.engine.phrases import Phrases, plain_text
from cds_service.engine.short_names import capitalised
from cds_service.service.consultation import Consultation
from cds_service.terminology.dates import Moment
from cds_service.terminology.said import said
from cds_service.view import disease
from cds_service.view.advice import Flag, due, flags, not_understood
from cds_service.view.banner import banner, patient_of, performance_of
from cds_service.view.stability import score_forms
from cds_service.view.trends import clearance, trends

_NAMESPACE = uuid.UUID("7d0b7f6f-0f0c-5f43-9d6d-3c0f8b6f7a11")
CAUTION = said("Made by decision support from the record, to be read and corrected before it is sent.")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its lines; without a line it says that nothing is on record."""

    title: str
    lines: tuple[str, ...]
    nothing: str

    @property
    def said(self) -> tuple[str, ...]:
        return self.lines or (self.nothing,)


@dataclass(frozen=True, slots=True)
class Referral:
    """A patient's case for the board."""

    title: str
    opening: str
    sections: tuple[Section, ...]
    caution: str
    language: str

    @property
    def text(self) -> str:
        """The whole in plain text."""
        parts = [self.title, self.opening]
        parts += [
            "\n".join((section.title.upper(), *(f"- {line}" for line in section.said))) for section in self.sections
        ]
        return "\n\n".join((*parts, self.caution))


def referral(consultation: Consultation) -> Referral:
    """Write the case as a registrar refers it, the question first."""
    who, phrases = banner(consultation), consultation.phrases
    say, missing, no = phrases.say, phrases.say("Not on record."), phrases.say("Nothing.")
    lesions = say("Sites of metastasis ({number})", number=disease.lesion_number(consultation))
    scores = tuple(f"{form.title}: {form.written}" for form in score_forms(consultation) if form.concerned)
    listed = partial(_listed, phrases)
    sections = (
        Section(say("Question to the board"), _question(consultation), missing),
        Section(say("Due before the board meets, in order of urgency"), _due(consultation), no),
        Section(say("Primary and histology"), _primary(consultation), missing),
        Section(say("Stage"), _stage(consultation), missing),
        Section(lesions, listed(disease.lesions(consultation)), missing),
        Section(say("Performance status"), (who.performance,) if who.performance else (), missing),
        Section(say("Red flags"), tuple(map(_flag, flags(consultation))), missing),
        Section(say("Stability of bone"), scores, missing),
        Section(say("Treatment of the cancer so far"), listed(disease.treatments(consultation)), missing),
        Section(say("Bone-modifying agents"), _agents(consultation), missing),
        Section(say("Medicines"), listed(disease.medicines(consultation)), missing),
        Section(say("Imaging"), listed(disease.imaging(consultation)), missing),
        Section(say("Blood"), _blood(consultation), missing),
        Section(say("Allergies"), who.allergies, missing),
        Section(say("Other problems"), _other_problems(consultation), missing),
        Section(say("In the record and not understood"), not_understood(consultation), no),
    )
    title = say("Referral to the tumour board, {date}", date=phrases.language.date(consultation.moment, "figures"))
    return Referral(title, _opening(consultation), sections, phrases.word(CAUTION), phrases.language.tag)


def document(consultation: Consultation, made: Referral) -> dict[str, Any]:
    """The referral as a FHIR document: a Bundle of Composition, patient and the software that wrote it, R4."""
    say = consultation.phrases.say
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
                    "language": made.language,
                    "status": "preliminary",
                    "type": {
                        "coding": [{"system": "http://loinc.org", "code": "57133-1", "display": "Referral note"}],
                        "text": say("Referral to the tumour board"),
                    },
                    "subject": {"reference": subject},
                    "date": moment,
                    "author": [{"reference": author}],
                    "title": made.title,
                    "text": _narrative(f"<p>{escape(made.opening)}</p><p>{escape(made.caution)}</p>"),
                    "section": sections,
                },
            },
            {"fullUrl": subject, "resource": patient},
            {
                "fullUrl": author,
                "resource": {
                    "resourceType": "Device",
                    "status": "active",
                    "deviceName": [
                        {"name": say("Decision support for metastatic disease"), "type": "user-friendly-name"}
                    ],
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


def _opening(consultation: Consultation) -> str:
    who, say = banner(consultation), consultation.phrases.say
    number = say("record number {number}", number=who.number) if who.number else ""
    named = ", ".join(part for part in (who.name, who.who, number) if part)
    fitness = who.performance or say("ECOG not on record")
    return f"{named}: {_disease(consultation) or say('cancer not on record')}. {fitness}."


def _question(consultation: Consultation) -> tuple[str, ...]:
    """What a board is asked: the plan for this disease at this fitness."""
    say, named = consultation.phrases.say, _disease(consultation)
    fitness = performance_of(consultation) or say("ECOG not on record")
    asked = say(
        "Local and systemic treatment of {disease}, at {fitness}; please advise.", disease=named, fitness=fitness
    )
    if not named:
        asked = say("No cancer is on record: say here what the board is asked.")
    urgent = ", ".join(flag.called for flag in flags(consultation) if flag.answer == "yes")
    return (asked, say("Urgent, and not waiting for the board: {flags}.", flags=urgent)) if urgent else (asked,)


def _disease(consultation: Consultation) -> str:
    """Such as ``breast cancer, metastatic to bone and lung``; empty where no cancer is on record."""
    who, say, sites = banner(consultation), consultation.phrases.say, disease.spread(consultation)
    if not who.metastatic:
        return who.cancer
    if not sites:
        return say("{cancer}, metastatic", cancer=who.cancer)
    return say("{cancer}, metastatic to {sites}", cancer=who.cancer, sites=sites)


def _due(consultation: Consultation) -> tuple[str, ...]:
    """What the graver cards ask for before the board meets."""
    return tuple(shown.card.summary for shown in due(consultation) if shown.indicator != "info")


def _primary(consultation: Consultation) -> tuple[str, ...]:
    phrases = consultation.phrases
    cancer = banner(consultation).cancer or phrases.say("cancer not on record")
    tissue = _listed(phrases, disease.histology(consultation)) or (phrases.say("Histology not on record"),)
    return (capitalised(cancer), *tissue)


def _stage(consultation: Consultation) -> tuple[str, ...]:
    newest: dict[str, Observation] = {}
    for concept in ("stage-group", "m-category"):
        for fact in consultation.case.observations.of(concept):
            newest.setdefault(concept, fact)
    phrases = consultation.phrases
    return tuple(
        f"{plain_text(fact.text) or f'{plain_text(fact.label)}: {fact.value}'} ({_day(fact.when, phrases)})"
        for fact in newest.values()
    )


def _blood(consultation: Consultation) -> tuple[str, ...]:
    results = (f"{trend.title} {trend.newest} ({trend.day})" for trend in trends(consultation))
    return (*results, clearance(consultation))


def _other_problems(consultation: Consultation) -> tuple[str, ...]:
    """Active problems that are neither the cancer nor its spread."""
    cancers = {"any-malignancy", "metastasis-site-unspecified"}
    mine = {line.reference for line in disease.lesions(consultation)}
    others = [
        fact
        for fact in consultation.case.conditions
        if fact.state == "active" and fact.reference not in mine and cancers.isdisjoint(fact.concepts)
    ]
    return _listed(consultation.phrases, (disease.line(consultation, fact) for fact in others))


def _flag(flag: Flag) -> str:
    """A red flag with what decided it, in one line."""
    facts = f" ({'; '.join(flag.facts)})" if flag.facts and flag.answer != "no" else ""
    return f"{flag.title}: {flag.answered}{facts}"


def _agents(consultation: Consultation) -> tuple[str, ...]:
    return tuple(_agent(agent, consultation.phrases) for agent in disease.bone_agents(consultation))


def _agent(agent: disease.BoneAgent, phrases: Phrases) -> str:
    given = (
        phrases.say("given {days}", days=", ".join(agent.doses)) if agent.doses else phrases.say("no dose on record")
    )
    due = phrases.say("{given}, next due {date}", given=given, date=agent.due) if agent.due else given
    return f"{agent.name}: {due}"


def _listed(phrases: Phrases, lines: Iterable[disease.Line]) -> tuple[str, ...]:
    return tuple(f"{line.says} ({line.day or phrases.say('no date')})" for line in lines)


def _day(when: Moment | None, phrases: Phrases) -> str:
    return phrases.day(when) or phrases.say("no date")


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _narrative(html: str) -> dict[str, str]:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{html}</div>'}
