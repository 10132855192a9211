"""Dashboard: what was shown, accepted and overridden, by topic and by week, from the store."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from cds_service.service.store import Store
from cds_service.service.store.report import Period, Tally


def dashboard(store: Store, now: datetime, weeks: int) -> dict[str, Any]:
    """Count the cards of the last weeks; raises ``StoreUnavailable``."""
    store.flush(0.5)  # what was just shown may still be in this worker's queue
    period = Period(since=now - timedelta(weeks=weeks))
    return {
        "since": (now - timedelta(weeks=weeks)).date().isoformat(),
        "weeks": weeks,
        "topics": [_counts(tally) for tally in store.tallies(("topic",), period)],
        "byWeek": [_counts(tally) for tally in store.tallies(("topic", "week"), period)],
        "reasons": [asdict(reason) for reason in store.reasons(("topic",), period)],
        "failures": [asdict(failure) for failure in store.failure_tallies(("topic", "kind", "because"), period)],
        "unknownFeedback": store.unknown_feedback(period),
    }


def _counts(tally: Tally) -> dict[str, Any]:
    return {**asdict(tally), "no_response": tally.no_response}
