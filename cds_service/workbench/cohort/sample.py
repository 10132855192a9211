"""Some patients of a cohort with all that their records hold, whether or not a card knows it."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cds_service.chart.identity import bare_id
from cds_service.workbench.cohort.layout import find_layout

Resources = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sampled:
    """One patient's Bundle, or one recorded hook request, as it was written."""

    document: bytes
    resources: Resources


def sample(cohort: Path, most: int) -> Iterator[Sampled]:
    """The first patients of a cohort, in the order of its files; of a bulk export the resources of each are put together.

    Raises :class:`CohortError` for a cohort that is none. A line that is no JSON is passed over.
    """
    layout = find_layout(cohort)
    documents = _exported((*layout.ndjson, *layout.medications), most) if layout.ndjson else _whole(layout.files)
    for count, document in enumerate(documents):
        if count == most:
            return
        yield document


def _whole(paths: Iterable[Path]) -> Iterator[Sampled]:
    for path in paths:
        for line in [_read(path)] if path.name.removesuffix(".gz").endswith(".json") else _lines(path):
            read = _decoded(line)
            if isinstance(read, dict):
                yield Sampled(line, list(_resources(read)))


def _exported(paths: tuple[Path, ...], most: int) -> Iterator[Sampled]:
    """Resources by patient; Medications are laid beside everybody who refers to one."""
    patients = [path for path in paths if "Patient" in path.name]
    wanted: dict[str, Resources] = {}
    for resource in _of(patients):
        if resource.get("id") and len(wanted) < most:
            wanted[str(resource["id"])] = [resource]
    medications: dict[str, dict[str, Any]] = {}
    referred: defaultdict[str, set[str]] = defaultdict(set)
    for resource in _of(path for path in paths if path not in patients):
        if resource.get("resourceType") == "Medication":
            medications[str(resource.get("id"))] = resource
            continue
        owner = _reference(resource, "subject") or _reference(resource, "patient")
        if owner in wanted:
            wanted[owner].append(resource)
            referred[owner].add(_reference(resource, "medicationReference"))
    for owner, resources in wanted.items():
        resources += [medications[name] for name in sorted(referred[owner]) if name in medications]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
        yield Sampled(json.dumps(bundle).encode(), resources)


def _reference(resource: dict[str, Any], element: str) -> str:
    held = resource.get(element)
    reference = held.get("reference") if isinstance(held, dict) else None
    return bare_id(reference) if isinstance(reference, str) else ""


def _of(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        for line in _lines(path):
            read = _decoded(line)
            if isinstance(read, dict):
                yield read


def _resources(value: Any) -> Iterator[dict[str, Any]]:
    """Every resource of a document at whatever depth, Bundles aside."""
    if isinstance(value, list):
        for item in value:
            yield from _resources(item)
    elif isinstance(value, dict):
        if value.get("resourceType") not in {None, "Bundle"}:
            yield value
        for item in value.values():
            if isinstance(item, dict | list):
                yield from _resources(item)


def _decoded(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _read(path: Path) -> bytes:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        return file.read()


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        yield from (line for line in file if line.strip())
