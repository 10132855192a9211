"""``cds-service new-card``: begin a card; ``cds-service unpack``: the files that came with the service, to work on."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import click

from cds_service import rules
from cds_service.authoring.new_card import UNFILLED, new_card, refuse_no_topic, same_shape, with_topic
from cds_service.knowledge.errors import nearest_name
from cds_service.service.clock import this_minute
from cds_service.service.knowledge_files import cards_folder
from cds_service.workbench.cli.knowledge_options import cards_option
from cds_service.workbench.fixture_files import fixtures_folder

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command("new-card")
@click.argument("topic")
@click.option("--like", default="", metavar="TOPIC", help="Begin as this card, with its rule: no Python is needed.")
@click.option("--hook", default="patient-view", show_default=True, help="The hook that it answers.")
@cards_option
@click.option("--rules", "rules_folder", type=_FOLDER, help="Folder of the rules' modules.")
@click.option("--fixtures", type=_FOLDER, help="Folder of the demonstration patients.")
def new_card_command(
    topic: str, like: str, hook: str, cards: Path | None, rules_folder: Path | None, fixtures: Path | None
) -> None:
    """Write card, rule, examples and patient of TOPIC, to be filled in.

    They load and run as they are, as a draft that nobody is shown; `check --card TOPIC` names what is to be filled in.
    With --like a card that is there lends rule, words, numbers and examples; nothing but card and examples is written.
    """
    folder = cards_folder(cards)
    try:
        texts = _like(folder, like, topic) if like else _anew(folder, topic, hook, rules_folder, fixtures)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="TOPIC") from None
    there = [str(path) for path in texts if path.exists()]
    if there:
        raise click.ClickException(f"already there: {', '.join(there)}")
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    services = folder / "services.yaml"
    services.write_text(with_topic(services.read_text(encoding="utf-8"), topic, like), encoding="utf-8")
    click.echo(f"put {topic} {f'after {like}' if like else 'last'} in the order of {services}; move it to its rank")
    click.echo(f"fill in what says {UNFILLED}, then: cds-service check --card {topic}")


def _anew(folder: Path, topic: str, hook: str, rules_folder: Path | None, fixtures: Path | None) -> dict[Path, str]:
    made = new_card(topic, hook, this_minute().date())
    modules = rules_folder or Path(str(resources.files(rules)))
    return {
        folder / f"{topic}.yaml": made.card,
        folder / "examples" / f"{topic}.yaml": made.examples,
        modules / f"{made.rule_name}.py": made.rule,
        (fixtures or fixtures_folder()) / "scenarios" / f"{topic}.yaml": made.scenario,
    }


def _like(folder: Path, like: str, topic: str) -> dict[Path, str]:
    refuse_no_topic(topic)
    card, examples = folder / f"{like}.yaml", folder / "examples" / f"{like}.yaml"
    if not (card.is_file() and examples.is_file()):
        near = nearest_name(like, tuple(path.stem for path in (folder / "examples").glob("*.yaml")))
        hinted = f"; the nearest is {near}" if near else ""
        raise click.BadParameter(f"{like!r} is not a card of {folder}{hinted}", param_hint="--like")
    return {
        folder / f"{topic}.yaml": same_shape(card.read_text(encoding="utf-8"), topic),
        folder / "examples" / f"{topic}.yaml": examples.read_text(encoding="utf-8"),
    }


@click.command("unpack")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def unpack(folder: Path) -> None:
    """Copy the card files and made-up patients that came with the service into FOLDER, to be worked on there."""
    for source, name in ((cards_folder(), "cards"), (fixtures_folder(), "fhir_fixtures")):
        place = folder / name
        if place.exists():
            raise click.ClickException(f"already there: {place}")
        shutil.copytree(source, place)
        click.echo(f"wrote {place}")
