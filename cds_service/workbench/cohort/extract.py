"""From a cohort's files to shards of records: lines are dealt out by patient first, then each shard is read whole.

Memory holds one piece and one shard for each worker, however large the cohort. What is spilled on the way is deleted.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import msgspec

from cds_service.chart.identity import bare_id
from cds_service.chart.wire import (
    AllergyIntolerance,
    AnyResource,
    Device,
    Entry,
    Medicine,
    Patient,
    Resource,
)
from cds_service.simulation.records import Record, decode_record, encode_record, record_of_patient
from cds_service.simulation.relevant_lines import LineFilter, medicine_nodes
from cds_service.simulation.time_travel import Chart, meanings_of
from cds_service.terminology.value_sets import Codebook
from cds_service.workbench.cohort.files import read_files
from cds_service.workbench.cohort.layout import Batch, Piece

CHUNK = 256 * 1024
"""Bytes that are decoded at once: they stay in the processor's cache."""
_FULL = 64 * 1024 * 1024
_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Extraction:
    """What every worker of an extraction knows."""

    folder: str
    codebooks: tuple[Codebook, ...]
    """Of all that are going to ask."""
    shards: int
    exported: tuple[str, ...]
    medicines: Mapping[str, bytes]
    """Lines of the Medication resources that mean something, by id."""


@dataclass(frozen=True, slots=True)
class Dealt:
    """What became of a piece."""

    bytes: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Built:
    """A finished shard."""

    shard: int
    records: int
    unreadable: int


_NODES: msgspec.json.Decoder[Resource] = msgspec.json.Decoder(AnyResource)


def read_medicines(paths: Iterable[Path], codebooks: Iterable[Codebook]) -> dict[str, bytes]:
    """Read the Medication files; medicines that no card knows are left out."""
    found: dict[str, bytes] = {}
    meanings = [meanings_of(codebook) for codebook in codebooks]
    for path in paths:
        for chunk in chunks(str(path), 0, path.stat().st_size):
            for node in medicine_nodes(chunk.splitlines(), meanings):
                found[node.id or ""] = b'{"resourceType":"Medication","id":%s,"code":%s}' % (
                    msgspec.json.encode(node.id),
                    bytes(node.code),
                )
    return found


def deal(extraction: Extraction, task: Piece | Batch) -> Dealt:
    """Read a piece of the cohort and append what matters to the shards' spill files."""
    spill = _Spill(extraction, task.number)
    if isinstance(task, Batch):
        read, unreadable = 0, 0
        for record, size in read_files(task.paths):
            read += size
            if record is None:
                unreadable += 1
            else:
                spill.put(record.patient_id, encode_record(record), "records")
        spill.flush()
        return Dealt(read, unreadable)
    meanings = [meanings_of(codebook) for codebook in extraction.codebooks]
    line_filter = LineFilter(meanings, frozenset(extraction.medicines))
    for chunk in chunks(task.path, task.start, task.end):
        spill.put_lines(line_filter.relevant(chunk))
    spill.flush()
    return Dealt(task.end - task.start, line_filter.unreadable)


def build(extraction: Extraction, shard: int) -> Built:
    """Read a shard's spill files and write its records, in the order of patient ids."""
    folder = Path(extraction.folder)
    records: list[Record] = []
    lines, odd = _spilled(folder, shard, "lines"), _spilled(folder, shard, "odd")
    if lines or odd:
        records += _from_lines(lines, odd, extraction)
    records += [decode_record(data) for data in _framed(_spilled(folder, shard, "records"))]
    records.sort(key=lambda record: (record.patient_id, record.circumstances.hook, str(record.asked_at)))
    with (folder / f"records-{shard:04}.bin").open("wb") as file:
        for record in records:
            data = encode_record(record)
            file.write(len(data).to_bytes(_LENGTH, "big") + data)
    for path in folder.glob(f"spill-{shard:04}-*"):
        path.unlink()
    return Built(shard, len(records), sum(Chart(record, extraction.codebooks[0]).unreadable for record in records))


def read_shard(folder: str | Path, shard: int) -> Iterator[Record]:
    """Stream the records of a finished shard."""
    with (Path(folder) / f"records-{shard:04}.bin").open("rb") as file:
        while head := file.read(_LENGTH):
            yield decode_record(file.read(int.from_bytes(head, "big")))


def read_some(folder: str | Path, shard: int, positions: Iterable[int]) -> Iterator[Record]:
    """Give the records at these places of a shard, without decoding the others."""
    wanted = set(positions)
    for place, data in enumerate(_framed((Path(folder) / f"records-{shard:04}.bin").read_bytes())):
        if place in wanted:
            yield decode_record(data)


