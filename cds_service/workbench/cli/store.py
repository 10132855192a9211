"""``cds-service audit``, ``backup``, ``restore`` and ``erase-patient``: what keepers of the store do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from cds_service.service.opening import open_store
from cds_service.service.settings import read_settings
from cds_service.service.store import Caller, Store, StoreUnavailable, backup
from cds_service.workbench.cli.conventions import FOUND_WRONG, counted


@contextmanager
def _opened() -> Iterator[Store]:
    store = open_store(read_settings())
    try:
        store.check()
        yield store
    except StoreUnavailable as error:
        raise ValueError(str(error)) from None
    finally:
        store.close()


@click.group("audit")
def audit_command() -> None:
    """The record of who came to which address, sealed row over row."""


@audit_command.command("verify")
@click.option(
    "--known", default="", metavar="END", help="The end that an earlier `verify` said: it must still be there."
)
def verify(known: str) -> None:
    """Walk the whole audit; exit code 1 and the first place that was changed, when one was."""
    with _opened() as store:
        found = store.verify_audit(known)
    if found.problem:
        click.secho(f"{found.problem} (the {found.rows} rows before it are as they were written)", fg="red")
        sys.exit(FOUND_WRONG)
    click.echo(f"{counted(found.rows, 'row')}, all as they were written, none missing; the end is {found.end}")


@audit_command.command("export")
@click.option("--out", type=click.File("w"), default="-", help="File to write; standard output without it.")
def export(out: TextIO) -> None:
    """Write the audit as FHIR AuditEvent resources, one a line (NDJSON)."""
    with _opened() as store:
        for event in store.audit_events():
            out.write(json.dumps(event, ensure_ascii=False) + "\n")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup_command(file: Path) -> None:
    """Write the whole store to FILE, which only its owner may read; the service may run meanwhile."""
    if not file.parent.is_dir():
        raise click.BadParameter(f"there is no folder {file.parent}", param_hint="FILE")
    with _opened() as store:
        click.echo(f"{counted(backup.write(store.database, file), 'row')} in {file}")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore_command(file: Path) -> None:
    """Put a backup into an empty store, of the same kind of database or the other; all of it or nothing."""
    with _opened() as store:
        click.echo(f"{counted(backup.restore(store.database, file), 'row')} restored")


@click.command("erase-patient")
@click.argument("patient_id")
@click.option("--client", default="", help="The iss of the client that knows the patient by this id.")
@click.option("--tenant", default="", help="Its tenant, when the client has several.")
def erase_patient(patient_id: str, client: str, tenant: str) -> None:
    """Erase a patient's cards, suggestions and feedback from the store; the audit keeps its rows without the patient."""
    with _opened() as store:
        for table, rows in store.forget_patient(Caller(client, tenant), patient_id).items():
            click.echo(f"{rows:>7} rows of {table}")
