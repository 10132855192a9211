"""The feedback report as one page, in the style of the simulations."""

from __future__ import annotations

from typing import Any

from cds_service.simulation.feedback import FeedbackReport, GroupRow, NoisyRow
from cds_service.simulation.page import render
from cds_service.simulation.plots import tradeoffs
from cds_service.simulation.tunings import Tuning


def feedback_page(report: FeedbackReport) -> str:
    """Write the page."""
    topics = report.groups.get("topic", ())
    shown, accepted, overridden = (
        sum(getattr(row, name) for row in topics) for name in ("shown", "accepted", "overridden")
    )
    return render(
        "feedback.html",
        "What became of the cards",
        report=report,
        numbers=[
            (f"{shown:,}", "cards and reminders shown"),
            (f"{accepted:,}", "accepted"),
            (f"{sum(row.done for row in topics):,}", "of these by the chart"),
            (f"{overridden:,}", "overridden"),
            (f"{shown - accepted - overridden:,}", "without response"),
            (
                f"{sum(row.capped + row.snoozed + row.withheld for row in topics):,}",
                "held back (cap, rest, not for them)",
            ),
        ],
        noisy=[_noisy(row) for row in report.noisy],
        groups=[(by.replace("_", " "), [_group(row) for row in rows]) for by, rows in report.groups.items() if rows],
        needed=[
            (one.topic, one.shown, one.accepted, one.settled, one.needed or "none acted upon") for one in report.needed
        ],
        burden=[(one.service, one.calls, one.cards, one.per_100) for one in report.burden],
        reasons=[(topic, reason or "no reason given", cards) for topic, reason, cards in report.reasons],
        times=[(one.topic, one.answered, f"{one.median:.0f}", f"{one.slowest_tenth:.0f}") for one in report.times],
    )


def _noisy(row: NoisyRow) -> dict[str, Any]:
    best = [place for place, one in enumerate(row.tunings) if one.best]
    return {
        "topic": row.topic,
        "sentence": row.sentence.removeprefix(f"{row.topic}: "),
        "what_if": row.what_if,
        "plot": tradeoffs(row.tunings),
        "tunings": [_tuning(one) for one in row.tunings],
        "strong": best if len(best) < len(row.tunings) else [],
        "shared": _shared(row),
    }


def _tuning(one: Tuning) -> tuple[str, ...]:
    return (
        one.change,
        f"{one.before.per_100:.1f} → {one.after.per_100:.1f}",
        f"{one.fewer} of {one.cards_now}" + (f", {one.gained} new" if one.gained else ""),
        f"{one.missed_critical}" + (f", {one.lowered} lowered" if one.lowered else ""),
        _accepted(one),
        one.source,
    )


def _shared(row: NoisyRow) -> list[str]:
    """Which parameters other cards have too: tuned here, they no longer agree."""
    found = {one.setting.partition("=")[0].partition(".")[2]: one.shared_with for one in row.tunings if one.shared_with}
    return [f"{name.replace('_', ' ')} is shared with {', '.join(topics)}" for name, topics in found.items()]


def _accepted(one: Tuning) -> str:
    likely = f"{one.missed_accepted:.1f} ({one.missed_accepted_low:.1f} to {one.missed_accepted_high:.1f})"
    return likely + ("" if one.missed_on_record is None else f"; {one.missed_on_record} on record")


def _group(row: GroupRow) -> tuple[object, ...]:
    return (
        row.group or "(not said)",
        row.shown,
        row.accepted_rate,
        row.done,
        row.overridden_rate,
        row.no_response,
        row.capped,
        row.snoozed,
        row.withheld,
        row.silent,
    )
