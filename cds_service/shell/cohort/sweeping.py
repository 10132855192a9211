"""A sweep over a cached cohort; who has to be asked again is kept beside the records."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cds_service.shell.cohort.cache import CachedCohort, Told, judging_hash
from cds_service.shell.cohort.crew import Crew
from cds_service.shell.cohort.extract import read_shard, read_some
from cds_service.simulation.question import Question
from cds_service.simulation.sweep import (
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

_WORTH_A_CREW = 200_000
"""Evaluations from which starting worker processes pays."""


@dataclass(frozen=True, slots=True)
class Sweeping:
    """What every worker of a sweep knows."""

    folder: str
    question: Question
    axes: tuple[Axis, ...]
    by: tuple[Reader, ...]


def sweep(
    cohort: CachedCohort, name: str, question: Question, axes: Sequence[Axis], workers: Crew, told: Told
) -> Curve:
    """Draw the curve; raises :class:`ValueError` when no rule reads the parameters."""
    by = readers(question.current, axes)
    sweeping = Sweeping(str(cohort.folder.resolve()), question, tuple(axes), by)
    shards = _reads(cohort, sweeping, workers, told)
    found = [Burden() for _ in combinations(axes)]
    tasks = [(shard, tuple(reads.again)) for shard, reads in enumerate(shards) if reads.again]
    many = sum(len(again) for _, again in tasks) * len(found) > _WORTH_A_CREW
    results = workers.run(ask_again, sweeping, tasks) if many else (ask_again(sweeping, task) for task in tasks)
    for done, part in enumerate(results, 1):
        for burden, more in zip(found, part, strict=True):
            burden.add(more)
        told("sweeping", done, len(tasks))
    return curve(name, axes, by, _joined(shards), found, question.current.version)


def ask_again(sweeping: Sweeping, task: tuple[int, tuple[int, ...]]) -> list[Burden]:
    """Ask the records of a shard whose answer may change."""
    shard, places = task
    return burdens(read_some(sweeping.folder, shard, places), sweeping.question, sweeping.axes, sweeping.by)


def look(sweeping: Sweeping, shard: int) -> Reads:
    """Find out whose rules look at the parameters."""
    return find_reads(read_shard(sweeping.folder, shard), sweeping.question, sweeping.by)


def _reads(cohort: CachedCohort, sweeping: Sweeping, workers: Crew, told: Told) -> list[Reads]:
    file = cohort.folder / f"reads-{_name(sweeping)}.json"
    if file.is_file():
        return _from_json(file)
    found = []
    for done, reads in enumerate(workers.run(look, sweeping, range(cohort.shards)), 1):
        found.append(reads)
        told("looking", done, cohort.shards)
    _to_json(file, found)
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


def _to_json(file: Path, shards: Sequence[Reads]) -> None:
    written = [
        {
            "patients": reads.patients,
            "evaluations": reads.evaluations,
            "again": reads.again,
            "fixed": [[*key, count] for key, count in sorted(reads.fixed.items())],
            "fixed_cards": reads.fixed_cards,
        }
        for reads in shards
    ]
    file.write_text(json.dumps(written), encoding="utf-8")


def _from_json(file: Path) -> list[Reads]:
    return [
        Reads(
            one["patients"],
            one["evaluations"],
            one["again"],
            Counter({(topic, indicator): count for topic, indicator, count in one["fixed"]}),
            one["fixed_cards"],
        )
        for one in json.loads(file.read_text(encoding="utf-8"))
    ]


def _joined(shards: Sequence[Reads]) -> Reads:
    whole = Reads()
    for reads in shards:
        whole.patients += reads.patients
        whole.evaluations += reads.evaluations
        whole.again += reads.again
        whole.fixed.update(reads.fixed)
        whole.fixed_cards += reads.fixed_cards
    return whole
