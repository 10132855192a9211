"""The whole answer of every example, written down: a change of words, orders or evidence shows as a changed line.

``python -m tests.expected`` writes the files anew; read their difference before you commit it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cds_service.engine.examples import ExampleRunner, told
from cds_service.knowledge.cards import Card, Knowledge
from cds_service.knowledge.variants import with_changes
from cds_service.shell.fixture_files import fixtures_folder, read_scenarios
from cds_service.shell.knowledge_files import load_knowledge

FOLDER = Path(__file__).parent / "expected_answers"


def answers(card: Card, runner: ExampleRunner) -> str:
    """One line an example: its name and all that the rule says."""
    lines = []
    for example in card.examples:
        varied = with_changes(card, example.changes)
        case = runner.case(runner.scenario(example)).restricted_to(card.needs)
        lines.append(f"{example.name}: {told(card, varied.rule(case, **varied.arguments))}")
    return "\n".join(lines) + "\n"


@cache
def loaded() -> tuple[Knowledge, ExampleRunner]:
    """The knowledge, and a runner that knows the fixtures."""
    knowledge = load_knowledge()
    return knowledge, ExampleRunner(knowledge, read_scenarios(fixtures_folder()))


def main() -> None:
    """Write every file, and remove those of cards that are no more."""
    knowledge, runner = loaded()
    FOLDER.mkdir(exist_ok=True)
    for stale in {path.stem for path in FOLDER.glob("*.txt")} - set(knowledge.cards):
        (FOLDER / f"{stale}.txt").unlink()
    for card in knowledge.cards.values():
        (FOLDER / f"{card.topic}.txt").write_text(answers(card, runner), encoding="utf-8")


if __name__ == "__main__":
    main()
