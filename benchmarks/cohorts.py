"""A cohort of bulk-export NDJSON: extraction beside parsing alone, and a question to what was extracted."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import orjson

from benchmarks.measure import Ratio, from_pairs, seconds
from benchmarks.real_shape import write_cohort
from cds_service.service.knowledge_files import load_knowledge
from cds_service.simulation.question import Question
from cds_service.simulation.sweep import axis
from cds_service.workbench.cohort import CachedCohort, open_cohort
from cds_service.workbench.cohort.ask import ask
from cds_service.workbench.cohort.sweeping import sweep
from cds_service.workbench.cohort.synthetic import AS_OF, write
from cds_service.workbench.cohort.workers import open_workers

_PATIENTS, _RECORDS = 1500, 100
_SWEPT = ("shared.calcium_treat_at", "2.8", "3.3", "0.1")


def extraction() -> list[Ratio]:
    """Lines to cached charts with 1 and 2 processes, beside ``orjson.loads`` of every line in one."""
    question = Question(load_knowledge(), None, AS_OF)
    found = []
    for shape, cohort, patients, target in (("", _cohort, _PATIENTS, 2.0), ("real shape, ", _real, _RECORDS, 0.8)):
        with cohort() as folder:
            for workers in (1, 2):
                pairs = [
                    (seconds(partial(_parse, folder)), _extraction_seconds(folder, question, workers)) for _ in range(4)
                ]
                processes = f"{shape}{workers} process{'es' * (workers > 1)}"
                name = f"cohort extraction from NDJSON, {processes} / `orjson.loads` of each line"
                what = f", {patients} patients of {_size(folder) / patients / 1000:.0f} kB"
                found.append(from_pairs(name, pairs, round(target * (1, 0.6)[workers - 1], 2), what=what))
    return found


def what_if() -> list[Ratio]:
    """One more value of a parameter over cached charts, beside the full run from NDJSON; one process each."""
    knowledge = load_knowledge()
    question = Question(knowledge, None, AS_OF)
    swept = [axis(knowledge, *_SWEPT)]
    values = len(swept[0].values)
    pairs = []
    with _cohort() as folder, tempfile.TemporaryDirectory() as cache, open_workers(1) as alone:
        for place in range(3):
            here = Path(cache) / str(place)
            kept: list[CachedCohort] = []

            def whole(here: Path = here, kept: list[CachedCohort] = kept) -> None:
                kept.append(open_cohort(folder, question.codebooks, here, alone, _silent))
                ask(kept[0], question, alone, _silent)

            full = seconds(whole)
            sweep(kept[0], "cohort", question, swept, alone, _silent)
            again = seconds(lambda kept=kept: sweep(kept[0], "cohort", question, swept, alone, _silent))  # type: ignore[misc]
            pairs.append((full, again / values))
    name = "what-if for one changed parameter on cached charts, times faster than the full run from NDJSON"
    return [from_pairs(name, pairs, 300, at_least=True, inverse=True, what=f", {_SWEPT[0]}, {_PATIENTS} patients")]


@contextmanager
def _cohort() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), _PATIENTS, seed=1)
        yield Path(folder)


@contextmanager
def _real() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        write_cohort(Path(folder), _RECORDS)
        yield Path(folder)


def _extraction_seconds(folder: Path, question: Question, workers: int) -> float:
    with tempfile.TemporaryDirectory() as cache, open_workers(workers) as pool:
        took = seconds(lambda: open_cohort(folder, question.codebooks, Path(cache), pool, _silent))
        shutil.rmtree(cache, ignore_errors=True)
        Path(cache).mkdir(exist_ok=True)
    return took


def _parse(folder: Path) -> None:
    for path in folder.glob("*.ndjson"):
        with path.open("rb") as lines:
            for line in lines:
                orjson.loads(line)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.ndjson"))


def _silent(*_: object) -> None:
    """Nobody watches."""
