"""``cds-service orderables``: our orders beside a client's order catalogue, for the pharmacist who maps them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from cds_service.authoring.examples import ExampleRunner
from cds_service.authoring.orderables import OrderLine, as_overlay, from_csv, order_lines, to_csv
from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.orderables import ANY_CLIENT
from cds_service.workbench.cli.conventions import FOUND_WRONG, json_option, write_file
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, knowledge_options
from cds_service.workbench.fixture_files import fixtures_folder, read_scenarios

_BLOCK = re.compile(r"^orderables:.*\n(?:[ #\t-].*\n|\n)*", re.MULTILINE)


@click.command("orderables")
@click.option("--client", default=ANY_CLIENT, metavar="NAME", help="Name of a client in the allowlist [any].")
@click.option("--export", "export", type=click.Path(path_type=Path, dir_okay=False), help="Write the table as CSV.")
@click.option(
    "--import", "table", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Read the table back."
)
@click.option(
    "--into", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Site's file that takes the import."
)
@json_option
@knowledge_options
def orderables_command(
    client: str,
    export: Path | None,
    table: Path | None,
    into: Path | None,
    as_json: bool,
    choice: KnowledgeChoice,
) -> None:
    """List each order that cards suggest, in each dose, with the client's entry for it, and what is still to be mapped.

    Exit code 1 while an order is not mapped, or an entry stands for another dose.
    """
    knowledge = choice.announced()
    if table is not None:
        _take_in(table, into, knowledge)
        return
    lines = order_lines(knowledge, ExampleRunner(knowledge, read_scenarios(fixtures_folder())), client)
    if export is not None:
        write_file(export, to_csv(lines, client))
        return
    if as_json:
        click.echo(json.dumps([line.as_json for line in lines], indent=2, ensure_ascii=False))
    else:
        _show(lines)
    sys.exit(FOUND_WRONG if any(line.problem for line in lines) else 0)


def _take_in(table: Path, into: Path | None, knowledge: Knowledge) -> None:
    """Print a filled-in table as the part of an overlay, or put it into a site's file in place of what stands there."""
    try:
        written = as_overlay(from_csv(table.read_text(encoding="utf-8"), knowledge))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--import") from None
    if into is None:
        click.echo(written, nl=False)
        return
    kept = _BLOCK.sub("", into.read_text(encoding="utf-8")).rstrip("\n")
    write_file(into, f"{kept}\n\n{written}")


def _show(lines: Sequence[OrderLine]) -> None:
    for line in lines:
        name = f"{line.order} {line.dose}" if line.dose else line.order
        said = line.problem or ", ".join(f"{entry.code} {entry.display}" for entry in line.entries)
        click.echo(f"{click.style(said, fg='yellow') if line.problem else said}  {name}: {line.words}")
    problems = sum(bool(line.problem) for line in lines)
    click.echo(f"{len(lines)} orders by dose, {problems} to be mapped or mended")
