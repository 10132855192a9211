"""The feedback report as one page, in the style of the simulations."""

from __future__ import annotations

from html import escape

from cds_service.simulation.feedback import FeedbackReport, GroupRow, NoisyRow
from cds_service.simulation.page import figures, page, table
from cds_service.simulation.plots import tradeoffs
from cds_service.simulation.tunings import Tuning


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
        parts += ["<h2>Too noisy</h2>", *(_noisy(one) for one in report.noisy), _READING if _any_tuning(report) else ""]
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


_READING = (
    "<p class=muted>Cards fewer: shown now in this cohort, and not under the tuning. Accepted missed: how many of these "
    "clinicians would have accepted, if each message were accepted as often as on record, with the 95 % interval of that. "
    "Bold: no other single tuning quiets as much and misses less. Each tuning changes this card alone; try it with "
    "<code>cds-service simulate COHORT --set</code> before it goes into a site's file.</p>"
)


def _any_tuning(report: FeedbackReport) -> bool:
    return any(row.tunings for row in report.noisy)


def _noisy(row: NoisyRow) -> str:
    told = f"<h3>{escape(row.topic)}</h3><p>{escape(row.sentence.removeprefix(f'{row.topic}: '))}.</p>"
    told += f"<p>{escape(row.what_if)}</p>"
    if not row.tunings:
        return told
    heads = ("tuning", "patients of 100", "cards fewer", "critical missed", "accepted missed", "range or source")
    rows = [
        (
            one.change,
            f"{one.before.per_100:.1f} → {one.after.per_100:.1f}",
            f"{one.fewer} of {one.cards_now}" + (f", {one.gained} new" if one.gained else ""),
            f"{one.missed_critical}" + (f", {one.lowered} lowered" if one.lowered else ""),
            _accepted(one),
            one.source,
        )
        for one in row.tunings
    ]
    best = [place for place, one in enumerate(row.tunings) if one.best]
    strong = best if len(best) < len(rows) else []
    return told + tradeoffs(row.tunings) + table("", heads, rows, range(1, 5), strong, stacked=True) + _shared(row)


def _shared(row: NoisyRow) -> str:
    """Which parameters other cards have too: tuned here, they no longer agree."""
    found = {one.setting.partition("=")[0].partition(".")[2]: one.shared_with for one in row.tunings if one.shared_with}
    lines = [f"{name.replace('_', ' ')} is shared with {', '.join(topics)}" for name, topics in found.items()]
    return f"<p class=muted>{escape('; '.join(lines))}. Those cards stay as they are.</p>" if lines else ""


def _accepted(one: Tuning) -> str:
    likely = f"{one.missed_accepted:.1f} ({one.missed_accepted_low:.1f} to {one.missed_accepted_high:.1f})"
    return likely + ("" if one.missed_on_record is None else f"; {one.missed_on_record} on record")


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
