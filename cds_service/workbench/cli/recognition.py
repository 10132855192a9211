"""``cds-service recognise``: what of a cohort's records nothing understands, and an overlay that a person finishes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
import msgspec
from rich.markup import escape
from rich.table import Table

from cds_service.chart.case import Case
from cds_service.chart.meanings import Meanings
from cds_service.chart.read_fhir import read_case
from cds_service.chart.wire import Prefetch
from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.request import Envelope, RequestError, RequestReader
from cds_service.knowledge.cards import Knowledge
from cds_service.service.advisor import circumstances_of
from cds_service.service.request_files import hook_request
from cds_service.simulation.proposed_overlay import likely_sets, proposed_overlay
from cds_service.simulation.recognition import Meter, Row
from cds_service.workbench.cli.cohort_options import moment
from cds_service.workbench.cli.conventions import json_option, write_file
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, knowledge_options
from cds_service.workbench.cli.terminal import console, watched
from cds_service.workbench.cohort.sample import sample

_READER = RequestReader(Envelope[Prefetch])
_TITLES = {
    "answer": "Answers",
    "unit": "Units",
    "date": "Dates",
    "reference": "References",
    "value": "Values that cannot be used",
    "other": "Other",
    "coding": "Codings",
}


@click.command("recognise")
@click.argument("cohort", type=click.Path(path_type=Path, exists=True))
@click.option("--patients", default=2000, show_default=True, type=click.IntRange(1), help="How many are looked at.")
@click.option("--top", default=25, show_default=True, type=click.IntRange(1), help="Rows of each table.")
@click.option("--as-of", default="", metavar="MOMENT", help="Take this moment for now.")
@click.option("--overlay", type=click.Path(path_type=Path), help="Write a proposed overlay to this file.")
@json_option
@knowledge_options
def recognise(
    cohort: Path,
    patients: int,
    top: int,
    as_of: str,
    overlay: Path | None,
    as_json: bool,
    choice: KnowledgeChoice,
) -> None:
    """Say what of COHORT nothing understands, how often, and which red flags are blind for it.

    COHORT is what `simulate` takes: bulk-export NDJSON, or files of Bundles and recorded hook requests.
    """
    knowledge = choice.announced()
    meter, unreadable = metered(cohort, knowledge, moment(as_of), patients)
    rows = meter.rows()
    if overlay is not None:
        write_file(overlay, proposed_overlay(rows, meter.patients, knowledge.codebook))
    report = {"patients": meter.patients, "concepts": meter.concepts, "unreadable": unreadable}
    if as_json:
        likely = [{"like": [one.name for one in likely_sets(row, knowledge.codebook)]} for row in rows]
        rows_with_sets = [asdict(row) | more for row, more in zip(rows, likely, strict=True)]
        click.echo(json.dumps({**report, "rows": rows_with_sets}, indent=2, ensure_ascii=False))
    else:
        _show(rows, report, top)


def metered(cohort: Path, knowledge: Knowledge, as_of: datetime, patients: int) -> tuple[Meter, int]:
    """Look at the patients of a cohort; also how many documents were neither a patient nor a request."""
    hook = "patient-view"
    cards = next(service.cards for service in knowledge.services.values() if service.hook == hook)
    meanings = Meanings(knowledge.codebook)
    meter, unreadable = Meter(meanings, cards), 0
    for sampled in watched("reading", sample(cohort, patients), patients):
        try:
            case = _case(sampled.document, as_of, meanings)
        except RequestError:
            unreadable += 1
            continue
        meter.take(sampled.resources, case)
    return meter, unreadable


def _case(document: bytes, as_of: datetime, meanings: Meanings) -> Case:
    try:
        request = _READER.read(hook_request(document), CONTEXTS)
    except msgspec.DecodeError:
        raise RequestError("The document cannot be read") from None
    return read_case(request.prefetch, circumstances_of(request, as_of), meanings)


def _show(rows: list[Row], report: dict[str, int], top: int) -> None:
    unknown = sum(row.times for row in rows if row.kind == "coding")
    console().print(
        f"{report['patients']} patients, {report['concepts']} concepts, {unknown} of them in no value set; "
        f"{report['unreadable']} documents were neither a patient nor a request"
    )
    for kind, title in _TITLES.items():
        found = [row for row in rows if row.kind == kind]
        if not found:
            continue
        table = Table(title=f"{title}: {sum(row.times for row in found)}", title_justify="left")
        for column in ("times", "patients", "where", "what", "red flags"):
            table.add_column(column, justify="right" if column in {"times", "patients"} else "left")
        for row in found[:top]:
            what = " ".join(part for part in (row.system, row.code, row.text) if part) or "-"
            table.add_row(str(row.times), str(row.patients), row.element, escape(what), ", ".join(row.blinds) or "-")
        console().print(table)
