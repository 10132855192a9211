"""``cds-service content``: what this service says, for a hospital's governance."""

from __future__ import annotations

from pathlib import Path

import click

from cds_service.authoring.committee_pack import COLUMNS, content_pack, parameter_rows
from cds_service.authoring.content_page import content_page
from cds_service.authoring.examples import ExampleRunner
from cds_service.authoring.ladders import ladders_of
from cds_service.authoring.written_cards import cards_page
from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import cards_folder, load_knowledge
from cds_service.simulation.changes import changes
from cds_service.workbench.cli.conventions import write_csv, write_file
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, knowledge_options
from cds_service.workbench.cli.terminal import watched
from cds_service.workbench.fixture_files import fixtures_folder, read_scenarios


@click.command("content")
@click.option(
    "--write", is_flag=True, help="Write docs/clinical-content.md and docs/cards.md, of the card files as they are."
)
@click.option(
    "--html", "html_file", type=click.Path(path_type=Path), help="Write a page for a committee; it prints well."
)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write every parameter as a row.")
@knowledge_options
def content(
    write: bool,
    html_file: Path | None,
    csv_file: Path | None,
    choice: KnowledgeChoice,
) -> None:
    """Make the clinical content page: statements of the sources, cards, parameters, examples."""
    if write:
        knowledge = load_knowledge()
        runner = ExampleRunner(knowledge, read_scenarios(fixtures_folder()))
        write_file(Path("docs/clinical-content.md"), page_of(knowledge, None))
        write_file(Path("docs/cards.md"), cards_page(knowledge, runner))
        return
    knowledge = choice.announced()
    if html_file is not None:
        differences = [str(one) for one in changes(load_knowledge(choice.cards), knowledge)]
        write_file(html_file, content_pack(page_of(knowledge, choice.cards), knowledge, differences))
    if csv_file is not None:
        write_csv(csv_file, (COLUMNS, *parameter_rows(knowledge)))
    if html_file is None and csv_file is None:
        click.echo(page_of(knowledge, choice.cards))


def page_of(knowledge: Knowledge, cards: Path | None) -> str:
    """The clinical content page of this knowledge, in Markdown."""
    seeds = (cards_folder(cards) / "seeds.yaml").read_text(encoding="utf-8")
    one_by_one = watched("climbing", knowledge.cards.values(), len(knowledge.cards))
    ladders = ladders_of(knowledge, read_scenarios(fixtures_folder()), one_by_one)
    return content_page(seeds, knowledge, ladders)
