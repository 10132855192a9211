"""``cds-service report`` and ``cds-service silent-report``: what was shown, what became of it, what promotion would change."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from cds_service.service.knowledge_files import load_knowledge
from cds_service.service.opening import open_store
from cds_service.service.settings import read_settings
from cds_service.service.store import CardRow, Period, Store
from cds_service.simulation.feedback import (
    FeedbackReport,
    SilentRow,
    acceptance,
    silent_report,
    with_what_if,
)
from cds_service.simulation.feedback_fhir import measure_reports
from cds_service.simulation.feedback_page import feedback_page
from cds_service.simulation.question import Question
from cds_service.simulation.quieter_values import quietable
from cds_service.simulation.tunings import what_if
from cds_service.workbench.cli.cohort_options import CohortRun, cohort_options, moment
from cds_service.workbench.cli.conventions import json_option, write_file
from cds_service.workbench.cli.knowledge_options import announced
from cds_service.workbench.cli.report_on_screen import show, show_cards, show_silent
from cds_service.workbench.cli.report_tables import write_tables
from cds_service.workbench.cohort.quieter_values import quiet
from cds_service.workbench.figures import cards_of_topic, read_report


@click.command("report")
@click.option("--since", default="", metavar="DAY", help="From this day on.")
@click.option("--until", default="", metavar="DAY", help="Before this moment.")
@click.option("--site", "only_site", default="", help="One site only.")
@click.option(
    "--noisy-from", type=float, default=50.0, show_default=True, help="Overridden of 100 that counts as too noisy."
)
@click.option("--least", type=int, default=20, show_default=True, help="Fewest shown cards to judge noise by.")
@click.option(
    "--cohort",
    type=click.Path(path_type=Path, exists=True),
    help="Patients on whom to try what would quiet the too noisy cards, and what would be missed.",
)
@click.option("--at-encounters", is_flag=True, help="With --cohort: ask at each encounter.")
@cohort_options
@json_option
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help="Write the report as CSV: this file, others beside it."
)
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write the report as one page.")
@click.option("--cards", "cards_of", default="", metavar="TOPIC", help="List the cards of one topic, by pseudonym.")
@click.option("--fhir", "fhir_file", type=click.Path(path_type=Path), help="Write a Bundle of MeasureReports.")
def report_command(
    since: str,
    until: str,
    only_site: str,
    noisy_from: float,
    least: int,
    cohort: Path | None,
    at_encounters: bool,
    run: CohortRun,
    as_json: bool,
    csv_file: Path | None,
    html_file: Path | None,
    cards_of: str,
    fhir_file: Path | None,
) -> None:
    """Say what was shown, accepted, overridden and left, from the store that CDS_STORE_URL names.

    With --cohort, the parameters of each too noisy card (of CDS_CARDS and CDS_SITE) are tried on those patients.
    """
    period = _period(since, until, only_site)
    settings = read_settings()
    with closing(open_store(settings)) as store:
        if cards_of:
            show_cards(cards_of_topic(store, period, cards_of), cards_of, as_json)
            return
        report = read_report(store, period, noisy_from / 100, least)
        if cohort is not None and report.noisy:
            knowledge = announced(load_knowledge(settings.cards, site=settings.site or None))
            question = Question(knowledge, None, run.as_of, at_encounters)
            report = _with_what_if(report, store, period, question, cohort, run)
    if csv_file is not None:
        write_tables(csv_file, report)
    if html_file is not None:
        write_file(html_file, feedback_page(report))
    if fhir_file is not None:
        start, end = period.since or datetime.fromisoformat("2000-01-01T00:00Z"), period.until or moment("")
        write_file(fhir_file, json.dumps(measure_reports(report, start, end), indent=2) + "\n")
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2, ensure_ascii=False))
    else:
        show(report)


@click.command("silent-report")
@click.option("--since", default="", metavar="DAY", help="From this day on.")
@click.option("--until", default="", metavar="DAY", help="Before this moment.")
@json_option
def silent_report_command(since: str, until: str, as_json: bool) -> None:
    """Compare what ran silent, cards and candidate overlays, with what was shown, and say what promotion would change."""
    period = _period(since, until, "")
    with closing(open_store(read_settings())) as store:
        rows = [_silent_row(row) for row in store.card_rows(period)]
        failed = [
            (one.group[0], one.group[1], one.failures) for one in store.failure_tallies(["variant", "topic"], period)
        ]
    found = silent_report(rows, failed)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        show_silent(found)


def _silent_row(row: CardRow) -> SilentRow:
    call = row.client, row.tenant, row.service, row.hook_instance
    return SilentRow(row.variant, row.topic, row.message, row.indicator, row.standing, row.card_id, call)


def _period(since: str, until: str, site: str) -> Period:
    start = moment(since, "--since") if since else None
    if start is not None and len(since) == len("2026-03-02"):
        start = start.replace(hour=0, minute=0)  # from a day on: its beginning
    return Period(start, moment(until, "--until") if until else None, {"site": site} if site else None)


def _with_what_if(
    report: FeedbackReport, store: Store, period: Period, question: Question, cohort: Path, run: CohortRun
) -> FeedbackReport:
    """Try the parameters of the noisy cards on a cohort; recorded requests find their own cards in the store."""
    knowledge, noisy = question.current, [row.topic for row in report.noisy]
    topics = quietable(knowledge, noisy)
    accepted = frozenset(
        row.card_id for row in store.card_rows(period) if row.outcome == "accepted" and row.topic in topics
    )
    with run.opened(cohort, question.codebooks) as (cached, pool, progress):
        results = quiet(cached, question, topics, accepted, pool, progress)
    tried = [what_if(knowledge, topic, results.get(topic), acceptance(report, topic), cohort.name) for topic in noisy]
    return with_what_if(report, tried)
