"""``cds-service diff`` and ``cds-service simulate``: what another overlay or value would change, and for whom."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import load_knowledge
from cds_service.simulation.changes import changes
from cds_service.simulation.page import report_page
from cds_service.simulation.question import Question
from cds_service.simulation.report import Rate, SimulationReport, TopicRow, csv_rows, simulation_report
from cds_service.workbench.cli.cohort_options import CohortRun, cohort_options, moment
from cds_service.workbench.cli.conventions import json_option, write_csv, write_file
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, header, knowledge_options
from cds_service.workbench.cli.terminal import console
from cds_service.workbench.cohort.ask import ask


def candidate_of(choice: KnowledgeChoice, against: str) -> Knowledge | None:
    """The knowledge to compare with: another overlay or folder of cards, with the settings on top; ``None`` without any."""
    if not against and not choice.settings:
        return None
    if against and (Path(against) / "services.yaml").is_file():
        return replace(choice, cards=Path(against)).load()
    return replace(choice, site=against or choice.site).load()


def against_option(command: Any) -> Any:
    """Add ``--against``."""
    return click.option(
        "--against",
        default="",
        metavar="OVERLAY",
        help="Candidate: a site overlay (name or file), or a folder of cards.",
    )(command)


@click.command("diff")
@against_option
@json_option
@knowledge_options
def diff(against: str, as_json: bool, choice: KnowledgeChoice) -> None:
    """Say in sentences what differs between two knowledge versions: the site's, and the one that --against and --set make."""
    current = choice.as_filed.load()
    candidate = candidate_of(choice, against)
    if candidate is None:
        candidate, current = current, load_knowledge(choice.cards)
    found = changes(current, candidate)
    if as_json:
        sides = {"from": current.version, "to": candidate.version, "fromSite": current.site, "toSite": candidate.site}
        click.echo(json.dumps(sides | {"changes": [asdict(one) for one in found]}, indent=2, ensure_ascii=False))
        return
    click.echo(f"{header(current)} -> {header(candidate)}")
    for change in found:
        click.echo(f"{click.style(change.topic + ': ', bold=True) if change.topic else ''}{change.sentence}")
    if not found:
        click.echo("No difference.")


@click.command("simulate")
@click.argument("cohort", type=click.Path(path_type=Path, exists=True))
@against_option
@click.option("--at-encounters", is_flag=True, help="Ask at each encounter, knowing only what was known then.")
@click.option("--since", default="", metavar="DAY", help="With --at-encounters: leave out earlier ones.")
@cohort_options
@json_option
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the report as CSV.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write the report as one page.")
@knowledge_options
def simulate(
    cohort: Path,
    against: str,
    at_encounters: bool,
    since: str,
    run: CohortRun,
    as_json: bool,
    csv_file: Path | None,
    html_file: Path | None,
    choice: KnowledgeChoice,
) -> None:
    """Say which cards COHORT would get, and who gets others under --against or --set.

    COHORT is a folder of bulk-export NDJSON (one file for each resource type, .gz too), or of JSON files, each a
    patient's Bundle or a recorded hook request. Nothing dated after the moment asked about is used.
    """
    current = choice.as_filed.announced()
    question = Question(
        current,
        candidate_of(choice, against),
        run.as_of,
        at_encounters,
        moment(since, "--since") if since else None,
    )
    with run.opened(cohort, question.codebooks) as (cached, pool, progress):
        tally = ask(cached, question, pool, progress)
    differences = changes(current, question.candidate) if question.candidate else ()
    report = simulation_report(tally, question, differences, cohort=cohort.name, unreadable=cached.unreadable)
    if csv_file is not None:
        write_csv(csv_file, csv_rows(report))
    if html_file is not None:
        write_file(html_file, report_page(report))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        show(report)


def show(report: SimulationReport) -> None:
    """Print the report."""
    out = console()
    out.print(
        f"[bold]{report.cohort}[/bold]: {report.patients} patients, {report.evaluations} evaluations, {report.asked}"
    )
    if report.unreadable:
        out.print(f"[yellow]{report.unreadable} lines, files or resources could not be read[/yellow]")
    for change in report.changes:
        out.print(f"  {change}", highlight=False)
    out.print(_topic_table(report))
    due, other = report.cards_per_100
    arrow = f" -> {other}" if other is not None else ""
    out.print(f"Cards due per 100 evaluations: {due}{arrow}; held back by the cap: {report.held_back[0]}")
    _show_flips(out, report)
    if report.gaps:
        out.print(
            _plain_table(
                "Could not tell",
                ("topic", "missing", "per 100"),
                [(g.topic, g.missing, f"{g.per_100}") for g in report.gaps[:15]],
            )
        )
    for failure in report.failures:
        out.print(f"[red]{failure.topic} failed {failure.evaluations} times: {failure.missing}[/red]")
    if report.overlap:
        rows = [
            (o.first, o.second, str(o.current), *(() if o.candidate is None else (str(o.candidate),)))
            for o in report.overlap[:10]
        ]
        names = ("topic", "and", "current", "candidate")[: len(rows[0])]
        out.print(_plain_table("Due together", names, rows))


def _topic_table(report: SimulationReport) -> Table:
    compared = report.any_card.candidate is not None
    table = Table(title="Patients of 100 with a card (95 % interval)")
    table.add_column("topic", no_wrap=True)
    table.add_column("current", justify="right", no_wrap=True)
    if compared:
        for name in ("candidate", "gain", "lose", "change"):
            table.add_column(name, justify="right", no_wrap=True)
    for row in (report.any_card, *report.topics):
        if row.current.count or (row.candidate and row.candidate.count):
            table.add_row(*_cells(row, compared), style="dim" if row.indicator else "")
    return table


def _cells(row: TopicRow, compared: bool) -> list[str]:
    cells = [f"  {row.indicator}" if row.indicator else row.topic or row.title, str(row.current)]
    if compared:
        counts = [str(n) if n and not row.indicator else "" for n in (row.gains, row.loses, row.changes)]
        cells += [_or_same(row.current, row.candidate), *counts]
    return cells


def _or_same(current: Rate, candidate: Rate | None) -> str:
    return "same" if candidate == current else str(candidate)


def _show_flips(out: Console, report: SimulationReport) -> None:
    if not report.flips:
        return
    out.print("[bold]Who gets something else[/bold]")
    for flip in report.flips[:12]:
        said = f"{flip.before} {flip.after}".split()
        at = f", at {flip.rung}" if flip.rung and flip.rung not in said else ""
        out.print(f"  {flip.topic}: {flip.patient}, {flip.before} -> {flip.after}{at}", highlight=False, markup=False)
        for reason in (*flip.because, *flip.evidence[:2]):
            out.print(f"      {reason}", highlight=False, markup=False, style="dim")
    total = sum(count.evaluations for count in report.flip_counts)
    if total > 12:
        out.print(f"  ... {total} in all; --json, --csv and --html list more.")


def _plain_table(title: str, names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table(title=title)
    for name in names:
        table.add_column(name)
    for row in rows:
        table.add_row(*row)
    return table
