"""``cds-service reload``, ``rollback`` and ``history``: changed card files taken into use by a running service."""

from __future__ import annotations

import click

from cds_service.shell import clock
from cds_service.shell.reload import Origin, Shelf
from cds_service.shell.settings import read_settings


@click.command("reload")
def reload_command() -> None:
    """Check the card files and have every running worker take them into use within a second; all or nothing."""
    settings = read_settings()
    shelf = Shelf(settings.knowledge_folder)
    origin = Origin(settings.cards, settings.site, settings.candidate_site)
    edition, taken = shelf.take(origin, shelf.running(), clock.now())
    click.echo(f"knowledge {taken.version} is in force" + (f" instead of {taken.was}" if taken.was else ""))
    for change in edition.knowledge.origins:
        click.echo(f"  {change}")
    if edition.candidate is not None:
        click.echo(f"candidate {settings.candidate_site} runs silent:")
        for change in edition.candidate.origins:
            click.echo(f"  {change}")


@click.command("rollback")
def rollback_command() -> None:
    """Bring the knowledge before the one in force back."""
    settings = read_settings()
    shelf = Shelf(settings.knowledge_folder)
    taken = shelf.go_back(shelf.running(), clock.now())
    click.echo(f"knowledge {taken.version} is in force again instead of {taken.was}")


@click.command("history")
def history_command() -> None:
    """List the knowledge versions that were taken into use while the service ran."""
    shelf = Shelf(read_settings().knowledge_folder)
    for taken in shelf.history():
        click.echo(f"{taken.at}  {taken.how:<8} {taken.version}  (before: {taken.was or 'as started'})")
