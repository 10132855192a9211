"""``cds-service completion``: names of commands and options, completed by the shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

PROGRAM, VARIABLE = "cds-service", "_CDS_SERVICE_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print what SHELL needs to complete commands, such as: eval "$(cds-service completion bash)"."""
    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(context.find_root().command, {}, PROGRAM, VARIABLE).source())
