"""``cds-service reload``, ``rollback`` and ``history``: changed card files taken into use by a running service."""

from __future__ import annotations

import click

from cds_service.service import clock
from cds_service.service.reload import Origin, ReleaseHistory
from cds_service.service.settings import read_settings


@click.command("reload")
def reload_command() -> None:
    """Check the card files and have every running worker take them into use within a second; all or nothing."""
    settings = read_settings()
    releases = ReleaseHistory(settings.knowledge_folder)
    origin = Origin(settings.cards, settings.site, settings.candidate_site)
    release, taken = releases.take(origin, releases.running(), clock.now())
    click.echo(f"knowledge {taken.version} is in force" + (f" instead of {taken.was}" if taken.was else ""))
    for change in release.knowledge.origins:
        click.echo(f"  {change}")
    if release.candidate is not None:
        click.echo(f"candidate {settings.candidate_site} runs silent:")
        for change in release.candidate.origins:
            click.echo(f"  {change}")


@click.command("rollback")
def rollback_command() -> None:
    """Bring the knowledge before the one in force back."""
    settings = read_settings()
    releases = ReleaseHistory(settings.knowledge_folder)
    taken = releases.go_back(releases.running(), clock.now())
    click.echo(f"knowledge {taken.version} is in force again instead of {taken.was}")


@click.command("history")
def history_command() -> None:
    """List the knowledge versions that were taken into use while the service ran."""
    releases = ReleaseHistory(read_settings().knowledge_folder)
    for taken in releases.history():
        click.echo(f"{taken.at}  {taken.how:<8} {taken.version}  (before: {taken.was or 'as started'})")
