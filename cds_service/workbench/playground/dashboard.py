"""Dashboard: the figures of the report for the last weeks, and the cards behind each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from cds_service.service.store import Period, Store
from cds_service.workbench.figures import cards_of_topic, read_report


def dashboard(
    store: Store, now: datetime, weeks: int, not_understood: Iterable[tuple[str, str, int]] = ()
) -> dict[str, Any]:
    """Give the figures of the last weeks, and what calls so far could not use; raises ``StoreUnavailable``."""
    store.flush(0.5)  # what was just shown may still be in this worker's queue
    period = _last(now, weeks)
    report = read_report(store, period)
    return {
        "since": (now - timedelta(weeks=weeks)).date().isoformat(),
        "weeks": weeks,
        "topics": [asdict(row) for row in report.groups["topic"]],
        "byWeek": [asdict(row) for row in report.groups["topic_by_week"]],
        "reasons": [asdict(reason) for reason in store.reasons(("topic",), period)],
        "failures": report.failures,
        "needed": [asdict(row) for row in report.needed],
        "burden": [asdict(row) for row in report.burden],
        "users": asdict(report.users),
        "drift": report.drift,
        "unknownFeedback": report.unknown_feedback,
        "notUnderstood": [
            {"need": need, "problem": problem, "times": times} for need, problem, times in not_understood
        ],
    }


def cards_behind(store: Store, now: datetime, weeks: int, topic: str) -> list[dict[str, str]]:
    """List the cards of a topic, by pseudonym; the newest 200."""
    return cards_of_topic(store, _last(now, weeks), topic)[-200:]


def _last(now: datetime, weeks: int) -> Period:
    return Period(since=now - timedelta(weeks=weeks))
