"""The feedback report and the silent report on the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import click
from rich.table import Table

from cds_service.simulation.feedback import FeedbackReport, GroupRow, SilentReport
from cds_service.simulation.tunings import Tuning, spread
from cds_service.workbench.cli.terminal import console

TUNINGS_SHOWN = 6
"""Tunings of one card that the terminal shows."""
_COLUMNS = (
    *("shown", "accepted of 100", "overridden of 100", "no response"),
    *("capped", "snoozed", "withheld", "silent", "done"),
)


def show(report: FeedbackReport) -> None:
    """Print the report: tables by topic, week and role, reasons, failures, noisy cards, usage and drift."""
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


def show_cards(cards: Sequence[Mapping[str, str]], topic: str, as_json: bool) -> None:
    """Print the cards of one topic, a row each, or as JSON."""
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


def show_silent(found: SilentReport) -> None:
    """Print what promotion of the silent cards and candidates would change."""
    out = console()
    if not found.lines:
        out.print("Nothing ran silent.")
    for line in found.lines:
        out.print(line.sentence, highlight=False, markup=False)


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
    table.add_column(by.replace("_", " "), overflow="fold")
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        rates = row.shown, row.accepted_rate, row.overridden_rate
        counts = row.no_response, row.capped, row.snoozed, row.withheld, row.silent, row.done
        table.add_row(row.group or "(not said)", *map(str, rates), *map(str, counts))
    return table