def chunks(path: str, start: int, end: int) -> Iterator[bytes]:
    """Read whole lines of a file from ``start`` on, up to and with the line in which ``end`` lies."""
    if path.endswith(".gz"):
        with gzip.open(path, "rb") as file:
            rest = b""
            while read := file.read(CHUNK):
                whole, newline, rest = (rest + read).rpartition(b"\n")
                if newline:
                    yield whole
            if rest:
                yield rest
        return
    with Path(path).open("rb") as plain:
        if start:
            plain.seek(start - 1)
            plain.readline()
        while (place := plain.tell()) < end:
            read = plain.read(min(CHUNK, end - place))
            if not read.endswith(b"\n"):
                read += plain.readline()
            yield read.removesuffix(b"\n")


class _Spill:
    """Lines by shard, in memory until there are too many."""

    def __init__(self, extraction: Extraction, number: int) -> None:
        self._folder, self._shards, self._number = Path(extraction.folder), extraction.shards, number
        self._parts: defaultdict[tuple[int, str], list[bytes]] = defaultdict(list)
        self._lines: list[list[bytes]] = [[] for _ in range(self._shards)]
        self._shard_of: dict[str, int] = {}
        self._size = 0

    def put_lines(self, lines: Iterable[tuple[str, bytes, bool]]) -> None:
        shard_of, kept = self._shard_of, self._lines
        size = 0
        for owner, line, odd in lines:
            shard = shard_of.get(owner)
            if shard is None:
                shard = shard_of[owner] = crc32(owner.encode()) % self._shards
            if odd:
                self._parts[shard, "odd"].append(line)
            else:
                kept[shard].append(line)
            size += len(line)
        self._size += size
        if self._size > _FULL:
            self.flush()

    def put(self, owner: str, data: bytes, kind: str) -> None:
        shard = crc32(owner.encode()) % self._shards
        self._parts[shard, kind].append(len(data).to_bytes(_LENGTH, "big") + data)
        self._size += len(data)
        if self._size > _FULL:
            self.flush()

    def flush(self) -> None:
        for shard, lines in enumerate(self._lines):
            if lines:
                self._append(shard, "lines", b"\n".join(lines) + b"\n")
                lines.clear()
        for (shard, kind), parts in self._parts.items():
            end = b"\n" if kind == "odd" else b""
            self._append(shard, kind, end.join(parts) + end)
        self._parts.clear()
        self._shard_of.clear()
        self._size = 0

    def _append(self, shard: int, kind: str, data: bytes) -> None:
        with (self._folder / f"spill-{shard:04}-{self._number:06}.{kind}").open("ab") as file:
            file.write(data)


def _spilled(folder: Path, shard: int, kind: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob(f"spill-{shard:04}-*.{kind}")))


def _framed(data: bytes) -> Iterator[memoryview]:
    view, place = memoryview(data), 0
    while place < len(data):
        length = int.from_bytes(view[place : place + _LENGTH], "big")
        place += _LENGTH
        yield view[place : place + length]
        place += length


def _from_lines(lines: bytes, odd: bytes, extraction: Extraction) -> Iterator[Record]:
    nodes_of: defaultdict[str, list[Resource]] = defaultdict(list)
    odd_of: defaultdict[str, list[bytes]] = defaultdict(list)
    strange = [line for line in odd.split(b"\n") if line]
    try:
        nodes = _NODES.decode_lines(lines)
    except (msgspec.DecodeError, RecursionError):
        nodes = []
        for line in lines.split(b"\n"):
            try:
                nodes += _NODES.decode_lines(line)
            except (msgspec.DecodeError, RecursionError):
                strange.append(line)
    for node in nodes:
        nodes_of[_owner(node)].append(node)
    for line in strange:
        loose = msgspec.json.decode(line)
        subject = loose.get("subject") or loose.get("patient") or {}
        odd_of[bare_id(str(subject.get("reference") or loose.get("id")))].append(line)
    for owner in sorted(nodes_of.keys() | odd_of.keys()):
        own = nodes_of.get(owner, [])
        entries = [Entry(resource=node) for node in (*own, *_referred(own, extraction.medicines))]
        yield record_of_patient(owner, entries, odd_of.get(owner, ()), extraction.exported)


def _owner(node: Resource) -> str:
    if isinstance(node, Patient):
        return node.id or ""
    subject = node.subject or (node.patient if isinstance(node, AllergyIntolerance | Device) else None)
    return bare_id(subject.reference or "") if subject else ""


def _referred(nodes: Iterable[Resource], medicines: Mapping[str, bytes]) -> list[Resource]:
    """The Medication resources that these refer to."""
    if not medicines:
        return []
    wanted = {
        bare_id(node.medication_reference.reference)
        for node in nodes
        if isinstance(node, Medicine) and node.medication_reference and node.medication_reference.reference
    }
    return [_NODES.decode(medicines[name]) for name in sorted(wanted) if name in medicines]
