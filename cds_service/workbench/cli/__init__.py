"""The command line: ``cds-service`` and ``python -m cds_service``."""

from __future__ import annotations

import sys

import click

from cds_service import __version__
from cds_service.knowledge.errors import KnowledgeError
from cds_service.workbench.cli.check import check, content, fixtures, orders, safety
from cds_service.workbench.cli.conformance import conformance
from cds_service.workbench.cli.coverage import coverage_command
from cds_service.workbench.cli.evaluation import evaluate_file, explain_file
from cds_service.workbench.cli.feedback_report import report_command, silent_report_command
from cds_service.workbench.cli.keeping import audit_command, backup_command, erase_patient, restore_command
from cds_service.workbench.cli.new_card import new_card_command
from cds_service.workbench.cli.prefetch import prefetch_command
from cds_service.workbench.cli.promotion import promote, retire
from cds_service.workbench.cli.reloading import history_command, reload_command, rollback_command
from cds_service.workbench.cli.server import serve_command
from cds_service.workbench.cli.standards import export_fhir
from cds_service.workbench.cli.sweeping import sweep_command
from cds_service.workbench.cli.terminology import terminology
from cds_service.workbench.cli.tokens import explain_jwt
from cds_service.workbench.cli.tuning import diff, simulate


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cds-service")
def commands() -> None:
    """Decision support for metastatic bone and lung disease, as a CDS Hooks service.

    Start with `cds-service serve`, then `cds-service evaluate FILE` on a patient of your own.
    """


for command in (
    serve_command,
    check,
    new_card_command,
    coverage_command,
    evaluate_file,
    explain_file,
    fixtures,
    content,
    orders,
    explain_jwt,
    conformance,
    diff,
    simulate,
    sweep_command,
    terminology,
    reload_command,
    rollback_command,
    history_command,
    export_fhir,
    report_command,
    silent_report_command,
    audit_command,
    backup_command,
    restore_command,
    erase_patient,
    promote,
    retire,
    prefetch_command,
    safety,
):
    commands.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run a command; what is wrong with files or settings is said plainly, without a traceback."""
    try:
        commands(arguments, prog_name="cds-service")
    except (KnowledgeError, ValueError, LookupError, OSError) as error:
        click.secho(f"cds-service: {error}", fg="red", err=True)
        sys.exit(2)
