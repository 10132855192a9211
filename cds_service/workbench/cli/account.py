"""``cds-service account``."""

from __future__ import annotations

import click

from cds_service.workbench.committee.accounts import account_line


@click.command("account")
@click.argument("name")
@click.option("--display", required=True, help="How the history calls the person.")
@click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when it is not given."
)
def account_command(name: str, display: str, password: str) -> None:
    """Write an entry of the file of accounts, for log-in to committee mode.

    The file begins with a line `accounts:`; CDS_ACCOUNTS names it.
    """
    click.echo(account_line(name, display, password))
