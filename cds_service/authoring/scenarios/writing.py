"""What every resource of a scenario is written with: the patient, the clock and the flavour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cds_service.authoring.scenarios import measures
from cds_service.authoring.scenarios.codings import CodingStyle, Json

_EMPTY: tuple[object, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Writing:
    """The pen in hand: empty words give ``None``, which :func:`pruned` leaves out."""

    style: CodingStyle
    as_of: datetime
    patient_id: str

    @property
    def subject(self) -> Json:
        return {"reference": f"Patient/{self.patient_id}"}

    def day(self, when: str) -> str | None:
        return measures.day(when, self.as_of) if when else None

    def instant(self, when: str) -> str | None:
        return measures.instant(when, self.as_of) if when else None

    def whole_instant(self, when: str) -> str | None:
        """An instant, which FHIR never writes without time and zone."""
        text = self.instant(when)
        return f"{text}T00:00:00Z" if text and len(text) == len("2026-03-02") else text

    def period(self, name: str, start: str | None, end: str | None) -> Json:
        """Write ``performedDateTime`` or, with an end, ``performedPeriod``."""
        return {f"{name}Period": {"start": start, "end": end}} if end else {f"{name}DateTime": start}

    def quantity(self, text: str) -> Json:
        return measures.quantity(text, coded=self.style.flavour != "text") if text else {}

    def reasons(self, names: Iterable[str]) -> list[Json]:
        return [self.style.words_or_concept(name, "condition") for name in names]


def pruned(resource: Json) -> Json:
    """Leave out what is empty: FHIR knows no nulls, empty texts, lists or objects."""
    kept = {name: _pruned(value) for name, value in resource.items()}
    return {name: value for name, value in kept.items() if value not in _EMPTY}


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return pruned(value)
    if isinstance(value, list):
        return [item for item in map(_pruned, value) if item not in _EMPTY]
    return value
