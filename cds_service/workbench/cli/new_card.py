"""``cds-service new-card``: begin a card."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from cds_service import rules
from cds_service.authoring.new_card import UNFILLED, new_card, with_topic
from cds_service.service.clock import this_minute
from cds_service.service.knowledge_files import cards_folder
from cds_service.workbench.fixture_files import fixtures_folder

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command("new-card")
@click.argument("topic")
@click.option("--hook", default="patient-view", show_default=True, help="The hook that it answers.")
@click.option("--cards", type=_FOLDER, help="Folder of card files.")
@click.option("--rules", "rules_folder", type=_FOLDER, help="Folder of the rules' modules.")
@click.option("--fixtures", type=_FOLDER, help="Folder of the demonstration patients.")
def new_card_command(
    topic: str, hook: str, cards: Path | None, rules_folder: Path | None, fixtures: Path | None
) -> None:
    """Write card, rule, examples and patient of TOPIC, to be filled in.

    They load and run as they are, as a draft that nobody is shown; `check --card TOPIC` names what is to be filled in.
    """
    try:
        made = new_card(topic, hook, this_minute().date())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="TOPIC") from None
    folder = cards_folder(cards)
    modules = rules_folder or Path(str(resources.files(rules)))
    scenarios = (fixtures or fixtures_folder()) / "scenarios"
    texts = {
        folder / f"{topic}.yaml": made.card,
        folder / "examples" / f"{topic}.yaml": made.examples,
        modules / f"{made.rule_name}.py": made.rule,
        scenarios / f"{topic}.yaml": made.scenario,
    }
    there = [str(path) for path in texts if path.exists()]
    if there:
        raise click.ClickException(f"already there: {', '.join(there)}")
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    services = folder / "services.yaml"
    services.write_text(with_topic(services.read_text(encoding="utf-8"), topic), encoding="utf-8")
    click.echo(f"put {topic} last in the order of {services}; move it to its rank")
    click.echo(f"fill in what says {UNFILLED}, then: cds-service check --card {topic}")
