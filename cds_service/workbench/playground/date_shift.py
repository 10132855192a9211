"""FHIR JSON moved in time and given names of its own: fixtures of a fixed day become patients of today."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

Json = dict[str, Any]

_DATED = re.compile(
    r".*(?:Date|DateTime|Time|On|Instant)|date|start|end|issued|started|recorded|authored|created|time|sent|received|"
    r"lastUpdated|whenHandedOver|whenPrepared|event"
)
"""Names of the members that hold dates; a code or a text that looks like a date is left alone."""
_WRITTEN = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[Tt](\d{2}:\d{2})(:\d{2})?(\.\d+)?([Zz]|[+-]\d{2}:\d{2})?)?)?)?"
)


@dataclass(frozen=True, slots=True)
class DateShift:
    """From one moment to another. Both are aware."""

    start: datetime
    target: datetime

    def moved(self, value: Any, name: str = "") -> Any:
        """Give the same JSON with every date moved; dates keep the precision and the zone that they were written in."""
        if isinstance(value, dict):
            return {member: self.moved(inner, member) for member, inner in value.items()}
        if isinstance(value, list):
            return [self.moved(inner, name) for inner in value]
        if isinstance(value, str) and _DATED.fullmatch(name):
            return self.text(value)
        return value

    def text(self, written: str) -> str:
        """Move one FHIR date, dateTime or instant; anything else comes back as it is."""
        found = _WRITTEN.fullmatch(written)
        if found is None:
            return written
        try:
            return self._instant(written, found) if found[4] else self._date(found)
        except (ValueError, OverflowError):  # the 31st of February, the year 9999: odd on purpose, and it stays so
            return written

    def _instant(self, written: str, found: re.Match[str]) -> str:
        zone = found[7] or ""
        moment = datetime.fromisoformat(written.upper() if zone in {"z", "Z", ""} else written)
        moment += self.target - self.start
        seconds = moment.strftime(":%S") if found[5] else ""
        return moment.strftime("%Y-%m-%dT%H:%M") + seconds + (found[6] or "") + zone

    def _date(self, found: re.Match[str]) -> str:
        if found[3]:
            days = (self.target.date() - self.start.date()).days
            return (date(int(found[1]), int(found[2]), int(found[3])) + timedelta(days=days)).isoformat()
        if found[2]:
            months = int(found[1]) * 12 + int(found[2]) - 1 + self._months()
            return f"{months // 12:04}-{months % 12 + 1:02}"
        return f"{int(found[1]) + self.target.year - self.start.year:04}"

    def _months(self) -> int:
        return (self.target.year - self.start.year) * 12 + self.target.month - self.start.month


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Give the same JSON in which every reference that ``names`` holds (``Type/id`` to ``Type/id``) is written anew."""
    if isinstance(value, dict):
        return {
            member: names.get(inner, inner)
            if member == "reference" and isinstance(inner, str)
            else renamed(inner, names)
            for member, inner in value.items()
        }
    if isinstance(value, list):
        return [renamed(inner, names) for inner in value]
    return value


def own_names(resources: list[Json], owner: str) -> dict[str, str]:
    """Say how the resources of one patient are called where many patients live: ``Condition/<owner>.condition-1``."""
    names = {}
    for resource in resources:
        kind, identifier = resource.get("resourceType"), resource.get("id")
        if kind != "Patient" and isinstance(identifier, str):
            names[f"{kind}/{identifier}"] = f"{kind}/{f'{owner}.{identifier}'[:64]}"
    return names
