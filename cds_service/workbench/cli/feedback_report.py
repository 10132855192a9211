"""``cds-service report`` and ``cds-service silent-report``: what was shown, what became of it, what promotion would change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table

from cds_service.service.application import open_store
from cds_service.service.knowledge_files import load_knowledge
from cds_service.service.settings import Settings, read_settings
from cds_service.service.store import Period, Store
from cds_service.simulation.feedback import (
    FeedbackReport,
    GroupRow,
    SilentReport,
    SilentRow,
    acceptance,
    silent_report,
    with_what_if,
)
from cds_service.simulation.feedback_fhir import measure_reports
from cds_service.simulation.feedback_page import feedback_page
from cds_service.simulation.question import Question
from cds_service.simulation.quieter_values import quietable
from cds_service.simulation.tunings import Tuning, spread, what_if
from cds_service.workbench.cli.conventions import json_option, write_file
from cds_service.workbench.cli.knowledge_options import announced
from cds_service.workbench.cli.report_tables import write_tables
from cds_service.workbench.cli.terminal import console, progress_bar
from cds_service.workbench.cli.tuning import cohort_options, moment
from cds_service.workbench.cohort import open_cohort
from cds_service.workbench.cohort.quieter_values import quiet
from cds_service.workbench.cohort.workers import open_workers
from cds_service.workbench.figures import cards_of_topic, read_report

TUNINGS_SHOWN = 6
"""Tunings of one card that the terminal shows."""


@dataclass(frozen=True, slots=True)
class _Cohort:
    """The cohort that the what-if is asked of, and how."""

    folder: Path
    as_of: datetime
    at_encounters: bool
    workers: int | None
    distributed: str
    cache: Path


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
    as_of: str,
    workers: int | None,
    distributed: str,
    cache: Path,
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
    store = open_store(settings)
    try:
        if cards_of:
            _show_cards(cards_of_topic(store, period, cards_of), cards_of, as_json)
            return
        report = read_report(store, period, noisy_from / 100, least)
        if cohort is not None and report.noisy:
            asked = _Cohort(cohort, moment(as_of), at_encounters, workers, distributed, cache)
            report = _with_what_if(report, store, period, settings, asked)
    finally:
        store.close()
    if csv_file is not None:
        write_tables(csv_file, report)
    if html_file is not None:
        write_file(html_file, feedback_page(report))
    if fhir_file is not None:
        start, end = period.since or datetime.fromisoformat("2000-01-01T00:00Z"), period.until or moment("")
        write_file(fhir_file, json.dumps(measure_reports(report, start, end), indent=2) + "\n")
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2, ensure_ascii=False))
        return
    _show(report)


@click.command("silent-report")
@click.option("--since", default="", metavar="DAY", help="From this day on.")
@click.option("--until", default="", metavar="DAY", help="Before this moment.")
@json_option
def silent_report_command(since: str, until: str, as_json: bool) -> None:
    """Compare what ran silent, cards and candidate overlays, with what was shown, and say what promotion would change."""
    store = open_store(read_settings())
    try:
        period = _period(since, until, "")
        rows = list(store.card_rows(period))
        failed = [(f.group[0], f.group[1], f.failures) for f in store.failure_tallies(["variant", "topic"], period)]
    finally:
        store.close()
    found = silent_report(
        [
            SilentRow(
                row.variant,
                row.topic,
                row.message,
                row.indicator,
                row.standing,
                row.card_id,
                (row.client, row.tenant, row.service, row.hook_instance),
            )
            for row in rows
        ],
        failed,
    )
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
        return
    _show_silent(found)


def _period(since: str, until: str, site: str) -> Period:
    where = {"site": site} if site else None
    start = moment(since, "--since").replace(hour=0, minute=0) if len(since) == len("2026-03-02") else None
    return Period(
        start or (moment(since, "--since") if since else None), moment(until, "--until") if until else None, where
    )


def _show_cards(cards: Sequence[Mapping[str, str]], topic: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(cards, indent=2, ensure_ascii=False))
        return
    if not cards:
        click.echo(f"No card of {topic} is on record in this period.")
        return
    table = Table(title=f"Cards of {topic}")
    for name in cards[0]:
        table.add_column(name)
    for row in cards:
        table.add_row(*row.values())
    console().print(table)


def _with_what_if(
    report: FeedbackReport, store: Store, period: Period, settings: Settings, asked: _Cohort
) -> FeedbackReport:
    """Try the parameters of the noisy cards on a cohort; recorded requests find their own cards in the store."""
    knowledge = announced(load_knowledge(settings.cards, site=settings.site or None))
    noisy = [row.topic for row in report.noisy]
    topics = quietable(knowledge, noisy)
    accepted = frozenset(
        row.card_id for row in store.card_rows(period) if row.outcome == "accepted" and row.topic in topics
    )
    question = Question(knowledge, None, asked.as_of, asked.at_encounters)
    with progress_bar() as progress, open_workers(asked.workers, asked.distributed) as hands:
        cached = open_cohort(asked.folder, question.codebooks, asked.cache, hands, progress)
        results = quiet(cached, question, topics, accepted, hands, progress)
    name = asked.folder.name
    return with_what_if(
        report, [what_if(knowledge, topic, results.get(topic), acceptance(report, topic), name) for topic in noisy]
    )


def _show(report: FeedbackReport) -> None:
    out = console()
    if not report.groups.get("topic"):
        out.print("No card is on record in this period.")
    if report.remark:
        out.print(report.remark)
    for by in ("topic", "week", "user_role"):
        if report.groups.get(by):
            out.print(_table(by, report.groups[by]))
    if report.reasons:
        out.print("[bold]Why overridden[/bold]")
    for topic, reason, cards in report.reasons[:15]:
        out.print(f"  {topic}: {reason or 'no reason given'}, {cards} cards", highlight=False, markup=False)
    if report.failures:
        out.print("[bold]Could not tell, or failed[/bold]")
        for topic, kind, because, times in report.failures[:15]:
            out.print(f"  {topic}: {kind.replace('-', ' ')} {times} times, {because}", highlight=False, markup=False)
    if report.noisy:
        out.print("[bold]Too noisy[/bold]")
    for noisy in report.noisy:
        out.print(f"  {noisy.sentence}", highlight=False, markup=False)
        out.print(f"  {noisy.what_if}", highlight=False, markup=False, style="dim")
        if noisy.tunings:
            out.print(_tunings_table(noisy.tunings))
    _show_usage(report)
    if report.unknown_feedback:
        out.print(f"{report.unknown_feedback} items of feedback name no card on record")


def _show_usage(report: FeedbackReport) -> None:
    out = console()
    if report.needed:
        table = Table(title="Cards shown for each one acted upon")
        for name in ("topic", "shown", "accepted", "settled at the next opening", "shown per action"):
            table.add_column(name, justify="left" if name == "topic" else "right")
        for one in report.needed:
            needed = "none acted upon" if one.needed is None else f"{one.needed:.1f}"
            table.add_row(one.topic, str(one.shown), str(one.accepted), str(one.settled), needed)
        out.print(table)
    for row in report.burden:
        said = f"{row.service}: {row.cards} cards in {row.calls} calls, {row.per_100:.1f} per 100"
        out.print(said, highlight=False, markup=False)
    if report.users.users:
        users = report.users
        said = f"{users.users} users saw a median of {users.median:g} cards; nine of ten "
        said += f"within {users.nine_of_ten}; most {users.most}"
        out.print(said, highlight=False, markup=False)
    for alert in report.drift:
        out.print(f"Drift: {alert}", highlight=False, markup=False, style="bold")


def _tunings_table(tunings: Sequence[Tuning]) -> Table:
    best = spread([one for one in tunings if one.best], TUNINGS_SHOWN)
    more = len(tunings) - len(best)
    table = Table(caption=f"{more} more in --json, --csv and --html" if more else None, caption_justify="left")
    table.add_column("tuning")
    for name in ("patients of 100", "cards fewer", "critical missed", "accepted missed"):
        table.add_column(name, justify="right")
    for one in best:
        likely = f"{one.missed_accepted:.1f} ({one.missed_accepted_low:.1f} to {one.missed_accepted_high:.1f})"
        recorded = "" if one.missed_on_record is None else f", {one.missed_on_record} on record"
        table.add_row(
            f"{one.change}\n--set {one.setting!r}",
            f"{one.before.per_100:.1f} -> {one.after.per_100:.1f}",
            f"{one.fewer} of {one.cards_now}" + (f" (+{one.gained})" if one.gained else ""),
            f"{one.missed_critical}" + (f", {one.lowered} lowered" if one.lowered else ""),
            likely + recorded,
        )
    return table


def _table(by: str, rows: Sequence[GroupRow]) -> Table:
    table = Table(title=f"By {by.replace('_', ' ')}")
    table.add_column(by.replace("_", " "))
    for name in (
        "shown",
        "accepted of 100",
        "overridden of 100",
        "no response",
        "capped",
        "snoozed",
        "withheld",
        "silent",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        counts = (row.no_response, row.capped, row.snoozed, row.withheld, row.silent, row.done)
        table.add_row(
            row.group or "(not said)",
            str(row.shown),
            str(row.accepted_rate),
            str(row.overridden_rate),
            *map(str, counts),
        )
    return table


def _show_silent(found: SilentReport) -> None:
    out = console()
    if not found.lines:
        out.print("Nothing ran silent.")
    for line in found.lines:
        out.print(line.sentence, highlight=False, markup=False)
