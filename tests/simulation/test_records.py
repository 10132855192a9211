"""What a cohort keeps of a record: all that the service would read of it, by whichever knowledge, and nobody's name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import load_knowledge
from cds_service.simulation.question import Question
from cds_service.simulation.records import decode_record, encode_record
from cds_service.simulation.tally import Tally
from cds_service.simulation.time_travel import Chart
from cds_service.workbench.cohort import open_cohort
from cds_service.workbench.cohort.ask import ask
from cds_service.workbench.cohort.extract import read_shard
from cds_service.workbench.cohort.workers import open_workers
from tests.clinical.asking import LOINC, SNOMED

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "name": [{"family": "Beispiel"}],
    "gender": "female",
    "birthDate": "1960-01-01",
}
SUBJECT = {"reference": "Patient/p", "display": "Frau Beispiel"}
METASTASIS = {
    "resourceType": "Condition",
    "id": "m",
    "subject": SUBJECT,
    "recordedDate": "2026-01-05",
    "code": {"coding": [{"system": SNOMED, "code": "94222008"}]},
}
CALCIUM = {
    "resourceType": "Observation",
    "id": "ca",
    "status": "final",
    "subject": SUBJECT,
    "effectiveDateTime": "2026-03-01T08:00:00Z",
    "code": {"coding": [{"system": LOINC, "code": "29265-6"}]},
    "valueQuantity": {"value": 3.2, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"},
}
LOCAL = {**CALCIUM, "code": {"coding": [{"system": "https://lab.example", "code": "CA-K", "display": "Bestimmung 17"}]}}
NOT_GIVEN = {
    "resourceType": "MedicationRequest",
    "id": "no",
    "status": "active",
    "intent": "order",
    "doNotPerform": True,
    "subject": SUBJECT,
    "authoredOn": "2026-02-01",
    "medicationCodeableConcept": {"text": "Dexamethasone"},
}


def export(folder: Path, *resources: dict[str, Any]) -> Path:
    """A bulk export, a file for each type."""
    for resource in (PATIENT, *resources):
        with (folder / f"{resource['resourceType']}.ndjson").open("a") as file:
            file.write(json.dumps(resource) + "\n")
    return folder


def bundle(folder: Path, *resources: dict[str, Any]) -> Path:
    """The patient in one file."""
    entries = [{"resource": resource} for resource in (PATIENT, *resources)]
    (folder / "p.json").write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
    return folder


def asked(cohort: Path, question: Question, cache: Path) -> Tally:
    with open_workers(1) as pool:
        kept = open_cohort(cohort, question.codebooks, cache, pool, lambda *_: None)
        return ask(kept, question, pool, lambda *_: None)


def chart_of(cohort: Path, knowledge: Knowledge, cache: Path) -> Chart:
    with open_workers(1) as pool:
        kept = open_cohort(cohort, [knowledge.codebook], cache, pool, lambda *_: None)
    [record] = [record for shard in range(kept.shards) for record in read_shard(kept.folder, shard)]
    return Chart(record, knowledge.codebook)


def with_local_code(folder: Path) -> Knowledge:
    site = folder / "here.yaml"
    site.write_text(
        "site: here\ntitle: Here\n"
        "code_systems: {our-lab: {title: Our laboratory, uri: 'https://lab.example'}}\n"
        "value_sets: {calcium-corrected: {codes: [{system: our-lab, code: CA-K, display: Corrected calcium, source: catalogue}]}}\n"
    )
    return load_knowledge(site=site)


@pytest.mark.parametrize("written", [export, bundle])
def test_what_if_a_site_lists_its_laboratorys_code(
    knowledge: Knowledge, cache: Path, tmp_path: Path, written: Any
) -> None:
    (tmp_path / "cohort").mkdir()
    cohort = written(tmp_path / "cohort", METASTASIS, LOCAL)
    tally = asked(cohort, Question(knowledge, with_local_code(tmp_path), NOW), cache)
    assert not tally.current.patients["hypercalcaemia"]
    assert tally.candidate.patients["hypercalcaemia"] == 1
    flip = next(flip for flip in tally.listed if flip.topic == "hypercalcaemia")
    assert flip.because == ("the card's rule, or what codes and words mean, differs",)


def test_a_result_that_nobody_understands_leaves_the_red_flag_open(
    knowledge: Knowledge, cache: Path, tmp_path: Path
) -> None:
    odd = {name: value for name, value in CALCIUM.items() if name != "valueQuantity"} | {"valueString": "haemolysed"}
    tally = asked(export(tmp_path, METASTASIS, odd), Question(knowledge, None, NOW), cache)
    assert tally.current.patients["could-not-assess"] == 1


@pytest.mark.parametrize("written", [export, bundle])
def test_a_prohibition_is_known(knowledge: Knowledge, cache: Path, tmp_path: Path, written: Any) -> None:
    chart = chart_of(written(tmp_path, METASTASIS, NOT_GIVEN), knowledge, cache)
    assert [one.reference for one in chart.at(NOW).prohibitions] == ["MedicationRequest/no"]
    assert not chart.at(datetime(2026, 1, 20, tzinfo=UTC)).prohibitions


def test_a_gap_of_later_was_none_then(knowledge: Knowledge, cache: Path, tmp_path: Path) -> None:
    odd = {name: value for name, value in CALCIUM.items() if name != "valueQuantity"} | {"valueString": "haemolysed"}
    chart = chart_of(export(tmp_path, METASTASIS, odd), knowledge, cache)
    assert [gap.reference for gap in chart.at(NOW).read_all().gaps] == ["Observation/ca"]
    assert not chart.at(datetime(2026, 2, 1, tzinfo=UTC)).read_all().gaps


def test_no_name_is_kept_of_whatever_does_not_fit(knowledge: Knowledge, cache: Path, tmp_path: Path) -> None:
    odd = {**CALCIUM, "id": 7, "performer": [{"display": "Dr Beispiel"}], "contained": [{**PATIENT, "gender": 1}]}
    contained = {
        **CALCIUM,
        "id": "c",
        "contained": [{"resourceType": "Practitioner", "name": [{"family": "Beispiel"}]}],
    }
    chart = chart_of(
        bundle(tmp_path, METASTASIS, odd, contained, {"resourceType": "Condition", "subject": 7}), knowledge, cache
    )
    assert b"Beispiel" not in encode_record(chart.record)
    assert len(chart.whole.observations) == 2
    assert chart.unreadable == 1


@pytest.mark.parametrize("written", [export, bundle])
def test_an_odd_resource_costs_neither_visits_nor_the_day_of_death(
    knowledge: Knowledge, cache: Path, tmp_path: Path, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PATIENT, "deceasedDateTime", "2026-02-20")
    visit = {"resourceType": "Encounter", "id": "e", "status": "finished", "subject": SUBJECT}
    visit |= {"class": {"code": "AMB"}, "period": {"start": "2026-01-10T08:00:00Z"}}
    chart = chart_of(written(tmp_path, METASTASIS, visit, {**visit, "id": 8}, {**CALCIUM, "id": 7}), knowledge, cache)
    assert chart.visits == (datetime(2026, 1, 10, 8, tzinfo=UTC),)
    alive, dead = chart.at(datetime(2026, 2, 1, tzinfo=UTC)).patient, chart.at(NOW).patient
    assert alive is not None and not alive.deceased
    assert dead is not None and dead.deceased


def test_records_survive_the_cache(knowledge: Knowledge, cache: Path, tmp_path: Path) -> None:
    record = chart_of(export(tmp_path, METASTASIS, CALCIUM, NOT_GIVEN), knowledge, cache).record
    assert decode_record(encode_record(record)) == record
