"""The fixtures on disk are what their scenarios say, valid FHIR, and read back as what was meant."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.authoring.scenarios import ConceptTable, ScenarioFile, read_scenario_file, request, write_fixtures
from cds_service.authoring.scenarios.codings import METASTASIS_SITES
from cds_service.authoring.scenarios.facts import ConditionFact, EncounterFact, FactModel
from cds_service.chart.case import Case
from cds_service.chart.meanings import Meanings
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from cds_service.chart.wire import Prefetch
from tests.shipped import codebook

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fhir_fixtures"
BOOK = codebook()
CODES = ConceptTable(BOOK.sets.values())
MEANINGS = Meanings(BOOK)
SCENARIOS: dict[str, ScenarioFile] = {
    path.stem: read_scenario_file(path.name, path.read_text(encoding="utf-8"))
    for path in sorted((FIXTURES / "scenarios").glob("*.yaml"))
}
RED_FLAGS = ("mscc-suspected", "hypercalcaemia")


def test_the_fixtures_on_disk_are_those_that_the_scenarios_make() -> None:
    made = write_fixtures(SCENARIOS, CODES)
    on_disk = {
        str(path.relative_to(FIXTURES)): path.read_text(encoding="utf-8")
        for folder in ("patients", "requests")
        for path in (FIXTURES / folder).glob("*.json")
    }
    assert sorted(on_disk) == sorted(made)
    assert [path for path in made if made[path] != on_disk[path]] == [], "write the fixtures anew"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_patient_is_valid_r4b(name: str) -> None:
    bundle = json.loads((FIXTURES / "patients" / f"{name}.json").read_text(encoding="utf-8"))
    get_fhir_model_class("Bundle").model_validate(bundle)


@pytest.mark.parametrize("name", SCENARIOS)
def test_everything_in_a_request_is_valid_r4b(name: str) -> None:
    path = FIXTURES / "requests" / f"{name}-{SCENARIOS[name].hook}.json"
    body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    parts = [*body["prefetch"].values(), *filter(None, [body["context"].get("draftOrders")])]
    for part in parts:
        get_fhir_model_class(part["resourceType"]).model_validate(part)


def test_there_are_patients_enough_and_each_red_flag_comes_in_four_flavours() -> None:
    flavours: dict[str, set[str]] = defaultdict(set)
    for scenario in SCENARIOS.values():
        for topic, outcome in scenario.expect.items():
            if outcome.startswith("fired"):
                flavours[topic].add(scenario.flavour)
    assert len(SCENARIOS) >= 32
    assert all(len(flavours[topic]) >= 4 for topic in RED_FLAGS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_patient_has_a_story_and_an_expectation(name: str) -> None:
    scenario = SCENARIOS[name]
    assert len(scenario.about) > 30
    assert scenario.expect
    assert len(scenario.facts) >= 5


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_fact_is_read_back_as_the_concept_that_it_was_written_from(name: str) -> None:
    scenario = SCENARIOS[name]
    read = _concepts_by_id(_case(scenario))
    counted: dict[str, int] = defaultdict(int)
    for fact in scenario.facts:
        if not isinstance(fact, FactModel):
            continue
        counted[fact.kind] += 1
        if _is_read_as_written(fact, scenario):
            assert fact.concept in read[fact.id or f"{fact.kind}-{counted[fact.kind]}"]


def _is_read_as_written(fact: FactModel, scenario: ScenarioFile) -> bool:
    """Not what stands for no value set, is refuted, never arrives, or leaves its organ to the body site."""
    if fact.concept == "other" or (isinstance(fact, EncounterFact) and fact.concept not in BOOK.sets):
        return False
    if not isinstance(fact, ConditionFact):
        return True
    if scenario.flavour == "mcode" or (fact.code and fact.site):
        return fact.concept not in METASTASIS_SITES
    return scenario.expect.get("could-not-assess") != "fired" and "ruled-out" not in scenario.patient.id


def _case(scenario: ScenarioFile) -> Case:
    body = request(scenario, CODES)
    context = body["context"]
    circumstances = Circumstances(
        patient_id=context["patientId"],
        hook=scenario.hook,
        as_of=scenario.as_of,
        encounter_id=context.get("encounterId", ""),
        draft_orders=json.dumps(context["draftOrders"]).encode() if "draftOrders" in context else b"",
        selections=tuple(context["selections"]) if "selections" in context else None,
    )
    prefetch = msgspec.json.decode(json.dumps(body["prefetch"]), type=Prefetch)
    return read_case(prefetch, circumstances, MEANINGS)


def _concepts_by_id(case: Case) -> dict[str, frozenset[str]]:
    kinds = ("conditions", "observations", "reports", "procedures", "medications", "orders", "devices", "encounters")
    return {fact.reference.rpartition("/")[2]: fact.concepts for kind in kinds for fact in getattr(case, kind)}
