"""Who the patient is: as the record names him or her, and what every reader asks first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.engine.phrases import plain_text
from cds_service.findings.cancer import metastases
from cds_service.findings.naming import cancer_name
from cds_service.findings.performance_status import PerformanceLimit, performance_status
from cds_service.service.consultation import Consultation

NOT_ON_RECORD = "not on record"
NO_CANCER = f"cancer {NOT_ON_RECORD}"
_SEX = {"female": "woman", "male": "man", "other": "sex recorded as other", "unknown": "sex not on record"}


@dataclass(frozen=True, slots=True)
class Banner:
    """The patient on one line or two. What is not on record says so."""

    name: str
    birth: str
    age: str
    sex: str
    number: str
    """Medical record number."""
    deceased: bool
    cancer: str
    metastatic: bool
    performance: str
    allergies: tuple[str, ...]

    @property
    def who(self) -> str:
        """Such as ``woman, 64 years, born 1962-03-02``."""
        return ", ".join(part for part in (self.sex, self.age, f"born {self.birth}" if self.birth else "") if part)


def banner(consultation: Consultation) -> Banner:
    """Say who the patient of a fresh read is."""
    case, patient = consultation.case, patient_of(consultation)
    return Banner(
        name=_name(patient.get("name")) or f"Patient {consultation.request.context.patient}",
        birth=case.patient.birth.day if case.patient and case.patient.birth else "",
        age=f"{case.age} years" if case.age is not None else "",
        sex=_SEX[case.sex],
        number=_number(patient.get("identifier")),
        deceased=bool(case.patient and case.patient.deceased),
        cancer=plain_text(cancer_name(case)) or NO_CANCER,
        metastatic=bool(metastases(case)),
        performance=performance_of(consultation),
        allergies=tuple(dict.fromkeys(plain_text(fact.label) for fact in case.allergies if fact.label)),
    )


def performance_of(consultation: Consultation) -> str:
    """The ECOG grade with its day, or that there is none."""
    limit = consultation.knowledge.cards["orthopaedic-assessment"].bound["unfit"]
    assert isinstance(limit, PerformanceLimit)
    status = performance_status(consultation.case, limit.reading)
    if status is None:
        return f"ECOG {NOT_ON_RECORD}"
    return f"ECOG {status.ecog} ({status.fact.when.day if status.fact.when else 'undated'})"


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
