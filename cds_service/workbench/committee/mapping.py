"""The mapping doctor: codes that nothing understands, by frequency and red flag, each with the concepts that its name is like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cds_service.terminology.codings import CodeSystems
from cds_service.workbench.committee.editing import with_code_system, with_value

MOST = 200
"""Codes that the page lists, the most frequent first."""


class Unknown(msgspec.Struct, frozen=True):
    """One row of ``cds-service recognise --json``."""

    kind: str
    element: str
    system: str
    code: str
    text: str
    times: int
    patients: int
    blinds: tuple[str, ...] = ()
    like: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What a form sends back of it: system, code and name."""
        return f"{self.system}|{self.code}|{self.text or self.code}"


class _Report(msgspec.Struct):
    rows: list[Unknown]


def read_report(text: bytes) -> list[Unknown]:
    """Read the report, codings only; raises :class:`ValueError`."""
    try:
        rows = msgspec.json.decode(text, type=_Report).rows
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"this is no report of cds-service recognise --json: {error}") from None
    return [row for row in rows if row.kind == "coding" and row.code]


def accepted(text: str, chosen: Iterable[tuple[str, str]], systems: CodeSystems, who: str) -> str:
    """Put each chosen code below its value set into an overlay's text, with the code systems that nobody knew."""
    for key, value_set in chosen:
        uri, code, name = [*key.split("|", 2), "", ""][:3]
        system = systems.name(uri) if systems.knows(uri) else _slug(uri)
        if not systems.knows(uri):
            text = with_code_system(text, system, uri)
        text = with_value(text, f"value_sets.{value_set}", f"{system}|{code}|{name}", f"mapped by {who}")
    return text


@dataclass(frozen=True, slots=True)
class Dismissed:
    """Codes that somebody has looked at and that concern no card; a file that all workers see."""

    file: Path

    def keys(self) -> frozenset[str]:
        return frozenset(json.loads(self.file.read_text(encoding="utf-8"))) if self.file.is_file() else frozenset()

    def add(self, keys: Iterable[str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(sorted(self.keys() | set(keys)), indent=1), encoding="utf-8")


def _slug(uri: str) -> str:
    """A name for a code system that has none yet."""
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"^(https?://|urn:(oid:)?)", "", uri.lower())).strip("-")
    return words if words[:1].isalpha() else f"system-{words or 'without-name'}"
