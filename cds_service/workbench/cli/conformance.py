"""``cds-service conformance``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cds_service.conformance.conversation import converse
from cds_service.conformance.exchange import Signer, Target, read_signer
from cds_service.conformance.page import page
from cds_service.conformance.report import as_json as written_as_json
from cds_service.conformance.report import lines, report
from cds_service.service import clock
from cds_service.workbench.cli.conventions import FOUND_WRONG, NotReached, json_option

_COLOURS = {"met": "green", "not met": "red", "not applicable": "yellow", None: None}

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("conformance")
@click.option("--url", help="Base URL of the service, such as http://127.0.0.1:8000 or https://host/prefix.")
@click.option("--key", type=_FILE, help="Private JWK of a client that the service trusts, to sign calls.")
@click.option("--issuer", help="The iss of that client.")
@click.option("--jku", help="The jku that the tokens state, if any.")
@click.option("--tenant", help="The tenant that the tokens state, if any.")
@click.option("--ca", type=_FILE, help="Certificate authority of the service, when it is a private one.")
@json_option
@click.option("--all", "everything", is_flag=True, help="List also what does not apply, with the reason.")
@click.option("--strict", is_flag=True, help="Fail also when a recommendation (SHOULD) is not met.")
@click.option("--matrix", is_flag=True, help="Print the page docs/conformance.md of this service instead.")
def conformance(
    url: str | None,
    key: Path | None,
    issuer: str | None,
    jku: str | None,
    tenant: str | None,
    ca: Path | None,
    as_json: bool,
    everything: bool,
    strict: bool,
    matrix: bool,
) -> None:
    """Check any running CDS Hooks service against the specification: 2.0's requirements and what 3.0 adds.

    It calls each hook with an invented patient, and sends feedback on the cards. Exit code 0: nothing that must be met is
    unmet; 1: something is; 2: wrong use; 3: the service was not reached.
    """
    if matrix:
        click.echo(page(), nl=False)
        return
    if not url:
        raise click.UsageError("--url is needed: the base URL of the service to check")
    signer = _signer(key, issuer, jku, tenant)
    found = converse(Target(url, signer, ca=str(ca) if ca else True), clock.now())
    if not found.discovery.status:
        raise NotReached(f"{found.discovery.url} was not reached ({found.discovery.trouble})")
    verdict = report(found)
    if as_json:
        click.echo(json.dumps(written_as_json(verdict), indent=2))
    else:
        for standing, line in lines(verdict, everything=everything):
            click.secho(line, fg=_COLOURS[standing])
        if found.discovery.status == 401 and signer is None:
            click.secho(
                "The service asks for a token: give --key and --issuer of a client that it trusts.", fg="yellow"
            )
    sys.exit(0 if verdict.passes(strict=strict) else FOUND_WRONG)


def _signer(key: Path | None, issuer: str | None, jku: str | None, tenant: str | None) -> Signer | None:
    if key is None:
        return None
    if not issuer:
        raise click.UsageError("--key needs --issuer: the iss of the client whose key it is")
    return read_signer(key.read_text(encoding="utf-8"), issuer, jku=jku, tenant=tenant)
