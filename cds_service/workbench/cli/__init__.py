"""The command line: ``cds-service`` and ``python -m cds_service``."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from cds_service import __version__
from cds_service.knowledge.errors import KnowledgeError

_COMMANDS = {
    "serve": ("server", "Start the service."),
    "check": ("check", "Check all card files, run their examples, and run the expectations of the fixtures."),
    "new-card": ("new_card", "Write card, rule, examples and patient of TOPIC, to be filled in."),
    "coverage": (
        "coverage",
        "Say which messages, reasons for silence, notes, suggestions and parameter edges no example and no fixture hits.",
    ),
    "evaluate": ("evaluation", "Show the cards for a patient."),
    "explain": (
        "evaluation",
        "Say what each red flag rests on, and for every rule whether it fired, did not, could not tell or failed.",
    ),
    "fixtures": ("check", "Make the demonstration patients and requests from their scenarios."),
    "content": ("check", "Make the clinical content page: statements of the sources, cards, parameters, examples."),
    "orders": ("check", "Make the page of orders understood; with TEXT, say what this order comes to."),
    "explain-jwt": ("tokens", "Say which checks a client's token passes and which it fails."),
    "conformance": (
        "conformance",
        "Check any running CDS Hooks service against the specification: 2.0's requirements and what 3.0 adds.",
    ),
    "diff": (
        "tuning",
        "Say in sentences what differs between two knowledge versions: the site's, and the one that --against and --set make.",
    ),
    "simulate": ("tuning", "Say which cards COHORT would get, and who gets others under --against or --set."),
    "sweep": (
        "sweeping",
        "Draw how many patients of COHORT get a card as TOPIC.PARAMETER (or shared.PARAMETER) runs from FROM to TO.",
    ),
    "terminology": (
        "terminology",
        "Codes and words: what the value sets understand, and how their expansions are made.",
    ),
    "reload": (
        "reloading",
        "Check the card files and have every running worker take them into use within a second; all or nothing.",
    ),
    "rollback": ("reloading", "Bring the knowledge before the one in force back."),
    "history": ("reloading", "List the knowledge versions that were taken into use while the service ran."),
    "export-fhir": (
        "standards",
        "Write each card to FOLDER as FHIR R4: PlanDefinition, ActivityDefinition, Library; and each ValueSet.",
    ),
    "report": (
        "feedback_report",
        "Say what was shown, accepted, overridden and left, from the store that CDS_STORE_URL names.",
    ),
    "silent-report": (
        "feedback_report",
        "Compare what ran silent, cards and candidate overlays, with what was shown, and say what promotion would change.",
    ),
    "audit": ("keeping", "The record of who came to which door, sealed row over row."),
    "backup": (
        "keeping",
        "Write the whole store to FILE, which only its owner may read; the service may run meanwhile.",
    ),
    "restore": (
        "keeping",
        "Put a backup into an empty store, of the same kind of database or the other; all of it or nothing.",
    ),
    "erase-patient": (
        "keeping",
        "Erase a patient's cards, suggestions and feedback from the store; the audit keeps its rows without the patient.",
    ),
    "promote": ("promotion", "Let TOPIC run silent, or speak when it ran silent already."),
    "retire": ("promotion", "Let TOPIC speak no more."),
    "prefetch": (
        "prefetch",
        "Print each service's address and its prefetch queries, in the search syntax of one kind of client.",
    ),
    "safety": ("check", "Make the safety case: intended use, hazard log, and what a site confirms before live use."),
}
"""Each command with the module that holds it and what it says of itself: a module is imported when its command is run."""


def known_commands() -> dict[str, str]:
    """The commands and what each says of itself, without importing any."""
    return {name: says for name, (_, says) in _COMMANDS.items()}


class _Commands(click.Group):
    """Commands that are imported when they are needed: help answers at once, and no command waits for the others' libraries."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"{__name__}.{_COMMANDS[cmd_name][0]}")
        found = (each for each in vars(module).values() if isinstance(each, click.Command) and each.name == cmd_name)
        return next(found)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = formatter.width - 6 - max(map(len, _COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl([(name, _shortened(says, width)) for name, (_, says) in _COMMANDS.items()])


def _shortened(text: str, width: int) -> str:
    """The first words that stand on one line, as click would shorten them."""
    return click.Command(None, help=text).get_short_help_str(width)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cds-service")
def commands() -> None:
    """Decision support for metastatic bone and lung disease, as a CDS Hooks service.

    Start with `cds-service serve`, then `cds-service evaluate FILE` on a patient of your own.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run a command; what is wrong with files or settings is said plainly, without a traceback."""
    try:
        commands(arguments, prog_name="cds-service")
    except (KnowledgeError, ValueError, LookupError, OSError) as error:
        click.secho(f"cds-service: {error}", fg="red", err=True)
        sys.exit(2)
