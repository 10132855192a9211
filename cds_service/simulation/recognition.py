"""What of a cohort's records nothing understands: codings, answers, units, dates and references, and the red flags they blind.

A row says how often and in how many patients, never whose. Words are shown only where several patients have the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Raw

from cds_service.chart.case import Case
from cds_service.chart.gaps import Gap, Problem
from cds_service.chart.meanings import Meaning, Meanings
from cds_service.chart.needs import NEED_OF_TYPE
from cds_service.engine.evaluate import evaluate, is_flag
from cds_service.knowledge.cards import CardDefinition
from cds_service.outcomes import CannotTell

Kind = Literal["coding", "answer", "unit", "date", "reference", "value", "other"]
ENOUGH = 3
"""Patients from which on words that are no code are shown."""
_CODED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Condition": (("code", "Condition"),),
    "Observation": (("code", "Observation"), ("component.code", "Observation")),
    "DiagnosticReport": (("code", "DiagnosticReport"), ("conclusionCode", "Condition")),
    "ImagingStudy": (("procedureCode", "ImagingStudy"),),
    "Procedure": (("code", "Procedure"),),
    "MedicationRequest": (("medicationCodeableConcept", "MedicationRequest"),),
    "MedicationAdministration": (("medicationCodeableConcept", "MedicationAdministration"),),
    "MedicationStatement": (("medicationCodeableConcept", "MedicationStatement"),),
    "MedicationDispense": (("medicationCodeableConcept", "MedicationDispense"),),
    "Medication": (("code", "MedicationRequest"),),
    "ServiceRequest": (("code", "ServiceRequest"),),
    "AllergyIntolerance": (("code", "AllergyIntolerance"),),
    "Device": (("type", "Device"),),
}
"""The elements that say what a resource is about, and the vocabulary that their words are searched with."""
_KINDS: Mapping[Problem, Kind] = {
    "not-understood": "answer",
    "no-value": "answer",
    "no-conclusion": "answer",
    "no-unit": "unit",
    "undated": "date",
    "vague-date": "date",
    "future": "date",
    "unresolved-reference": "reference",
    "implausible": "value",
    "unreadable": "value",
}


class Unrecognised(NamedTuple):
    """Something that is not understood, the same wherever it stands."""

    kind: Kind
    element: str
    """Such as ``Observation.code``; of what a reader could not use, its problem and what it concerns."""
    system: str = ""
    code: str = ""
    text: str = ""


@dataclass(slots=True)
class _Count:
    times: int = 0
    patients: set[int] = field(default_factory=set)
    blinds: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    kind: Kind
    element: str
    system: str
    code: str
    text: str
    times: int
    patients: int
    blinds: tuple[str, ...]
    """Topics of red flags that could not be assessed for it; of a coding those that read this kind of resource."""


class Meter:
    """Counts over a cohort, one patient after the other."""

    def __init__(self, meanings: Meanings, cards: Collection[CardDefinition]) -> None:
        self._meanings = meanings
        self._cards = cards
        self._counts: defaultdict[Unrecognised, _Count] = defaultdict(_Count)
        self.patients = 0
        self.concepts = 0
        """CodeableConcepts looked at; the rows of kind ``coding`` are those of them that nothing understood."""

    def take(self, resources: Iterable[Mapping[str, Any]], case: Case) -> None:
        """Count one patient: the codings of the resources, and what the readers could not use."""
        self.patients += 1
        for resource in resources:
            kind = str(resource.get("resourceType"))
            for element, vocabulary in _CODED.get(kind, ()):
                for concept in elements_at(resource, element.split(".")):
                    self._concept(kind, element, vocabulary, concept)
        verdicts = evaluate(case, self._cards)
        blind = {verdict.card.topic: verdict.outcome for verdict in verdicts if is_flag(verdict.card, case.hook)}
        for gap in dict.fromkeys(case.gaps):
            topics = [topic for topic, said in blind.items() if isinstance(said, CannotTell) and gap in said.gaps]
            self._add(self._of_gap(gap), topics)

    def rows(self) -> list[Row]:
        """Everything counted, what blinds a red flag and what is frequent first; rare words without themselves."""
        counted: defaultdict[Unrecognised, _Count] = defaultdict(_Count)
        for what, count in self._counts.items():
            shown = what if what.code or len(count.patients) >= ENOUGH else what._replace(text="")
            merged = counted[shown]
            merged.times += count.times
            merged.patients |= count.patients
            merged.blinds |= count.blinds
        rows = [Row(*what, one.times, len(one.patients), tuple(sorted(one.blinds))) for what, one in counted.items()]
        return sorted(rows, key=lambda row: (row.kind == "coding", -row.times, row.element, row.system, row.code))

    def _concept(self, kind: str, element: str, vocabulary: str, concept: Any) -> None:
        self.concepts += 1
        meaning = self._meanings.of(vocabulary, Raw(msgspec.json.encode(concept)))
        if _understood(meaning):
            return
        need = NEED_OF_TYPE.get(kind, "")
        readers = (card.topic for card in self._cards if card.red_flag and need in card.needs)
        self._add(_named(f"{kind}.{element}", concept), readers)

    def _add(self, what: Unrecognised, topics: Iterable[str]) -> None:
        count = self._counts[what]
        count.times += 1
        count.patients.add(self.patients)
        count.blinds.update(topics)

    def _of_gap(self, gap: Gap) -> Unrecognised:
        named = self._meanings.codebook.narrowed(gap.concepts)
        about = ", ".join(named[:3]) or gap.need
        text = gap.written
        if gap.problem == "no-unit":
            text = _NUMBER.sub("", text).strip() or "without a unit"
        elif _KINDS.get(gap.problem) in {"date", "reference", "value"}:
            text = ""  # a date or a reference is the patient's own
        return Unrecognised(_KINDS.get(gap.problem, "other"), f"{gap.problem}: {about}", text=text)


def elements_at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """All that stands at a path of element names, such as ``("component", "code")``, in each item of every list on it."""
    if isinstance(value, list):
        for item in value:
            yield from elements_at(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from elements_at(value[path[0]], path[1:])


def _understood(meaning: Meaning) -> bool:
    return bool(meaning.concepts or meaning.denied)


def _named(element: str, concept: Any) -> Unrecognised:
    """A concept by its first coding; without one by its words."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    text = str(concept.get("text") or "") if isinstance(concept, dict) else ""
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict) and coding.get("code"):
            shown = str(coding.get("display") or "")
            return Unrecognised("coding", element, str(coding.get("system") or ""), str(coding["code"]), shown)
    return Unrecognised("coding", element, text=text[:_LONGEST])


_LONGEST = 60
_NUMBER = re.compile(r"[<>=]*\s*[\d.,]+")
