"""The check of the knowledge: every example and every fixture's expectation, run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds_service.authoring.examples import ExampleRunner, describe
from cds_service.authoring.scenarios import ScenarioFile
from cds_service.chart.case import Case
from cds_service.engine.evaluate import case_for, evaluate_card
from cds_service.knowledge.cards import CardDefinition, Knowledge


@dataclass(frozen=True, slots=True)
class Problem:
    """An example or expectation that does not hold."""

    where: str
    name: str
    complaint: str


def check_examples(
    knowledge: Knowledge, cards: Iterable[CardDefinition], fixtures: Mapping[str, ScenarioFile]
) -> tuple[int, list[Problem]]:
    """Run the examples of these cards; gives how many ran, and those that do not hold."""
    runner = ExampleRunner(knowledge, fixtures)
    ran = 0
    problems: list[Problem] = []
    for card in cards:
        for example in card.examples:
            ran += 1
            try:
                complaint = runner.run(card, example).complaint
            except Exception as error:  # noqa: BLE001 - whatever an example breaks is what the check reports
                complaint = f"{type(error).__name__}: {error}"
            if complaint:
                problems.append(Problem(example.where, f"{card.topic}: {example.name}", complaint))
    return ran, problems


def check_scenarios(
    knowledge: Knowledge, fixtures: Mapping[str, ScenarioFile], topic: str = ""
) -> tuple[int, list[Problem]]:
    """Hold every fixture's ``expect`` (topic to outcome) against what the cards say of it."""
    runner = ExampleRunner(knowledge, fixtures)
    held = 0
    problems: list[Problem] = []
    for name, scenario in fixtures.items():
        case = runner.case(scenario)
        for expected_topic, expected in scenario.expect.items():
            if topic not in {"", expected_topic}:
                continue
            held += 1
            found = _found(case, expected_topic, knowledge)
            if not found.startswith(expected.partition(" (")[0]):
                problems.append(
                    Problem(f"scenarios/{name}.yaml", expected_topic, f"expected {expected}, found {found}")
                )
    return held, problems


def _found(case: Case, topic: str, knowledge: Knowledge) -> str:
    card = knowledge.cards.get(topic)
    if card is None:
        return "no such card"
    return describe(evaluate_card(case_for(card, case, knowledge.cards.values()), card))
