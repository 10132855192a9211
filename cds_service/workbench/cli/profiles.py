"""``cds-service profiles``: what each client profile promises."""

from __future__ import annotations

from pathlib import Path

import click

from cds_service.authoring.profile_rules import profiles_page
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, knowledge_options


@click.command("profiles")
@click.option("--write", is_flag=True, help="Write docs/profiles.md; otherwise print the page.")
@knowledge_options
def profiles_command(write: bool, choice: KnowledgeChoice) -> None:
    """Make the page of client profiles: which rules the answers of each keep."""
    page = profiles_page(choice.load().profiles)
    if write:
        Path("docs/profiles.md").write_text(page, encoding="utf-8")
    else:
        click.echo(page)
