"""Who the patient is: as the record names him or her, and what every reader asks first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.chart.case import Case
from cds_service.engine.phrases import Phrases, plain_text
from cds_service.findings.cancer import cancer_name, metastases
from cds_service.findings.patient_state import PerformanceLimit, performance_status
from cds_service.service.consultation import Consultation
from cds_service.terminology.said import said

_SEX = {
    "female": said("woman"),
    "male": said("man"),
    "other": said("sex recorded as other"),
    "unknown": said("sex not on record"),
}


@dataclass(frozen=True, slots=True)
class Banner:
    """The patient on one line or two. What is not on record says so."""

    name: str
    who: str
    """Such as ``woman, 64 years, born 1962-03-02``."""
    number: str
    """Medical record number."""
    deceased: bool
    cancer: str
    """Empty when none is on record."""
    metastatic: bool
    performance: str
    """Empty when no grade is on record."""
    allergies: tuple[str, ...]


def banner(consultation: Consultation) -> Banner:
    """Say who the patient of a fresh read is."""
    case, patient, phrases = consultation.case, patient_of(consultation), consultation.phrases
    number = consultation.request.context.patient
    return Banner(
        name=_name(patient.get("name")) or phrases.say("Patient {number}", number=number),
        who=", ".join(_who(case, phrases)),
        number=_number(patient.get("identifier")),
        deceased=bool(case.patient and case.patient.deceased),
        cancer=plain_text(phrases.word(cancer_name(case))),
        metastatic=bool(metastases(case)),
        performance=performance_of(consultation),
        allergies=tuple(dict.fromkeys(plain_text(fact.label) for fact in case.allergies if fact.label)),
    )


def _who(case: Case, phrases: Phrases) -> Iterator[str]:
    yield phrases.word(_SEX[case.sex])
    if case.age is not None:
        yield phrases.language.count("{count} year", "{count} years", case.age)
    if case.patient and case.patient.birth:
        yield phrases.say("born {date}", date=phrases.day(case.patient.birth))


def performance_of(consultation: Consultation) -> str:
    """The ECOG grade with its day; empty when there is none."""
    limit = consultation.knowledge.cards["orthopaedic-assessment"].bound["unfit"]
    assert isinstance(limit, PerformanceLimit)
    status = performance_status(consultation.case, limit)
    if not status:
        return ""
    phrases = consultation.phrases
    return f"ECOG {status.ecog} ({phrases.day(status.facts[0].when) or phrases.say('no date')})"


def patient_of(consultation: Consultation) -> dict[str, Any]:
    """The patient's resource as it was read; empty when it did not come. The chart has no use for a name."""
    raw = consultation.prefetch.get("patient")
    if not isinstance(raw, Raw):
        return {}
    found = msgspec.json.decode(raw)
    return found if isinstance(found, dict) and found.get("resourceType") == "Patient" else {}


def _name(names: object) -> str:
    """The name in use: official, then usual, then any that is not old."""
    given = [name for name in names if isinstance(name, dict)] if isinstance(names, list) else []
    rank = {"official": 0, "usual": 1, "old": 9, "maiden": 8}
    for name in sorted(given, key=lambda name: rank.get(str(name.get("use")), 2)):
        parts = (*_texts(name.get("prefix")), *_texts(name.get("given")), *_texts([name.get("family")]))
        written = plain_text(str(name.get("text") or " ".join(parts)))
        if written:
            return written
    return ""


def _number(identifiers: object) -> str:
    """The medical record number (HL7 v2-0203 ``MR``)."""
    for each in identifiers if isinstance(identifiers, list) else ():
        kind = each.get("type") if isinstance(each, dict) else None
        codings = kind.get("coding") if isinstance(kind, dict) else None
        if any(isinstance(one, dict) and one.get("code") == "MR" for one in codings or ()):
            return plain_text(str(each.get("value") or ""))
    return ""


def _texts(values: object) -> Iterable[str]:
    return [str(value) for value in values if isinstance(value, str)] if isinstance(values, list) else []
