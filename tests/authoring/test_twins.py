"""Twins: whatever a record's dialect, the same patient gets the same cards, but for what the dialect cannot say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml

from cds_service.authoring.scenarios.concepts import ConceptTable
from cds_service.authoring.scenarios.dialects import DIALECTS, Dialect, DialectsFile, Speaker, twin
from cds_service.authoring.scenarios.files import ScenarioFile, read_scenario_file
from cds_service.authoring.scenarios.requests import request
from cds_service.chart.wire import Prefetch
from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.request import Envelope, RequestReader
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.knowledge_files import cards_folder, load_knowledge

SCENARIOS = Path(__file__).parents[2] / "fhir_fixtures" / "scenarios"
READER = RequestReader(Envelope[Prefetch])


@cache
def scenarios() -> dict[str, ScenarioFile]:
    found = {path.stem: path for path in sorted(SCENARIOS.glob("*.yaml"))}
    return {name: read_scenario_file(path.name, path.read_text(encoding="utf-8")) for name, path in found.items()}


@cache
def advisor() -> KnowledgeAdvisor:
    return KnowledgeAdvisor(load_knowledge(examples=False))


@cache
def table() -> ConceptTable:
    return ConceptTable(advisor().knowledge.codebook.sets.values())


@cache
def dialects() -> DialectsFile:
    written = yaml.safe_load((cards_folder() / "dialects.yaml").read_text(encoding="utf-8"))
    return DialectsFile.model_validate(written)


def speaker() -> Speaker:
    return Speaker(advisor().knowledge.codebook, dialects().words)


def said(body: object, as_of: datetime) -> dict[str, str]:
    """The message of each card that is due, by topic; held back or not."""
    asked = READER.read(json.dumps(body).encode(), CONTEXTS)
    service = f"metastatic-disease-{asked.hook}"
    verdicts = advisor().consult(service, asked, as_of.astimezone(UTC)).verdicts
    return {one.card.topic: one.outcome.message for one in verdicts if one.fired}  # type: ignore[union-attr]


@cache
def spoken(name: str) -> dict[str, str]:
    scenario = scenarios()[name]
    return said(request(scenario, table(), name=name), scenario.as_of)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
def test_the_cards_of_a_twin_are_the_same(dialect: Dialect) -> None:
    wrong = []
    for name, scenario in scenarios().items():
        own = said(twin(scenario, table(), dialect, speaker(), name), scenario.as_of)
        for topic in sorted(spoken(name).keys() | own.keys()):
            was, is_now = spoken(name).get(topic, "silent"), own.get(topic, "silent")
            if was != is_now and not _unsayable(dialect.name, topic, name):
                wrong.append(f"{name}: {topic}: {was} became {is_now}")
    assert not wrong, "\n".join(wrong)


def _unsayable(dialect: str, topic: str, scenario: str) -> bool:
    return any(
        one.dialect == dialect and topic in one.topics and (not one.scenarios or scenario in one.scenarios)
        for one in dialects().cannot_say
    )


def test_there_are_ten_dialects_and_each_changes_many_patients() -> None:
    assert len(DIALECTS) >= 10
    plain = {name: json.dumps(request(scenario, table(), name=name)) for name, scenario in scenarios().items()}
    for dialect in DIALECTS:
        twins = {name: json.dumps(twin(one, table(), dialect, speaker(), name)) for name, one in scenarios().items()}
        assert sum(twins[name] != plain[name] for name in plain) >= 10, dialect.name


def test_what_a_dialect_cannot_say_is_on_the_page_and_is_true() -> None:
    page = (Path(__file__).parents[2] / "docs" / "recognition.md").read_text(encoding="utf-8")
    names = {dialect.name: dialect for dialect in DIALECTS}
    for one in dialects().cannot_say:
        assert f"| {one.dialect} | {', '.join(one.topics)} | {one.why} |" in page
        for scenario in one.scenarios:
            written = twin(scenarios()[scenario], table(), names[one.dialect], speaker(), scenario)
            own = said(written, scenarios()[scenario].as_of)
            assert any(spoken(scenario).get(topic) != own.get(topic) for topic in one.topics), one
