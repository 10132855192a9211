"""``cds-service doctor``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from cds_service.service.settings import read_settings
from cds_service.workbench.cli.conventions import FOUND_WRONG, json_option
from cds_service.workbench.doctor import examined

_COLOURS = {"ok": "green", "look": "yellow", "wrong": "red"}


@click.command("doctor")
@json_option
def doctor_command(as_json: bool) -> None:
    """Look at this installation: settings, cards, store, keys, FHIR servers, orderables, and what is still to be signed.

    Exit code 1 when something is wrong; what only wants a look is yellow.
    """
    found = []
    for one in examined(read_settings):
        found.append(one)
        if not as_json:
            click.echo(f"{click.style(f'{one.state:<5}', fg=_COLOURS[one.state])} {one.about}: {one.said}")
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
    sys.exit(FOUND_WRONG if any(one.state == "wrong" for one in found) else 0)
