"""The feedback report as tables: each a file of its own, with one name for each column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from cds_service.simulation.feedback import FeedbackReport
from cds_service.simulation.tunings import Tuning
from cds_service.workbench.cli.conventions import write_csv

_COUNTS = ("shown", "accepted", "overridden", "no_response", "silent", "capped", "snoozed", "withheld", "done")
_RATES = tuple(f"{rate}_{part}" for rate in ("accepted", "overridden") for part in ("per_100", "low_95", "high_95"))


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of the report; ``name`` is empty for the first."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


def report_tables(report: FeedbackReport) -> tuple[ReportTable, ...]:
    """Give the tables; those without rows too, so that a program finds every file."""
    users = report.users
    return (
        ReportTable("", ("by", "group", *_COUNTS, *_RATES), list(_groups(report))),
        ReportTable("reasons", ("topic", "reason", "cards"), report.reasons),
        ReportTable("unanswered", ("topic", "kind", "because", "times"), report.failures),
        ReportTable(
            "needed",
            ("topic", "shown", "accepted", "settled", "shown_per_action"),
            [(one.topic, one.shown, one.accepted, one.settled, one.needed) for one in report.needed],
        ),
        ReportTable(
            "burden",
            ("service", "calls", "cards", "cards_per_100_calls"),
            [(one.service, one.calls, one.cards, one.per_100) for one in report.burden],
        ),
        ReportTable(
            "users",
            ("users", "median_cards", "nine_of_ten_within", "most_cards"),
            [(users.users, users.median, users.nine_of_ten, users.most)],
        ),
        ReportTable("drift", ("alert",), [(alert,) for alert in report.drift]),
        _noisy(report),
    )


def write_tables(file: Path, report: FeedbackReport) -> None:
    """Write ``report.csv`` and, beside it, ``report-reasons.csv`` and the others."""
    for table in report_tables(report):
        path = file.with_stem(f"{file.stem}-{table.name}") if table.name else file
        write_csv(path, (table.columns, *table.rows))


def _groups(report: FeedbackReport) -> Iterable[tuple[object, ...]]:
    for by, rows in report.groups.items():
        for row in rows:
            rates = (row.accepted_rate, row.overridden_rate)
            figures = (n for rate in rates for n in (rate.per_100, rate.low, rate.high))
            yield (by, row.group, *(getattr(row, name) for name in _COUNTS), *figures)


def _noisy(report: FeedbackReport) -> ReportTable:
    tried = [item.name for item in fields(Tuning) if item.name not in {"topic", "before", "after", "shared_with"}]
    rows: list[tuple[object, ...]] = []
    for noisy in report.noisy:
        start = (noisy.topic, noisy.overridden.per_100, noisy.what_if)
        rows += [] if noisy.tunings else [start]
        rows += [
            (*start, *(getattr(one, name) for name in tried), one.before.per_100, one.after.per_100)
            for one in noisy.tunings
        ]
    columns = ("topic", "overridden_per_100", "what_if", *tried, "patients_per_100", "patients_per_100_then")
    return ReportTable("noisy", columns, rows)
