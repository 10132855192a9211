"""The whole answer of every example, and each message and draft order, written down: a change shows as a changed line.

``python -m tests.expected`` writes the files anew; read their difference before you commit it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from msgspec import UNSET

from cds_service.authoring.examples import ExampleRunner, outcome_line
from cds_service.authoring.variants import with_changes
from cds_service.engine.shown import Shown
from cds_service.hooks.response import Suggestion
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.workbench.fixture_files import fixtures_folder, read_scenarios
from tests import shipped

FOLDER = Path(__file__).parent / "expected_answers"
WRITTEN = FOLDER / "written"


def answers(card: CardDefinition, runner: ExampleRunner) -> str:
    """One line an example: its name and all that the rule says."""
    lines = []
    for example in card.examples:
        varied = with_changes(card, example.changes)
        lines.append(f"{example.name}: {outcome_line(card, varied.ask(runner.case_of(card, example)))}")
    return "\n".join(lines) + "\n"


def written(card: CardDefinition, runner: ExampleRunner) -> str:
    """Each message as a clinician reads it and each suggestion as it is signed, from the first example that shows it."""
    messages: dict[str, str] = {}
    suggestions: dict[str, str] = {}
    for example in card.examples:
        if len(messages) == len(card.messages) and len(suggestions) == len(card.suggestions):
            break
        for shown in runner.answer(card, example).shown:
            if shown.topic == card.topic:
                messages = {shown.message: _message(shown)} | messages
                suggestions = _suggestions(shown) | suggestions
    shown_first = [(card.messages, messages), (card.suggestions, suggestions)]
    return "\n".join(found[name] for names, found in shown_first for name in names if name in found) + "\n"


def _message(shown: Shown) -> str:
    detail = shown.card.detail or ""
    said = (f"{shown.message}: {shown.card.indicator}: {shown.card.summary}", *detail.splitlines())
    return "\n    ".join(line for line in said if line)


def _suggestions(shown: Shown) -> dict[str, str]:
    offered = shown.card.suggestions or ()
    return {shown.suggestions[offer.uuid]: "\n".join(_lines(shown.suggestions[offer.uuid], offer)) for offer in offered}


def _lines(name: str, offer: Suggestion) -> Iterator[str]:
    yield f"{name}: {offer.label}"
    for action in offer.actions or ():
        order = action.resource_id if action.resource is UNSET else bytes(action.resource).decode()
        yield f"    {action.type} ({action.description}): {order}"


@cache
def loaded() -> tuple[Knowledge, ExampleRunner]:
    """The knowledge, and a runner that knows the fixtures."""
    knowledge = shipped.knowledge()
    return knowledge, ExampleRunner(knowledge, read_scenarios(fixtures_folder()))


def main() -> None:
    """Write every file, and remove those of cards that are no more."""
    knowledge, runner = loaded()
    for folder, write in (
        (FOLDER, lambda card: answers(card, runner)),
        (WRITTEN, lambda card: written(card, runner)),
    ):
        folder.mkdir(exist_ok=True)
        for stale in {path.stem for path in folder.glob("*.txt")} - set(knowledge.cards):
            (folder / f"{stale}.txt").unlink()
        for card in knowledge.cards.values():
            (folder / f"{card.topic}.txt").write_text(write(card), encoding="utf-8")


if __name__ == "__main__":
    main()
