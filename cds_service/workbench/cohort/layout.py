"""What lies in a cohort's folder: bulk-export NDJSON, one file for each resource type, or files of patients and requests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cds_service.chart.needs import NEEDS
from cds_service.simulation.relevant_lines import TYPES

PIECE = 48 * 1024 * 1024
"""Bytes that one worker reads at a time; the memory of a run is a few of these for each worker."""
FILES_AT_ONCE = 200
_NDJSON = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")
_JSON = (".json", ".json.gz")


class CohortError(ValueError):
    """A cohort that cannot be read, or not as it was asked for."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of one NDJSON file: from ``start`` to ``end``, whole lines; a compressed file is one piece."""

    number: int
    path: str
    start: int
    end: int

    @property
    def compressed(self) -> bool:
        return self.path.endswith(".gz")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some files of one patient or one request each."""

    number: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A cohort's files, and into how many shards its patients are dealt."""

    ndjson: tuple[Path, ...]
    files: tuple[Path, ...]
    medications: tuple[Path, ...]
    """Files of Medication resources, which belong to no patient."""
    size: int
    """Bytes on disk; compressed ones count ten times."""

    @property
    def shards(self) -> int:
        return min(512, max(8, -(-self.size // PIECE)))

    @property
    def exported(self) -> tuple[str, ...]:
        """Needs of which the cohort holds a file; of the others nothing is known."""
        if not self.ndjson:
            return tuple(NEEDS)
        kinds = {resource_type(path) for path in self.ndjson}
        return tuple(need for need, types in NEEDS.items() if not types.isdisjoint(kinds))

    def tasks(self) -> Iterator[Piece | Batch]:
        """The pieces of work, in an order that depends on the files only."""
        number = 0
        for path in self.ndjson:
            size = path.stat().st_size
            step = size if path.suffix == ".gz" else PIECE
            for start in range(0, size, max(step, 1)):
                yield Piece(number, str(path), start, min(start + step, size))
                number += 1
        several = [path for path in self.files if path.name.endswith(_NDJSON)]
        for path in several:
            yield Batch(number, (str(path),))
            number += 1
        single = [path for path in self.files if not path.name.endswith(_NDJSON)]
        for first in range(0, len(single), FILES_AT_ONCE):
            yield Batch(number, tuple(map(str, single[first : first + FILES_AT_ONCE])))
            number += 1

    def fingerprint(self) -> str:
        """Changes with any file's name, size or time of change."""
        lines = [
            f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}"
            for path in (*self.ndjson, *self.files, *self.medications)
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def find_layout(cohort: Path) -> Layout:
    """Look what a cohort consists of; raises :class:`CohortError` that says what was looked for."""
    if not cohort.exists():
        raise CohortError(f"{cohort}: there is no such file or folder")
    paths = sorted(path for path in (cohort.rglob("*") if cohort.is_dir() else [cohort]) if path.is_file())
    lines = [path for path in paths if path.name.endswith(_NDJSON)]
    ndjson = tuple(path for path in lines if resource_type(path) in TYPES)
    medications = tuple(path for path in lines if resource_type(path) == "Medication")
    whole = [path for path in paths if path.name.endswith((*_JSON, *_NDJSON)) and path not in medications]
    files = tuple(whole) if not ndjson else ()
    if not ndjson and not files:
        raise CohortError(
            f"{cohort}: nothing to read; a cohort is a folder of NDJSON files named for their resource type "
            "(Patient.ndjson, Observation.000.ndjson.gz), or of JSON files, each a patient's Bundle or a hook request, "
            "or of NDJSON files of other names with one of these a line"
        )
    if ndjson and not any(resource_type(path) == "Patient" for path in ndjson):
        raise CohortError(f"{cohort}: there is no Patient.ndjson; birth dates and sex stand there")
    size = sum(path.stat().st_size * (10 if path.suffix == ".gz" else 1) for path in (*ndjson, *files))
    return Layout(ndjson, files, medications, size)


def resource_type(path: Path) -> str:
    """The type that a bulk export's file is named for: ``Observation.000.ndjson.gz``, ``1.Observation-2.ndjson``."""
    words = path.name.replace("-", ".").replace("_", ".").split(".")
    return next((word for word in words if word in TYPES or word == "Medication"), "")
