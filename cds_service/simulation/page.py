"""A simulation or a sweep as one page for a committee: style and plots inside, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from cds_service.simulation.plots import bars, curves, intervals
from cds_service.simulation.report import Rate, SimulationReport, TopicRow
from cds_service.simulation.sweep import Curve

_TEMPLATES = Environment(
    loader=PackageLoader("cds_service.simulation"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, title: str, **values: Any) -> str:
    """Fill one of ``templates/``; all that is not markup is escaped."""
    return _TEMPLATES.get_template(template).render(title=title, **values)


def report_page(report: SimulationReport) -> str:
    """Write a simulation's page."""
    compared = bool(report.candidate_version)
    shown = [row for row in report.topics if _any(row)]
    return render(
        "simulation.html",
        f"What would change: {report.cohort}" if compared else f"Cards in a cohort: {report.cohort}",
        report=report,
        numbers=tuple(_numbers(report)),
        by_topic=intervals([row for row in shown if not row.indicator]),
        topics=_topics([row for row in (report.any_card, *shown) if _any(row)], compared),
        flip_counts=[(one.topic, one.before, one.after, one.evaluations) for one in report.flip_counts[:40]],
        flips=[
            (
                f"{flip.patient}, {flip.moment[:10]}",
                f"{flip.topic}: {flip.before} → {flip.after}",
                flip.rung,
                "; ".join(flip.because),
                "; ".join(flip.evidence),
            )
            for flip in report.flips
        ],
        loads=bars(
            [(str(load.cards), load.current, load.candidate) for load in report.loads],
            "cards due in one evaluation",
            "evaluations",
        ),
        overlap={
            "heads": ("topic", "and", "current", *(("candidate",) if compared else ())),
            "rows": [
                (one.first, one.second, one.current, *((one.candidate,) if compared else ())) for one in report.overlap
            ],
        },
        gaps=[(gap.topic, gap.missing, f"{gap.evaluations:,}", f"{gap.per_100:.1f}") for gap in report.gaps],
        failures=[(one.topic, one.missing, one.evaluations) for one in report.failures],
    )


def sweep_page(curve: Curve) -> str:
    """Write a sweep's page."""
    shares = ("critical", "warning", "info")
    keys = [axis.key for axis in curve.axes]
    rows = [
        (
            *point.values,
            point.patients,
            f"{point.per_100:.2f} ({point.low:.2f} to {point.high:.2f})",
            *(f"{point.by_indicator[name]:.2f}" for name in shares),
            f"{point.cards_per_100:.2f}",
            "now" if point.is_current else "",
        )
        for point in curve.points
    ]
    return render(
        "sweep.html",
        f"Alert burden by {' and '.join(keys)}",
        curve=curve,
        plot=curves(curve),
        heads=(*keys, "patients", "of 100 (95 %)", *shares, "cards per 100", ""),
        rows=rows,
        now=[place for place, point in enumerate(curve.points) if point.is_current],
    )


def _numbers(report: SimulationReport) -> Iterator[tuple[str, str]]:
    due, other = report.cards_per_100
    any_card = report.any_card
    yield f"{any_card.current.per_100:.1f}", "of 100 patients have a card"
    yield f"{due:.0f}", "cards due per 100 evaluations"
    if other is not None and any_card.candidate:
        gains = sum(row.gains for row in report.topics if not row.indicator)
        loses = sum(row.loses for row in report.topics if not row.indicator)
        yield f"{any_card.candidate.per_100:.1f}", "of 100 under the candidate"
        yield f"{other:.0f}", "cards per 100 under the candidate"
        yield f"+{gains}" if gains else "0", "cards that patients would gain"
        yield f"-{loses}" if loses else "0", "cards that patients would lose"
    yield f"{report.held_back[0]:,}", "held back by the cap"
    if report.unreadable:
        yield f"{report.unreadable:,}", "lines, files or resources unreadable"


def _any(row: TopicRow) -> bool:
    return bool(row.current.count or (row.candidate and row.candidate.count))


def _topics(rows: list[TopicRow], compared: bool) -> dict[str, Any]:
    return {
        "heads": ("topic", "current", *(("candidate", "gain", "lose", "change") if compared else ())),
        "rows": [_topic(row, compared) for row in rows],
        "part": [place for place, row in enumerate(rows) if row.indicator],
    }


def _topic(row: TopicRow, compared: bool) -> tuple[object, ...]:
    name = row.indicator or (f"{row.title} ({row.topic})" if row.topic else "any card")
    if not compared:
        return name, row.current
    counts = ("", "", "") if row.indicator else (row.gains, row.loses, row.changes)
    return name, row.current, _same(row.current, row.candidate), *counts


def _same(current: Rate, candidate: Rate | None) -> str:
    return "same" if candidate == current else str(candidate)
