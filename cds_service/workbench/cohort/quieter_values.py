"""Values of parameters that would make cards rarer, tried over a cached cohort by all workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cds_service.simulation.question import Question
from cds_service.simulation.quieter_values import TrialResult, run_trials
from cds_service.workbench.cohort.cache import CachedCohort, Reporting
from cds_service.workbench.cohort.extract import read_shard
from cds_service.workbench.cohort.workers import Workers


@dataclass(frozen=True, slots=True)
class Trying:
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
    workers: Workers,
    progress: Reporting,
) -> dict[str, TrialResult]:
    """Try the parameters of these topics' cards on every record; the result does not depend on the number of workers."""
    trying = Trying(str(cohort.folder.resolve()), question, tuple(topics), accepted)
    whole: list[TrialResult] = []
    for done, found in enumerate(workers.run(quiet_shard, trying, range(cohort.shards)), 1):
        if whole:
            for result, more in zip(whole, found, strict=True):
                result.add(more)
        else:
            whole = found
        progress("trying", done, cohort.shards)
    return dict(zip(topics, whole, strict=True))


def quiet_shard(trying: Trying, shard: int) -> list[TrialResult]:
    """Try one shard."""
    records = read_shard(trying.folder, shard)
    return run_trials(records, trying.question, trying.topics, trying.accepted)
