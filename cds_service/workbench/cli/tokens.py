"""``cds-service explain-jwt``."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from cds_service.service import clock
from cds_service.service.auth.clients import Clients, read_clients
from cds_service.service.auth.explain import explain
from cds_service.service.auth.key_sets import KeySets
from cds_service.service.auth.verify import Endpoint
from cds_service.workbench.cli.conventions import FOUND_WRONG


@click.command("explain-jwt")
@click.argument("token", metavar="FILE", type=click.File("r"))
@click.option("--url", required=True, help="The exact URL that the client called, such as https://host/cds-services.")
@click.option(
    "--clients", "allowlist", type=click.Path(path_type=Path, exists=True), help="Allowlist file of the CDS clients."
)
@click.option("--development", is_flag=True, help="Allow what only a development server allows, such as presets.")
def explain_jwt(token: object, url: str, allowlist: Path | None, development: bool) -> None:
    """Say which checks a client's token passes and which it fails. FILE holds the token; - reads standard input.

    The token is never printed and not used up.
    """
    clients = Clients.of(())
    if allowlist is not None:
        clients = read_clients(allowlist.read_text(encoding="utf-8"), file=str(allowlist), development=development)
    parts = urlsplit(url)
    place = url.find("/cds-services")
    base = url[:place] if place >= 0 else f"{parts.scheme}://{parts.netloc}"
    path = url[place:] if place >= 0 else parts.path
    text = token.read() if hasattr(token, "read") else ""
    findings = explain(text, Endpoint(base, path), clock.now(), clients, KeySets())
    signs = {True: ("ok  ", "green"), False: ("FAIL", "red"), None: ("-   ", "yellow")}
    for check, holds, message in findings:
        sign, colour = signs[holds]
        click.echo(f"{click.style(sign, fg=colour)} {check:<14} {message}")
    sys.exit(FOUND_WRONG if any(holds is False for _, holds, _ in findings) else 0)
