"""``cds-service reload``, ``rollback`` and ``history``: changed card files taken into use by a running service."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from cds_service.service import clock
from cds_service.service.releases import Origin, ReleaseHistory
from cds_service.service.settings import read_settings
from cds_service.service.worker_status import Rollout, WorkerStatuses
from cds_service.workbench.cli.conventions import FOUND_WRONG, json_option


@click.command("reload")
def reload_command() -> None:
    """Check the card files and have every running worker take them into use within a second; all or nothing."""
    settings = read_settings()
    releases = ReleaseHistory(settings.knowledge_folder)
    origin = Origin(settings.cards, settings.site, settings.candidate_site)
    release, taken = releases.take(origin, clock.now())
    click.echo(f"knowledge {taken.version} is in force" + (f" instead of {taken.was}" if taken.was else ""))
    for change in release.knowledge.origins:
        click.echo(f"  {change}")
    if release.candidate is not None:
        click.echo(f"candidate {settings.candidate_site} runs silent:")
        for change in release.candidate.origins:
            click.echo(f"  {change}")
    say_who_runs_it(WorkerStatuses(releases.folder).wait_for(taken.number))


@click.command("rollback")
def rollback_command() -> None:
    """Bring the knowledge before the one in force back."""
    settings = read_settings()
    releases = ReleaseHistory(settings.knowledge_folder)
    taken = releases.go_back(clock.now())
    click.echo(f"knowledge {taken.version} is in force again instead of {taken.was}")
    say_who_runs_it(WorkerStatuses(releases.folder).wait_for(taken.number))


@click.command("history")
@json_option
def history_command(as_json: bool) -> None:
    """List the knowledge versions that were taken into use while the service ran."""
    releases = tuple(ReleaseHistory(read_settings().knowledge_folder).history())
    if as_json:
        click.echo(json.dumps([asdict(taken) for taken in releases], indent=2))
        return
    if not releases:
        click.echo("no knowledge version was taken into use while the service ran")
    for taken in releases:
        click.echo(f"{taken.at}  {taken.how:<8} {taken.version}  (before: {taken.was or 'none'})")


def say_who_runs_it(standing: Rollout) -> None:
    """Say what the workers that see the folder have said, nothing when there are none; end with 1 unless all run it."""
    if standing.running:
        click.echo(f"  {len(standing.running)} workers run it")
    for name in standing.refused:
        click.secho(f"  refused: {name}", fg="red")
    for name in standing.silent:
        click.secho(f"  silent: {name}", fg="yellow")
    if standing.refused or standing.silent:
        sys.exit(FOUND_WRONG)
