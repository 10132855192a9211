"""``cards/override_reasons.yaml``: why a card was not followed, and the sets of reasons that often stand together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.knowledge.card_file import OverrideReasonEntry, OverrideReasonsFile
from cds_service.knowledge.cards import OVERRIDE_REASON_SYSTEM, OverrideReason
from cds_service.knowledge.reading import read_part
from cds_service.knowledge.yaml_source import Document, Path


@dataclass(frozen=True, slots=True)
class OverrideReasons:
    """Reasons by name, and presets: several reasons under one name."""

    reasons: Mapping[str, OverrideReason] = field(default_factory=dict)
    presets: Mapping[str, tuple[OverrideReason, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All that a card may write."""
        return (*self.presets, *self.reasons)

    def named(self, name: str) -> tuple[OverrideReason, ...]:
        """The one reason of this name, or the reasons of a preset; none when there is neither."""
        return (self.reasons[name],) if name in self.reasons else self.presets.get(name, ())


def read_override_reasons(document: Document) -> OverrideReasons:
    """Read the file; mistakes are noted."""
    file = read_part(OverrideReasonsFile, document)
    if file is None:
        return OverrideReasons()
    reasons = _reasons(document, file)
    presets = {}
    for name, members in file.presets.items():
        path: Path = ("presets", name)
        if name in reasons:
            document.refuse(path, f"{name!r} is the name of a reason", of_key=True)
        for place, member in enumerate(members):
            if member not in reasons:
                document.refuse((*path, place), f"{member!r} is not a reason", tuple(reasons), found=member)
        presets[name] = tuple(reasons[member] for member in members if member in reasons)
    return OverrideReasons(reasons, presets)


def _reasons(document: Document, file: OverrideReasonsFile) -> dict[str, OverrideReason]:
    found: dict[str, OverrideReason] = {}
    for place, written in enumerate(file.reasons):
        path: Path = ("reasons", place)
        entry = read_part(OverrideReasonEntry, document, path)
        if entry is None:
            _keep_name(written, found)
            continue
        if entry.name in found:
            document.refuse((*path, "name"), f"{entry.name!r} stands twice")
        if entry.system and not entry.code:
            document.refuse((*path, "system"), "a system without a code says nothing", of_key=True)
        system = entry.system or OVERRIDE_REASON_SYSTEM
        found[entry.name] = OverrideReason(entry.name, entry.code or entry.name, system, entry.display)
    return found


def _keep_name(written: Mapping[str, Any], found: dict[str, OverrideReason]) -> None:
    """Remember the name of a reason that could not be read, so that the cards that use it are not blamed."""
    name = written.get("name")
    if isinstance(name, str):
        found[name] = OverrideReason(name, name, OVERRIDE_REASON_SYSTEM, name)
