"""The same evaluation on a real Dask cluster of two workers."""

from __future__ import annotations

import warnings
from datetime import datetime
from pathlib import Path

import pytest

from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import load_knowledge
from cds_service.simulation.question import Question
from cds_service.workbench.cohort import open_cohort
from cds_service.workbench.cohort.ask import ask
from cds_service.workbench.cohort.workers import open_workers

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own, such as sockets that close late


def progress(*_: object) -> None:
    """Nobody watches."""


def test_a_cluster_of_two_workers_counts_what_one_process_counts(
    cohort: Path, knowledge: Knowledge, tmp_path: Path, as_of: datetime
) -> None:
    distributed = pytest.importorskip("distributed")
    question = Question(knowledge, load_knowledge(settings=("shared.neurology_window=14 d",)), as_of)
    with open_workers(1) as pool:
        alone = ask(
            open_cohort(cohort, [knowledge.codebook], tmp_path / "one", pool, progress), question, pool, progress
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            address = cluster.scheduler_address.replace("tcp://", "dask://")
            with open_workers(cluster=address) as pool:
                cached = open_cohort(cohort, [knowledge.codebook], tmp_path / "two", pool, progress)
                together = ask(cached, question, pool, progress)
    assert together == alone
    assert together.patients == 120


def test_another_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="dask://HOST:PORT"), open_workers(cluster="ray://somewhere"):
        pass
