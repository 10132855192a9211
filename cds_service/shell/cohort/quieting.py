"""What would quiet some cards, asked of a cached cohort by whoever works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cds_service.shell.cohort.cache import CachedCohort, Told
from cds_service.shell.cohort.crew import Crew
from cds_service.shell.cohort.extract import read_shard
from cds_service.simulation.question import Question
from cds_service.simulation.quieting import Heard, listen_to


@dataclass(frozen=True, slots=True)
class Quieting:
    """What every worker knows."""

    folder: str
    question: Question
    topics: tuple[str, ...]
    accepted: frozenset[str]
    """Ids of the cards that were accepted."""


def quiet(
    cohort: CachedCohort,
    question: Question,
    topics: Sequence[str],
    accepted: frozenset[str],
    workers: Crew,
    told: Told,
) -> dict[str, Heard]:
    """Try the parameters of these topics' cards on every record; the same whoever works."""
    quieting = Quieting(str(cohort.folder.resolve()), question, tuple(topics), accepted)
    whole: list[Heard] = []
    for done, found in enumerate(workers.run(quiet_shard, quieting, range(cohort.shards)), 1):
        if whole:
            for heard, more in zip(whole, found, strict=True):
                heard.add(more)
        else:
            whole = found
        told("trying", done, cohort.shards)
    return dict(zip(topics, whole, strict=True))


def quiet_shard(quieting: Quieting, shard: int) -> list[Heard]:
    """Try one shard."""
    records = read_shard(quieting.folder, shard)
    return listen_to(records, quieting.question, quieting.topics, quieting.accepted)
