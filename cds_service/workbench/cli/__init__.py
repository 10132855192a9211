"""The command line: ``cds-service`` and ``python -m cds_service``."""

from __future__ import annotations

import click

from cds_service import __version__
from cds_service.workbench.cli.conventions import Commands

PROGRAM = "cds-service"
SECTIONS = {
    "Run it": {
        "serve": ("server", "Start the service."),
        "doctor": (
            "doctor",
            "Look at this installation: settings, cards, store, keys, FHIR servers, orderables, and what is still to be signed.",
        ),
        "reload": (
            "reloading",
            "Check the card files and have every running worker take them into use within a second; all or nothing.",
        ),
        "rollback": ("reloading", "Bring the knowledge before the one in force back."),
        "canary": (
            "canary",
            "Try changed card files on a share of patients; taken back when failures or rates leave their band.",
        ),
        "account": ("account", "Write an entry of the file of accounts, for log-in to committee mode."),
        "history": ("reloading", "List the knowledge versions that were taken into use while the service ran."),
    },
    "Ask about a patient": {
        "evaluate": ("evaluation", "Show the cards for a patient."),
        "explain": (
            "evaluation",
            "Say what each red flag rests on, and for every rule whether it fired, did not, could not tell or failed.",
        ),
        "orders": ("check", "Make the page of orders understood; with TEXT, say what this order comes to."),
    },
    "Change the knowledge": {
        "profiles": ("profiles", "Make the page of client profiles: which rules the answers of each keep."),
        "orderables": (
            "orderables",
            "List each order that cards suggest, in each dose, with the client's entry for it, and what is still to be mapped.",
        ),
        "check": ("check", "Check all card files, run their examples, and run the expectations of the fixtures."),
        "coverage": (
            "coverage",
            "Say which messages, reasons for silence, notes, suggestions and parameter edges no example and no fixture hits.",
        ),
        "diff": (
            "tuning",
            "Say in sentences what differs between two knowledge versions: the site's, and the one that --against and --set make.",
        ),
        "unpack": (
            "new_card",
            "Copy the card files and made-up patients that came with the service into FOLDER, to be worked on there.",
        ),
        "new-card": ("new_card", "Write card, rule, examples and patient of TOPIC, to be filled in."),
        "promote": ("promotion", "Let TOPIC run silent, or speak when it ran silent already."),
        "retire": ("promotion", "Let TOPIC speak no more."),
        "languages": ("languages", "Translations of the cards: bring the catalogues up to date, and check them."),
        "terminology": (
            "terminology",
            "Codes and words: what the value sets understand, and how their expansions are made.",
        ),
    },
    "Try it on many": {
        "cohort": ("cohort", "Write a synthetic cohort into FOLDER as bulk-export NDJSON; nobody in it exists."),
        "simulate": ("tuning", "Say which cards COHORT would get, and who gets others under --against or --set."),
        "recognise": (
            "recognition",
            "Say what of COHORT nothing understands, how often, and which red flags are blind for it.",
        ),
        "sweep": (
            "sweeping",
            "Draw how many patients of COHORT get a card as TOPIC.PARAMETER (or shared.PARAMETER) runs from FROM to TO.",
        ),
    },
    "See what came of it": {
        "report": (
            "feedback_report",
            "Say what was shown, accepted, overridden and left, from the store that CDS_STORE_URL names.",
        ),
        "silent-report": (
            "feedback_report",
            "Compare what ran silent, cards and candidate overlays, with what was shown, and say what promotion would change.",
        ),
    },
    "Keep records": {
        "audit": ("store", "The record of who came to which address, sealed row over row."),
        "backup": (
            "store",
            "Write the whole store to FILE, which only its owner may read; the service may run meanwhile.",
        ),
        "restore": (
            "store",
            "Put a backup into an empty store, of the same kind of database or the other; all of it or nothing.",
        ),
        "erase-patient": (
            "store",
            "Erase a patient's cards, suggestions and feedback from the store; the audit keeps its rows without the patient.",
        ),
    },
    "Integrate": {
        "conformance": (
            "conformance",
            "Check any running CDS Hooks service against the specification: 2.0's requirements and what 3.0 adds.",
        ),
        "prefetch": (
            "prefetch",
            "Print each service's address and its prefetch queries, in the search syntax of one kind of client.",
        ),
        "explain-jwt": ("tokens", "Say which checks a client's token passes and which it fails."),
        "export-fhir": (
            "standards",
            "Write each card to FOLDER as FHIR R4: PlanDefinition, ActivityDefinition, Library; and each ValueSet.",
        ),
    },
    "Make pages and files": {
        "content": (
            "content",
            "Make the clinical content page: statements of the sources, cards, parameters, examples.",
        ),
        "safety": (
            "check",
            "Make the safety case: intended use, hazard log, and what a site confirms before live use.",
        ),
        "fixtures": ("check", "Make the demonstration patients and requests from their scenarios."),
        "completion": (
            "completion",
            'Print what SHELL needs to complete commands, such as: eval "$(cds-service completion bash)".',
        ),
    },
}
"""Each command with the module that holds it and what it says of itself: a module is imported when its command is run."""


def known_commands() -> dict[str, str]:
    """The commands and what each says of itself, without importing any."""
    return {name: says for commands in SECTIONS.values() for name, (_, says) in commands.items()}


@click.group(
    cls=Commands,
    package=__name__,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name=PROGRAM)
def commands() -> None:
    """Decision support for metastatic bone and lung disease, as a CDS Hooks service.

    Start with `cds-service serve`, then `cds-service evaluate FILE` on a patient of your own.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run a command; what is wrong with files or settings is said plainly, without a traceback."""
    commands(arguments, prog_name=PROGRAM)
