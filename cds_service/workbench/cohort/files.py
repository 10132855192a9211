"""Patients' Bundles and recorded hook requests, a file each or a line each, as records."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Raw

from cds_service.chart.wire import Bundle, Patient, Prefetch
from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.request import Envelope, RequestError, RequestReader
from cds_service.service.advisor import circumstances_of
from cds_service.service.handler import moment_of_request
from cds_service.service.request_files import hook_request
from cds_service.simulation.records import AFTER_ALL, Record, lean, record_of_patient

_BUNDLE = msgspec.json.Decoder(Bundle)
_READER = RequestReader(Envelope[Prefetch])


class _Kind(msgspec.Struct, rename="camel"):
    resource_type: str = ""
    hook: Raw = Raw(b"")


_KIND = msgspec.json.Decoder(_Kind)


def read_files(paths: Iterable[str]) -> Iterator[tuple[Record | None, int]]:
    """Give each document's record and size; ``None`` for one that is neither a patient nor a request."""
    for path in paths:
        for document in _documents(path):
            try:
                kind = _KIND.decode(document)
                record = _request(document) if kind.hook else _bundle(document)
            except (msgspec.DecodeError, RecursionError, RequestError):
                record = None
            yield record, len(document)


def _documents(path: str) -> Iterator[bytes]:
    """A JSON file whole, an NDJSON file line by line."""
    with gzip.open(path, "rb") if path.endswith(".gz") else Path(path).open("rb") as file:
        if path.removesuffix(".gz").endswith(".json"):
            yield file.read()
        else:
            yield from (line for line in file if line.strip())


def _request(document: bytes, *, recorded: bool = True) -> Record:
    request = _READER.read(document, CONTEXTS)
    return Record(
        circumstances=circumstances_of(request, AFTER_ALL),
        prefetch=lean(request.prefetch),
        asked_at=moment_of_request(request),
        hook_instance=request.hook_instance if recorded else "",
    )


def _bundle(document: bytes) -> Record:
    try:
        entries = _BUNDLE.decode(document).entry or []
    except msgspec.DecodeError:
        return _request(
            hook_request(document), recorded=False
        )  # resource by resource: an odd one does not affect the others
    patients = [entry.resource for entry in entries if isinstance(entry.resource, Patient)]
    if len(patients) != 1 or not patients[0].id:
        raise RequestError(f"The Bundle holds {len(patients)} Patient resources; one is needed")
    return record_of_patient(patients[0].id, entries)
