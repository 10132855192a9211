"""A sweep over a cached cohort; who has to be asked again is kept beside the records."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from secrets import token_hex

import msgspec

from cds_service.simulation.question import Question
from cds_service.simulation.sweep import (
    Again,
    Axis,
    Burden,
    Curve,
    Reader,
    Reads,
    burdens,
    combinations,
    curve,
    find_reads,
    readers,
)
from cds_service.workbench.cohort.cache import CachedCohort, Reporting, judging_hash
from cds_service.workbench.cohort.extract import read_shard, read_some
from cds_service.workbench.cohort.workers import Workers

_READS = msgspec.msgpack.Decoder(list[Reads])
_WORTH_WORKERS = 200_000
"""Evaluations from which starting worker processes pays."""


@dataclass(frozen=True, slots=True)
class Sweeping:
    """What every worker of a sweep knows."""

    folder: str
    question: Question
    axes: tuple[Axis, ...]
    by: tuple[Reader, ...]


def sweep(
    cohort: CachedCohort, name: str, question: Question, axes: Sequence[Axis], workers: Workers, progress: Reporting
) -> Curve:
    """Draw the curve; raises :class:`ValueError` when no rule reads the parameters."""
    by = readers(question.current, axes)
    sweeping = Sweeping(str(cohort.folder.resolve()), question, tuple(axes), by)
    shards = _reads(cohort, sweeping, workers, progress)
    found = [Burden() for _ in combinations(axes)]
    tasks = [(shard, tuple(reads.again)) for shard, reads in enumerate(shards) if reads.again]
    many = sum(len(again) for _, again in tasks) * len(found) > _WORTH_WORKERS
    results = workers.run(ask_again, sweeping, tasks) if many else (ask_again(sweeping, task) for task in tasks)
    for done, part in enumerate(results, 1):
        for burden, more in zip(found, part, strict=True):
            burden.add(more)
        progress("sweeping", done, len(tasks))
    return curve(name, axes, by, _joined(shards), found, question.current.version)


def ask_again(sweeping: Sweeping, task: tuple[int, tuple[Again, ...]]) -> list[Burden]:
    """Ask the records of a shard whose answer may change."""
    shard, again = task
    records = partial(read_some, sweeping.folder, shard)
    return burdens(again, records, sweeping.question, sweeping.axes, sweeping.by)


def look(sweeping: Sweeping, shard: int) -> Reads:
    """Find out whose rules look at the parameters."""
    return find_reads(read_shard(sweeping.folder, shard), sweeping.question, sweeping.by)


def _reads(cohort: CachedCohort, sweeping: Sweeping, workers: Workers, progress: Reporting) -> list[Reads]:
    file = cohort.folder / f"reads-{_name(sweeping)}.msgpack"
    if file.is_file():
        return _READS.decode(file.read_bytes())
    found = []
    for done, reads in enumerate(workers.run(look, sweeping, range(cohort.shards)), 1):
        found.append(reads)
        progress("looking", done, cohort.shards)
    new = file.with_suffix(f".{token_hex(4)}")
    new.write_bytes(msgspec.msgpack.encode(found))
    new.replace(file)  # another command may read it just now
    return found


def _name(sweeping: Sweeping) -> str:
    """Changes with the rules' code, their other parameters, and the moments asked about."""
    question = sweeping.question
    swept = {(topic, name) for topic, names in sweeping.by for group in names for name in group}
    cards = [
        [topic, {name: str(value) for name, value in card.arguments.items() if (topic, name) not in swept}, card.hooks]
        + [[message.name, message.indicator] for message in card.messages.values()]
        for topic, card in ((topic, question.current.cards[topic]) for topic, _ in sweeping.by)
    ]
    moments = [str(question.as_of), question.at_encounters, str(question.since)]
    content = [judging_hash(), cards, sorted(swept), moments]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _joined(shards: Sequence[Reads]) -> Reads:
    whole = Reads()
    fixed: Counter[tuple[str, str]] = Counter()
    for reads in shards:
        whole.patients += reads.patients
        whole.evaluations += reads.evaluations
        whole.again += reads.again
        fixed.update(reads.fixed)
        whole.fixed_cards += reads.fixed_cards
    whole.fixed = dict(fixed)
    return whole
