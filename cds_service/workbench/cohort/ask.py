"""Questions put to a cached cohort, shard by shard, by all workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cds_service.simulation.question import LISTED, Question, count
from cds_service.simulation.tally import Tally
from cds_service.workbench.cohort.cache import CachedCohort, Reporting
from cds_service.workbench.cohort.extract import read_shard
from cds_service.workbench.cohort.workers import Workers


@dataclass(frozen=True, slots=True)
class Asking:
    """A question and where the records lie."""

    folder: str
    question: Question


def ask(cohort: CachedCohort, question: Question, workers: Workers, progress: Reporting) -> Tally:
    """Count what the cards say over the whole cohort; the result does not depend on the number of workers."""
    whole = Tally()
    for done, tally in enumerate(_tallies(cohort, question, workers), 1):
        whole.add(tally, LISTED)
        progress("asking", done, cohort.shards)
    return whole


def ask_shard(asking: Asking, shard: int) -> Tally:
    """Count one shard."""
    tally = Tally()
    for record in read_shard(asking.folder, shard):
        count(record, asking.question, tally)
    return tally


def _tallies(cohort: CachedCohort, question: Question, workers: Workers) -> Iterator[Tally]:
    return workers.run(ask_shard, Asking(str(cohort.folder.resolve()), question), range(cohort.shards))
