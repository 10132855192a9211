"""The feedback report as one page, in the style of the simulations."""

from __future__ import annotations

from html import escape

from cds_service.simulation.feedback import FeedbackReport, GroupRow
from cds_service.simulation.page import figures, page, table


def feedback_page(report: FeedbackReport) -> str:
    """Write the page."""
    topics = report.groups.get("topic", ())
    shown, accepted, overridden = (
        sum(getattr(row, name) for row in topics) for name in ("shown", "accepted", "overridden")
    )
    parts = [
        "<h1>What became of the cards</h1>",
        figures(
            [
                (f"{shown:,}", "cards shown"),
                (f"{accepted:,}", "accepted"),
                (f"{overridden:,}", "overridden"),
                (f"{shown - accepted - overridden:,}", "without response"),
                (f"{sum(row.capped + row.snoozed for row in topics):,}", "held back (cap, snooze)"),
            ]
        ),
    ]
    if report.noisy:
        parts.append(
            "<h2>Too noisy</h2><ul>" + "".join(f"<li>{escape(one.sentence)}</li>" for one in report.noisy) + "</ul>"
        )
    heads = ("", "shown", "accepted of 100", "overridden of 100", "no response", "capped", "snoozed", "silent")
    for by, rows in report.groups.items():
        cells = [(row.group or "(not said)", *map(str, _figures_of(row))) for row in rows]
        if cells:
            parts += [f"<h2>By {escape(by.replace('_', ' '))}</h2>", table("95 % intervals", heads, cells, range(1, 8))]
    if report.reasons:
        told = [(topic, reason or "no reason given", str(cards)) for topic, reason, cards in report.reasons]
        parts += ["<h2>Why overridden</h2>", table("", ("topic", "reason", "cards"), told, (2,))]
    if report.times:
        slow = [(one.topic, str(one.answered), f"{one.median:.0f}", f"{one.slowest_tenth:.0f}") for one in report.times]
        heads_of_times = ("topic", "answered", "median", "nine of ten within")
        parts += ["<h2>Seconds to action</h2>", table("", heads_of_times, slow, range(1, 4))]
    return page("What became of the cards", parts)


def _figures_of(row: GroupRow) -> tuple[object, ...]:
    return (
        row.shown,
        row.accepted_rate,
        row.overridden_rate,
        row.no_response,
        row.capped,
        row.snoozed,
        row.silent,
    )
