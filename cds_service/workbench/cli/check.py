"""``cds-service check`` and ``cds-service fixtures``: the card files, their examples and the fixtures."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from cds_service.authoring.check import Problem, check_examples, check_scenarios
from cds_service.authoring.new_card import unfilled
from cds_service.authoring.orders_page import Row, orders_page, read_examples, understood
from cds_service.authoring.safety_page import read_safety_case, safety_page
from cds_service.authoring.scenarios import ConceptTable, write_fixtures
from cds_service.knowledge.cards import CardDefinition
from cds_service.service.knowledge_files import cards_folder, load_knowledge
from cds_service.workbench.cli.conventions import FOUND_WRONG, counted, json_option
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, card_of, knowledge_options
from cds_service.workbench.cli.terminal import watched
from cds_service.workbench.fixture_files import fixtures_folder, read_scenarios


@click.command("check")
@knowledge_options
@click.option("--card", "topic", default="", metavar="TOPIC", help="Check this card only.")
@json_option
def check(choice: KnowledgeChoice, topic: str, as_json: bool) -> None:
    """Check all card files, run their examples, and run the expectations of the fixtures."""
    knowledge = choice.announced()
    chosen = [card_of(knowledge, topic)] if topic else list(knowledge.cards.values())
    scenarios = read_scenarios(fixtures_folder())
    ran, problems = check_examples(knowledge, watched("checking", chosen, len(chosen)), scenarios)
    held, more = check_scenarios(knowledge, scenarios, topic)
    open_ = [Problem(place, "to fill in", text) for place, text in unfilled(_texts(choice.cards, chosen))]
    found = (*problems, *more, *open_)
    if as_json:
        counts = {"cards": len(chosen), "examples": ran, "expectations": held}
        click.echo(json.dumps(counts | {"problems": [asdict(one) for one in found]}, indent=2, ensure_ascii=False))
    else:
        for problem in found:
            _print(problem)
        checked = (
            f"{counted(len(chosen), 'card')}, {counted(ran, 'example')}, {counted(held, 'expectation')} of fixtures: "
        )
        click.secho(checked + (f"{len(found)} wrong" if found else "all as expected"), fg="red" if found else "green")
    sys.exit(FOUND_WRONG if found else 0)


def _texts(cards: Path | None, chosen: Iterable[CardDefinition]) -> dict[str, str]:
    """The files of these cards, as far as they are there: card, examples and rule."""
    folder = cards_folder(cards)
    found = {}
    for card in chosen:
        for path in (folder / f"{card.topic}.yaml", folder / "examples" / f"{card.topic}.yaml", _module(card)):
            if path.is_file():
                found[str(path)] = path.read_text(encoding="utf-8")
    return found


def _module(card: CardDefinition) -> Path:
    return Path(inspect.getfile(inspect.unwrap(card.rule)))


@click.command("fixtures")
@knowledge_options
@click.option("--write", is_flag=True, help="Write the files; otherwise only say which are stale.")
def fixtures(choice: KnowledgeChoice, write: bool) -> None:
    """Make the demonstration patients and requests from their scenarios."""
    folder = fixtures_folder()
    knowledge = choice.announced()
    texts = write_fixtures(read_scenarios(folder), ConceptTable(knowledge.codebook.sets.values()))
    stale = [name for name, text in texts.items() if _read(folder / name) != text]
    for name in stale:
        click.echo(f"{'wrote' if write else 'stale'}: {name}")
        if write:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(texts[name], encoding="utf-8")
    click.echo(f"{len(texts)} fixtures, {len(stale)} {'written' if write else 'stale'}")
    sys.exit(FOUND_WRONG if stale and not write else 0)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _print(problem: Problem) -> None:
    click.echo(f"{click.style(problem.where, bold=True)}: {problem.name}: {click.style(problem.complaint, fg='red')}")


@click.command("safety")
@click.option("--write", is_flag=True, help="Write docs/safety.md; otherwise print the page.")
def safety(write: bool) -> None:
    """Make the safety case: intended use, hazard log, and what a site confirms before live use."""
    case = read_safety_case((cards_folder() / "safety.yaml").read_text(encoding="utf-8"))
    page = safety_page(case, load_knowledge())
    if write:
        Path("docs/safety.md").write_text(page, encoding="utf-8")
    else:
        click.echo(page)


@click.command("orders")
@click.argument("text", default="")
@click.option(
    "--product", default="", help="The product that TEXT speaks of, such as 'Dexamethasone 4 MG Oral Tablet'."
)
@click.option("--write", is_flag=True, help="Write docs/orders.md; otherwise print the page.")
def orders(text: str, product: str, write: bool) -> None:
    """Make the page of orders understood; with TEXT, say what this order comes to."""
    words = load_knowledge().codebook.order_words
    if text:
        amount, why = understood(Row(written=text), product, words)
        click.echo(amount or why)
        return
    page = orders_page(read_examples((cards_folder() / "orders" / "examples.yaml").read_text(encoding="utf-8")), words)
    if write:
        Path("docs/orders.md").write_text(page, encoding="utf-8")
    else:
        click.echo(page)
