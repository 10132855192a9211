"""``cds-service serve``."""

from __future__ import annotations

from typing import Any

import click

from cds_service.service.serve import serve
from cds_service.service.settings import read_settings
from cds_service.workbench.demonstration import demonstration


@click.command("serve")
@click.option("--host", help="Address to listen on [default: 127.0.0.1, or CDS_HOST].")
@click.option("--port", type=int, help="Port to listen on [default: 8000, or CDS_PORT].")
@click.option("--workers", type=int, help="Worker processes [default: one per core, or CDS_WORKERS].")
@click.option("--site", help="Site overlay, such as uk-nice [or CDS_SITE].")
@click.option(
    "--extension-namespace",
    metavar="REVERSE-DOMAIN",
    help="Before the names in our extension objects, such as org.example.hospital [or CDS_EXTENSION_NAMESPACE].",
)
def serve_command(
    host: str | None, port: int | None, workers: int | None, site: str | None, extension_namespace: str | None
) -> None:
    """Start the service. Without settings it is a developer's: SQLite, no authentication, demonstration clock.

    All settings are environment variables that begin with CDS_; the README lists them.
    """
    given: dict[str, Any] = {
        "host": host,
        "port": port,
        "workers": workers,
        "site": site,
        "extension_namespace": extension_namespace,
    }
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    click.echo(f"CDS Hooks discovery: {settings.base_url}/cds-services", err=True)
    serve(settings, demonstration)
