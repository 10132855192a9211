"""Cohorts on disk: the same facts whoever reads them, in whatever pieces, and nothing of the future."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cds_service.authoring.scenarios import ConceptTable, bundle
from cds_service.knowledge.cards import Knowledge
from cds_service.simulation.question import Question
from cds_service.simulation.records import Record, decode_record, encode_record
from cds_service.simulation.time_travel import Chart
from cds_service.workbench.cohort import CachedCohort, CohortError, extract, layout, open_cohort, synthetic
from cds_service.workbench.cohort.ask import ask
from cds_service.workbench.cohort.extract import read_shard
from cds_service.workbench.cohort.workers import open_workers


def progress(*_: object) -> None:
    """Nobody watches."""


def opened(cohort: Path, knowledge: Knowledge, cache: Path, workers: int = 1) -> CachedCohort:
    with open_workers(workers) as pool:
        return open_cohort(cohort, [knowledge.codebook], cache, pool, progress)


def records(cached: CachedCohort) -> list[Record]:
    found = [record for shard in range(cached.shards) for record in read_shard(cached.folder, shard)]
    return sorted(found, key=lambda record: record.patient_id)


KINDS = ("conditions", "observations", "reports", "medications", "procedures", "orders")


def facts(record: Record, knowledge: Knowledge) -> dict[str, Any]:
    whole = Chart(record, knowledge.codebook).whole
    return {kind: getattr(whole, kind).all() for kind in KINDS}


def test_every_patient_is_read_once(cohort: Path, knowledge: Knowledge, cache: Path) -> None:
    cached = opened(cohort, knowledge, cache)
    assert cached.patients == 120
    assert len({record.patient_id for record in records(cached)}) == 120
    assert cached.unreadable == 0


def test_a_second_opening_extracts_nothing(cohort: Path, knowledge: Knowledge, cache: Path) -> None:
    opened(cohort, knowledge, cache)
    assert not opened(cohort, knowledge, cache).fresh


def test_two_processes_write_the_same_bytes_as_one(cohort: Path, knowledge: Knowledge, tmp_path: Path) -> None:
    one, two = opened(cohort, knowledge, tmp_path / "1"), opened(cohort, knowledge, tmp_path / "2", 2)
    for shard in range(one.shards):
        name = f"records-{shard:04}.bin"
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes()


def test_small_pieces_and_gzip_read_like_the_whole(
    cohort: Path, knowledge: Knowledge, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = records(opened(cohort, knowledge, cache))
    zipped = tmp_path / "zipped"
    zipped.mkdir()
    for path in cohort.glob("*.ndjson"):
        (zipped / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    monkeypatch.setattr(extract, "CHUNK", 3000)
    monkeypatch.setattr(layout, "PIECE", 40_000)
    monkeypatch.setattr(layout.Layout, "shards", 8)
    assert records(opened(cohort, knowledge, tmp_path / "a")) == whole
    assert records(opened(zipped, knowledge, tmp_path / "b")) == whole


def test_bundles_say_what_the_bulk_export_says(
    cohort: Path, knowledge: Knowledge, cache: Path, tmp_path: Path, as_of: datetime
) -> None:
    codes = ConceptTable(knowledge.codebook.sets.values())
    for scenario in synthetic.cohort(7, 30):
        (tmp_path / f"{scenario.patient.id}.json").write_text(json.dumps(bundle(scenario, codes)))
    of_lines = {record.patient_id: record for record in records(opened(cohort, knowledge, cache))}
    of_bundles = records(opened(tmp_path, knowledge, cache))
    assert len(of_bundles) == 30
    for record in of_bundles:
        assert facts(record, knowledge) == facts(of_lines[record.patient_id], knowledge)


def test_a_type_that_was_not_exported_is_absent(
    cohort: Path, knowledge: Knowledge, cache: Path, tmp_path: Path
) -> None:
    for path in cohort.glob("*.ndjson"):
        if not path.name.startswith("Condition"):
            shutil.copy(path, tmp_path)
    record = records(opened(tmp_path, knowledge, cache))[0]
    supply = Chart(record, knowledge.codebook).whole.supply
    assert supply["conditions"].state == "absent"
    assert supply["observations"].state == "given"


def test_an_odd_line_costs_no_other(cohort: Path, knowledge: Knowledge, cache: Path, tmp_path: Path) -> None:
    for path in cohort.glob("*.ndjson"):
        shutil.copy(path, tmp_path)
    with (tmp_path / "Condition.ndjson").open("a") as file:
        file.write("not json\n\n")
        file.write(
            '{"resourceType":"Condition","id":7,"subject":{"reference":"Patient/synthetic-000001"},"code":{"text":"x"}}\n'
        )
    cached = opened(tmp_path, knowledge, cache)
    assert cached.patients == 120
    assert cached.unreadable == 1


def test_two_commands_at_once_do_not_disturb_each_other(cohort: Path, knowledge: Knowledge, tmp_path: Path) -> None:
    whole = records(opened(cohort, knowledge, tmp_path / "alone"))
    inner: list[CachedCohort] = []

    def while_the_first_reads(step: str, *_: int) -> None:
        if step == "reading" and not inner:
            inner.append(opened(cohort, knowledge, tmp_path / "shared"))

    with open_workers(1) as pool:
        first = open_cohort(cohort, [knowledge.codebook], tmp_path / "shared", pool, while_the_first_reads)
    assert records(first) == records(inner[0]) == whole
    assert [path.name for path in (tmp_path / "shared").iterdir()] == [first.folder.name]


def test_what_an_interrupted_command_left_is_deleted_a_day_later(
    cohort: Path, knowledge: Knowledge, tmp_path: Path
) -> None:
    left, running = tmp_path / "unfinished-a-1", tmp_path / "unfinished-a-2"
    for folder in (left, running):
        folder.mkdir()
        (folder / "spill-0001-000001.lines").write_text("a line of the record")
    yesterday = time.time() - 25 * 3600
    os.utime(left, (yesterday, yesterday))
    opened(cohort, knowledge, tmp_path)
    assert not left.exists()
    assert running.exists()


def test_no_name_and_no_spilled_line_stays_in_the_cache(cohort: Path, knowledge: Knowledge, cache: Path) -> None:
    cached = opened(cohort, knowledge, cache)
    assert not list(cached.folder.glob("spill-*"))
    assert all(b"Beispiel" not in path.read_bytes() for path in cached.folder.iterdir())


def test_what_is_no_cohort_is_an_error(knowledge: Knowledge, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="nothing to read"):
        opened(tmp_path, knowledge, cache)


def test_records_survive_the_cache(cohort: Path, knowledge: Knowledge, cache: Path) -> None:
    for record in records(opened(cohort, knowledge, cache)):
        assert decode_record(encode_record(record)) == record


def test_nothing_dated_after_the_moment_is_used(
    cohort: Path, knowledge: Knowledge, cache: Path, as_of: datetime
) -> None:
    earlier = as_of - timedelta(days=60)
    hidden = 0
    for record in records(opened(cohort, knowledge, cache)):
        chart = Chart(record, knowledge.codebook)
        then = chart.at(earlier)
        for kind in KINDS:
            known: Any = getattr(then, kind)
            hidden += len(getattr(chart.whole, kind)) - len(known)
            assert all(fact.when is None or fact.when.first <= earlier for fact in known)
    assert hidden > 50


def test_what_ended_later_had_not_ended_then(knowledge: Knowledge) -> None:
    line = {
        "resourceType": "Condition",
        "id": "c",
        "clinicalStatus": {"coding": [{"code": "resolved"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "94222008"}]},
        "onsetDateTime": "2025-01-01",
        "abatementDateTime": "2025-06-01",
    }
    from cds_service.workbench.cohort.files import _bundle

    document = {
        "resourceType": "Bundle",
        "entry": [{"resource": {"resourceType": "Patient", "id": "p"}}, {"resource": line}],
    }
    chart = Chart(_bundle(json.dumps(document).encode()), knowledge.codebook)
    states = {
        month: [fact.state for fact in chart.at(datetime(2025, month, 15, tzinfo=UTC)).conditions] for month in (3, 8)
    }
    assert states == {3: ["active"], 8: ["past"]}
    assert not chart.at(datetime(2024, 12, 1, tzinfo=UTC)).conditions


def test_one_process_and_all_cores_count_the_same(
    cohort: Path, knowledge: Knowledge, cache: Path, as_of: datetime
) -> None:
    cached = opened(cohort, knowledge, cache)
    question = Question(knowledge, load_changed(), as_of)
    tallies = []
    for workers in (1, 2):
        with open_workers(workers) as pool:
            tallies.append(ask(cached, question, pool, progress))
    assert tallies[0] == tallies[1]
    assert tallies[0].flips


def load_changed() -> Knowledge:
    from cds_service.service.knowledge_files import load_knowledge

    return load_knowledge(
        site="uk-nice", settings=("shared.neurology_window=14 d", "shared.calcium_treat_at=2.8 mmol/L")
    )
