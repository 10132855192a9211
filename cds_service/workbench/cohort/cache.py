"""A cohort's records, extracted once for each state of its files, value sets and reading code."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from secrets import token_hex

from cds_service.terminology.value_sets import Codebook
from cds_service.workbench.cohort.extract import Extraction, build, deal, read_medicines
from cds_service.workbench.cohort.layout import CohortError, Layout, find_layout
from cds_service.workbench.cohort.workers import Workers

__all__ = ["CachedCohort", "CohortError", "code_hash", "open_cohort"]

_MARKER = "cohort.json"
_UNFINISHED = "unfinished-"
_A_DAY = 24 * 3600
_KEEPING = ("chart", "terminology", "simulation", "workbench/cohort")
_JUDGING = ("chart", "terminology", "findings", "rules", "simulation")

Reporting = Callable[[str, int, int], None]
"""Hears of progress: what is done, how much, of how much."""


@dataclass(frozen=True, slots=True)
class CachedCohort:
    """An extracted cohort: shards of records in a folder."""

    folder: Path
    shards: int
    patients: int
    unreadable: int
    """Lines, files or resources that could not be read."""
    bytes: int
    fresh: bool
    """It was extracted just now."""


def open_cohort(
    cohort: Path, codebooks: Sequence[Codebook], cache: Path, workers: Workers, progress: Reporting
) -> CachedCohort:
    """Give the extracted cohort, from the cache when nothing has changed since that decides what any of these can use."""
    layout = find_layout(cohort)
    name = hashlib.sha256(
        "\n".join((layout.fingerprint(), *(one.fingerprint for one in codebooks), code_hash(_KEEPING))).encode()
    ).hexdigest()[:20]
    folder = cache / name
    if (known := _known(folder, layout)) is not None:
        return known
    _forget_the_interrupted(cache)
    own = cache / f"{_UNFINISHED}{name}-{token_hex(4)}"  # another command may be at the same cohort just now
    own.mkdir(parents=True)
    try:
        _extract(cohort, layout, codebooks, own, workers, progress)
        with suppress(OSError):  # the other one was faster: its folder holds the same
            own.rename(folder)
        found = _known(folder, layout)
    finally:
        shutil.rmtree(own, ignore_errors=True)  # half a cohort, and lines of the record
    if found is None:
        raise CohortError(f"{folder}: the cache cannot be written there; choose another place with --cache")
    return replace(found, fresh=True)


def _known(folder: Path, layout: Layout) -> CachedCohort | None:
    """What was extracted before; folders get their name when they are complete."""
    try:
        known = json.loads((folder / _MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return CachedCohort(folder, layout.shards, known["patients"], known["unreadable"], known["bytes"], False)


def _forget_the_interrupted(cache: Path) -> None:
    """Delete what a command left behind that was killed: nothing works on one cohort for a day."""
    for left in cache.glob(f"{_UNFINISHED}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _A_DAY:
                shutil.rmtree(left, ignore_errors=True)


def _extract(
    cohort: Path, layout: Layout, codebooks: Sequence[Codebook], folder: Path, workers: Workers, progress: Reporting
) -> None:
    extraction = Extraction(
        str(folder.resolve()),
        tuple(codebooks),
        layout.shards,
        layout.exported,
        read_medicines(layout.medications, codebooks),
    )
    unreadable = read = patients = 0
    for dealt in workers.run(deal, extraction, layout.tasks()):
        read += dealt.bytes
        unreadable += dealt.unreadable
        progress("reading", read, max(read, layout.size))
    for built in workers.run(build, extraction, range(layout.shards)):
        patients += built.records
        unreadable += built.unreadable
        progress("extracting", built.shard + 1, layout.shards)
    if not patients:
        raise CohortError(f"{cohort}: no patient could be read ({unreadable} unreadable)")
    found = {"patients": patients, "unreadable": unreadable, "bytes": read}
    (folder / _MARKER).write_text(json.dumps(found), encoding="utf-8")


def judging_hash() -> str:
    """Changes when rules, findings or what they stand on do."""
    return code_hash(_JUDGING)


def code_hash(rooms: Iterable[str]) -> str:
    """Hash the program's own text in these rooms: a cache made by other code is of no use."""
    package = Path(str(resources.files("cds_service")))
    digest = hashlib.sha256((package / "outcomes.py").read_bytes())
    for room in rooms:
        for path in sorted((package / room).rglob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
