"""``cds-service sweep``: the alert-burden curve of one or two parameters."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from cds_service.simulation.page import sweep_page
from cds_service.simulation.question import Question
from cds_service.simulation.sweep import Curve, axis
from cds_service.workbench.cli.cohort_options import CohortRun, cohort_options
from cds_service.workbench.cli.conventions import json_option, write_file
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, knowledge_options
from cds_service.workbench.cli.terminal import console
from cds_service.workbench.cohort.sweeping import sweep

_BLOCKS = "▏▎▍▌▋▊▉█"
_WIDTHS = {1: 32, 2: 16}
"""Of the bar, by how many parameters stand before it."""


@click.command("sweep", context_settings={"ignore_unknown_options": True})
@click.argument("cohort", type=click.Path(path_type=Path, exists=True))
@click.argument("parameter", metavar="TOPIC.PARAMETER")
@click.argument("start", metavar="FROM")
@click.argument("stop", metavar="TO")
@click.argument("step", metavar="STEP")
@click.option("--and", "second", nargs=4, metavar="TOPIC.PARAMETER FROM TO STEP", help="A second parameter.")
@click.option("--at-encounters", is_flag=True, help="Ask at each encounter.")
@cohort_options
@json_option
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write the curve as one page.")
@knowledge_options
def sweep_command(
    cohort: Path,
    parameter: str,
    start: str,
    stop: str,
    step: str,
    second: tuple[str, str, str, str] | None,
    at_encounters: bool,
    run: CohortRun,
    as_json: bool,
    html_file: Path | None,
    choice: KnowledgeChoice,
) -> None:
    """Draw how many patients of COHORT get a card as TOPIC.PARAMETER (or shared.PARAMETER) runs from FROM to TO."""
    knowledge = choice.announced()
    axes = [axis(knowledge, parameter, start, stop, step)]
    if second:
        axes.append(axis(knowledge, *second))
    question = Question(knowledge, None, run.as_of, at_encounters)
    with run.opened(cohort, question.codebooks) as (cached, pool, progress):
        curve = sweep(cached, cohort.name, question, axes, pool, progress)
    if html_file is not None:
        write_file(html_file, sweep_page(curve))
    if as_json:
        click.echo(json.dumps(asdict(curve), indent=2, ensure_ascii=False, default=str))
        return
    _show(curve)


def _show(curve: Curve) -> None:
    out = console()
    asked = f"{curve.asked_again} of {curve.patients} patients depend on the value"
    out.print(
        f"[bold]{escape(curve.cohort)}[/bold]: {asked}; cards: {escape(', '.join(curve.topics))}", highlight=False
    )
    table = Table(title="Patients of 100 with a card (95 % interval)", expand=False)
    for one in curve.axes:
        table.add_column(one.key.replace(".", ".\n"), justify="right", no_wrap=True)
    for name in ("any card", "critical", "warning", "info"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("cards for 100\nevaluations", no_wrap=True)
    top = max(point.cards_per_100 for point in curve.points) or 1.0
    for point in curve.points:
        rate = f"{point.per_100:.1f} ({point.low:.1f} to {point.high:.1f})"
        parts = [f"{point.by_indicator[name]:.1f}" for name in ("critical", "warning", "info")]
        bar = f"{_bar(point.cards_per_100 / top, _WIDTHS[len(curve.axes)])} {point.cards_per_100:.1f}"
        values = (*point.values[:-1], point.values[-1] + (" (now)" if point.is_current else ""))
        table.add_row(*values, rate, *parts, bar, style="bold" if point.is_current else "")
    out.print(table)


def _bar(share: float, width: int) -> str:
    eighths = round(share * width * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_BLOCKS[rest - 1] if rest else "")
