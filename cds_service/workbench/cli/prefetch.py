"""``cds-service prefetch``: the queries that an analyst types into a system which does not read discovery."""

from __future__ import annotations

import json

import click

from cds_service.workbench.cli.conventions import json_option
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, knowledge_options


@click.command("prefetch")
@click.option(
    "--for", "profile", default="standard", metavar="PROFILE", help="Client profile: standard, epic, oracle ..."
)
@click.option("--hook", default="", metavar="HOOK", help="Only this hook.")
@json_option
@knowledge_options
def prefetch_command(profile: str, hook: str, as_json: bool, choice: KnowledgeChoice) -> None:
    """Print each service's address and its prefetch queries, in the search syntax of one kind of client."""
    knowledge = choice.announced()
    if profile not in knowledge.profiles:
        raise click.BadParameter(
            f"{profile!r} is not a profile; there are {', '.join(knowledge.profiles)}", param_hint="--for"
        )
    services = [service for service in knowledge.services.values() if hook in {"", service.hook}]
    if not services:
        raise click.BadParameter(f"no service answers the hook {hook!r}", param_hint="--hook")
    queries = {service.id: knowledge.profiles[profile].queries(service.prefetch) for service in services}
    if as_json:
        click.echo(json.dumps(queries, indent=2))
        return
    for service in services:
        click.secho(f"\n{service.hook}: /cds-services/{service.id}", bold=True)
        for key, query in queries[service.id].items():
            click.echo(f"  {key}: {query}")
