"""Patients per second and memory of simulate and sweep: ``cohort.py COHORT [--dask] [--write]``; writes COHORT.md.

Each figure is measured in a process of its own; ``floor`` is ``orjson.loads`` of every line in one process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cds_service.workbench.cohort.workers import open_workers

STEPS = ("floor", "extract", "one", "all")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort", type=Path)
    parser.add_argument("--dask", action="store_true", help="A local cluster of two workers too.")
    parser.add_argument("--write", action="store_true", help="Write benchmarks/COHORT.md.")
    parser.add_argument("--step", choices=(*STEPS, "dask"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(_measure(given.step, given.cohort)))
        return
    steps = (*STEPS, "dask") if given.dask else STEPS
    found = {step: _in_its_own_process(step, given.cohort) for step in steps}
    floor = found["floor"]["extract"]
    for step, figures in found.items():
        shown = {name: f"{value:.2f}" if isinstance(value, float) else value for name, value in figures.items()}
        print(f"{step:<6} {figures['extract'] / floor:5.2f} x floor  {shown}")
    if given.write:
        Path(__file__).with_name("COHORT.md").write_text(_page(given.cohort, found), encoding="utf-8")


_NAMES = {"one": "one process", "all": "all cores", "dask": "Dask, a local cluster of two workers"}


def _page(cohort: Path, found: dict[str, dict[str, Any]]) -> str:
    """The figures as a page beside RESULTS.md."""
    size = sum(path.stat().st_size for path in _lines(cohort)) / 1e6
    floor = found["floor"]
    rows = [
        f"| {name} | {figures['patients/s']:.0f} | {figures['extract'] / floor['extract']:.1f} | {figures['extract']:.0f} s | "
        f"{figures['evaluate']:.0f} s | {figures['full run / sweep point']:.0f} | {figures['peak MB of a process']} MB |"
        for step, name in _NAMES.items()
        if (figures := found.get(step))
    ]
    return f"""# A cohort of {floor["patients"]:,} patients

{size:.0f} MB of bulk-export NDJSON (`cds-service cohort`, half of the lines useful to a card), every card asked once for each
patient; `python benchmarks/cohort.py COHORT --dask --write` on {os.cpu_count()} cores, load {os.getloadavg()[2]:.1f} when it ended.

| | patients/s | extraction / floor | extraction | all cards | full run / one sweep value | peak memory of a process |
|---|---|---|---|---|---|---|
{chr(10).join(rows)}

Patients per second: from the files to the finished report, nothing cached. Floor: `orjson.loads` of every line in one
process, {floor["extract"]:.1f} s. Rows were measured one after the other, each in a process of its own, with other work on the
machine: only ratios of a row mean much. Memory is the largest resident set of any process (the cluster's: of the client and
its workers).
"""


def _in_its_own_process(step: str, cohort: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, str(cohort), "--step", step]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return figures


def _measure(step: str, cohort: Path) -> dict[str, Any]:
    if step == "floor":
        return _floor(cohort)
    if step == "extract":
        return _extract(cohort)
    return _simulate(cohort, {"one": 1, "all": None, "dask": None}[step], on_dask=step == "dask")


def _lines(cohort: Path) -> list[Path]:
    return sorted(cohort.glob("*.ndjson"))


def _floor(cohort: Path) -> dict[str, Any]:
    import orjson

    began = time.perf_counter()
    patients = 0
    for path in _lines(cohort):
        with path.open("rb") as file:
            for line in file:
                patients += orjson.loads(line)["resourceType"] == "Patient"
    return {"extract": time.perf_counter() - began, "patients": patients}


def _extract(cohort: Path) -> dict[str, Any]:
    """Only the first look: which lines can any card use, and whose are they."""
    from cds_service.chart.meanings import Meanings
    from cds_service.service.knowledge_files import load_knowledge
    from cds_service.simulation.relevant_lines import LineFilter
    from cds_service.workbench.cohort.extract import chunks

    line_filter = LineFilter([Meanings(load_knowledge().codebook)])
    began = time.perf_counter()
    kept = 0
    for path in _lines(cohort):
        for chunk in chunks(str(path), 0, path.stat().st_size):
            kept += len(line_filter.relevant(chunk))
    return {"extract": time.perf_counter() - began, "lines kept": kept}


def _simulate(cohort: Path, workers: int | None, *, on_dask: bool) -> dict[str, Any]:
    from cds_service.service.knowledge_files import load_knowledge
    from cds_service.simulation.question import Question
    from cds_service.simulation.sweep import axis
    from cds_service.workbench.cohort import open_cohort
    from cds_service.workbench.cohort import synthetic as make_cohort
    from cds_service.workbench.cohort.ask import ask
    from cds_service.workbench.cohort.sweeping import sweep

    def progress(*_: object) -> None:
        pass

    knowledge = load_knowledge()
    cache = Path(tempfile.mkdtemp())
    cluster = None
    address = ""
    if on_dask:
        from distributed import LocalCluster

        cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
        address = cluster.scheduler_address.replace("tcp://", "dask://")
    question = Question(knowledge, None, make_cohort.AS_OF)
    try:
        with open_workers(workers, address) as pool:
            t0 = time.perf_counter()
            cached = open_cohort(cohort, question.codebooks, cache, pool, progress)
            t1 = time.perf_counter()
            ask(cached, question, pool, progress)
            t2 = time.perf_counter()
            one = axis(knowledge, "hypercalcaemia.treat_at", "2.8", "3.3", "0.05")
            sweep(cached, cohort.name, question, [one], pool, progress)
            t3 = time.perf_counter()
            curve = sweep(cached, cohort.name, question, [one], pool, progress)
            t4 = time.perf_counter()
    finally:
        shutil.rmtree(cache)
        if cluster is not None:
            cluster.close()
    point = (t4 - t3) / len(curve.points)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    return {
        "extract": t1 - t0,
        "evaluate": t2 - t1,
        "patients/s": cached.patients / (t2 - t0),
        "first sweep": t3 - t2,
        "sweep again": t4 - t3,
        "full run / sweep point": (t2 - t0) / point,
        "peak MB of a process": round(peak),
    }


if __name__ == "__main__":
    main()
