"""``cds-service canary``: changed card files tried on a share of patients, for a time, beside the version in force."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from cds_service.service import clock
from cds_service.service.canary import counted
from cds_service.service.canary_band import Tally
from cds_service.service.canary_record import BAND, CALLS, Canaries, Terms
from cds_service.service.canary_routes import begin_canary, end_canary
from cds_service.service.releases import Origin, ReleaseHistory
from cds_service.service.settings import Settings, read_settings
from cds_service.service.worker_status import WorkerStatuses
from cds_service.workbench.cli.conventions import json_option
from cds_service.workbench.cli.reloading import say_who_runs_it


@click.group("canary")
def canary_command() -> None:
    """Try changed card files on a share of patients; taken back when failures or rates leave their band."""


@canary_command.command("begin")
@click.option("--share", type=float, default=10.0, show_default=True, help="Patients of 100 that get the new version.")
@click.option("--hours", type=float, default=24.0, show_default=True, help="How long.")
@click.option("--node", default="", help="Host name of the one node that tries it; without it all do.")
@click.option("--band", type=float, default=BAND, show_default=True, help="How many times as often, or as seldom.")
@click.option("--calls", type=int, default=CALLS, show_default=True, help="Calls before rates are compared.")
@click.option("--expect", "expected", multiple=True, metavar="TOPIC", help="A card whose rate may change; repeatable.")
def begin_command(share: float, hours: float, node: str, band: float, calls: int, expected: tuple[str, ...]) -> None:
    """Check the card files and try them; what is in force stays so for all others."""
    settings = read_settings()
    releases = ReleaseHistory(settings.knowledge_folder)
    canary = begin_canary(releases, _origin(settings), Terms(share, hours, node, band, calls, expected), clock.now())
    click.echo(canary.sentence)
    say_who_runs_it(WorkerStatuses(releases.folder).wait_for_canary(canary.number))


@canary_command.command("end")
def end_command() -> None:
    """End it: everybody gets the version in force. `cds-service reload` takes the files into use instead."""
    releases = ReleaseHistory(read_settings().knowledge_folder)
    canary = end_canary(releases, clock.now())
    click.echo(canary.sentence)
    say_who_runs_it(WorkerStatuses(releases.folder).wait_for_canary(canary.number))


@canary_command.command("show")
@json_option
def show_command(as_json: bool) -> None:
    """Say how the newest canary stands, and what the workers have counted."""
    releases = ReleaseHistory(read_settings().knowledge_folder)
    canary = Canaries(releases.folder).newest()
    words = [word.canary for word in WorkerStatuses(releases.folder).read().values()]
    tried, elsewhere = counted(words, canary) if canary is not None else (Tally(), Tally())
    if as_json:
        counts = {"tried": tried.as_json(), "elsewhere": elsewhere.as_json()}
        click.echo(json.dumps({"canary": asdict(canary) if canary else None} | counts, indent=2))
        return
    click.echo(canary.sentence if canary else "no version was ever tried")
    for name, tally in {"tried": tried, "elsewhere": elsewhere}.items() if canary and canary.state == "running" else ():
        click.echo(f"  {name}: {tally.calls} calls, {tally.failed} failed, {tally.cards.total()} cards due")


def _origin(settings: Settings) -> Origin:
    return Origin(settings.cards, settings.site, settings.candidate_site)
