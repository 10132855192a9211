"""The meter: what of a cohort nothing understands is counted, ranked by what it blinds, and proposed as an overlay."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds_service.knowledge.load import load
from cds_service.service.knowledge_files import cards_folder, read_card_files
from cds_service.workbench.cli.recognition import recognise
from tests.clinical.asking import LOINC, Resource, coded, condition, moment, observation

LIS = "https://lab.example.org/catalogue"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def record(number: int) -> list[Resource]:
    """A patient with breast cancer whose laboratory has codes, a unit and a word of its own."""
    patient = {"resourceType": "Patient", "id": f"p{number}", "gender": "female", "birthDate": "1964-05-01"}
    local = {"coding": [{"system": LIS, "code": "CA", "display": "Kalk, total"}]}
    resources: list[Resource] = [
        condition(coded(ICD, "C50.911"), 500),
        condition({"text": f"private words of p{number}"}, 5),
        observation(local, 3.1, "mmol/L"),
        observation(coded(LOINC, "2000-8"), 3.1, "florins"),
        {"resourceType": "MedicationRequest", "id": f"m{number}", "status": "active", "intent": "order",
         "authoredOn": moment(3), "medicationReference": {"reference": "Medication/none"}},
    ]  # fmt: skip
    about = {"subject": {"reference": f"Patient/p{number}"}}
    return [patient, *({**one, "id": f"{place}-{number}", **about} for place, one in enumerate(resources))]


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same four patients as files, as lines, and as a bulk export; one line is no patient."""
    folder = tmp_path_factory.mktemp("cohorts")
    records = [record(number) for number in range(4)]
    bundles = [{"resourceType": "Bundle", "entry": [{"resource": one} for one in each]} for each in records]
    for name in ("files", "lines", "export"):
        (folder / name).mkdir()
    for place, bundle in enumerate(bundles):
        (folder / "files" / f"{place}.json").write_text(json.dumps(bundle), encoding="utf-8")
    (folder / "files" / "other.json").write_text('{"resourceType": "Basic"}', encoding="utf-8")
    (folder / "lines" / "all.ndjson").write_text("\n".join(map(json.dumps, bundles)), encoding="utf-8")
    kinds = {resource["resourceType"] for each in records for resource in each}
    for kind in kinds:
        lines = [json.dumps(one) for each in records for one in each if one["resourceType"] == kind]
        (folder / "export" / f"{kind}.ndjson").write_text("\n".join(lines), encoding="utf-8")
    return {name: folder / name for name in ("files", "lines", "export")}


@cache
def report(cohort: Path, *more: str) -> dict[str, Any]:
    arguments = [str(cohort), "--as-of", "2026-03-02T09:00:00Z", "--json", *more]
    done = CliRunner().invoke(recognise, arguments)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.output)
    return found


def row(found: dict[str, Any], kind: str, **wanted: str) -> dict[str, Any]:
    rows = [one for one in found["rows"] if one["kind"] == kind and wanted.items() <= one.items()]
    assert len(rows) == 1, rows
    return dict(rows[0])


def test_a_code_that_nobody_knows_is_counted_with_the_red_flags_that_read_its_kind(cohorts: dict[str, Path]) -> None:
    found = row(report(cohorts["files"]), "coding", code="CA")
    assert (found["times"], found["patients"], found["system"], found["text"]) == (4, 4, LIS, "Kalk, total")
    assert found["element"] == "Observation.code"
    assert "hypercalcaemia" in found["blinds"]


def test_a_unit_and_a_reference_are_counted_with_the_red_flags_that_they_blind(cohorts: dict[str, Path]) -> None:
    found = report(cohorts["files"])
    unit = row(found, "unit")
    assert (unit["element"], unit["text"], unit["times"]) == ("no-unit: calcium-total", "florins", 4)
    assert unit["blinds"] == ["hypercalcaemia"]
    assert row(found, "reference")["times"] == 4


def test_no_word_and_no_name_of_a_single_patient_is_in_the_report(cohorts: dict[str, Path]) -> None:
    text = json.dumps(report(cohorts["files"]))
    assert "private words" not in text
    assert '"p1"' not in text
    assert "Medication/none" not in text


@pytest.mark.parametrize("kind", ["lines", "export"])
def test_every_kind_of_cohort_gives_the_same_rows(cohorts: dict[str, Path], kind: str) -> None:
    assert report(cohorts[kind])["rows"] == report(cohorts["files"])["rows"]


def test_a_document_that_is_neither_is_counted_and_costs_nothing(cohorts: dict[str, Path]) -> None:
    found = report(cohorts["files"])
    assert (found["patients"], found["unreadable"]) == (4, 1)


def test_as_many_patients_are_looked_at_as_are_asked_for(cohorts: dict[str, Path]) -> None:
    assert report(cohorts["export"], "--patients", "2")["patients"] == 2


def test_the_proposed_overlay_loads_and_understands_nothing_until_a_person_has_finished_it(
    cohorts: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "proposed.yaml"
    report(cohorts["files"], "--overlay", str(path))
    text = path.read_text(encoding="utf-8")
    files = read_card_files(cards_folder(), examples=False)
    proposed = load({**files, "sites/proposed.yaml": text}, overlay="sites/proposed.yaml").codebook
    assert proposed.systems.name(LIS) == "system-lab-example-org-catalogue"
    assert proposed.of_code(LIS, "CA") == frozenset()
    line = next(line for line in text.splitlines() if '"CA"' in line).removeprefix("# ").replace('""', '"LIS 2026"')
    finished = text.replace("value_sets: {}", f"value_sets:\n  calcium-total:\n    codes:\n    {line}")
    understood = load({**files, "sites/proposed.yaml": finished}, overlay="sites/proposed.yaml").codebook
    assert "calcium-total" in understood.of_code(LIS, "CA")
