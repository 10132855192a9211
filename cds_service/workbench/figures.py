"""The figures of report and dashboard, read from the store: one way, so that both say the same."""

from __future__ import annotations

from dataclasses import replace

from cds_service.service.store import Period, Store
from cds_service.service.store.report import CardRow
from cds_service.simulation.feedback import GROUPINGS, FeedbackReport, feedback_report, group_row
from cds_service.simulation.usage import Due, Opening, burden, numbers_needed, user_burden

OF_ALL_SITES = (
    "Calls, users, drift, what could not be assessed and unknown feedback are of all sites: they are not kept by site."
)


def read_report(store: Store, period: Period, noisy_from: float = 0.5, least: int = 20) -> FeedbackReport:
    """Read the report of a period; raises ``StoreUnavailable``. ``noisy_from`` is a share, ``least`` the fewest cards to judge."""
    groups = {}
    for name, by in GROUPINGS.items():
        groups[name] = [
            group_row(
                one.group,
                one.shown,
                one.accepted,
                one.overridden,
                one.silent,
                one.capped,
                one.snoozed,
                one.withheld,
                one.done,
            )
            for one in store.tallies(list(by), period)
        ]
    reasons = [(one.group[0], one.code, one.cards) for one in store.reasons(["topic"], period)]
    seconds: dict[str, list[float]] = {}
    due = []
    for row in store.card_rows(period):
        taken = row.seconds_to_action
        if taken is not None:
            seconds.setdefault(row.topic, []).append(taken)
        if not row.variant and row.standing != "silent":
            due.append(_due(row))
    failures = [
        (one.group[0], one.group[1], one.group[2], one.failures)
        for one in store.failure_tallies(["topic", "kind", "because"], replace(period, where={"variant": ""}))
    ]
    openings = _openings(store, period)
    return replace(
        feedback_report(groups, reasons, seconds, failures, store.unknown_feedback(_whole(period)), noisy_from, least),
        burden=burden(openings),
        users=user_burden(openings),
        needed=numbers_needed(openings, due),
        drift=tuple(one.sentence for one in store.drifts()),
        remark=OF_ALL_SITES if "site" in (period.where or {}) else "",
    )


def cards_of_topic(store: Store, period: Period, topic: str) -> list[dict[str, str]]:
    """List the cards behind a figure; patients and cards by pseudonym (the first signs of keyed hashes)."""
    chosen = replace(period, where={**(period.where or {}), "topic": topic})
    return [
        {
            "shown at": row.shown_at.isoformat(timespec="minutes"),
            "patient": (row.patient_key or "")[:8],
            "card": row.card_id[:8],
            "hook": row.hook,
            "message": row.message,
            "indicator": row.indicator,
            "standing": row.standing,
            "candidate": row.variant,
            "outcome": row.outcome or ("done" if row.done_at else ""),
            "reason": row.reason_code,
        }
        for row in store.card_rows(chosen)
    ]


def _openings(store: Store, period: Period) -> list[Opening]:
    """The answered hook calls; the audit knows no sites, so those of all sites."""
    return [
        Opening(
            row.at,
            row.service,
            (row.client, row.tenant, row.patient),
            (row.client, row.tenant, row.user_reference),
            len(row.topics),
        )
        for row in store.audit_rows(_whole(period))
        if row.door == "hook" and row.status == 200
    ]


def _due(row: CardRow) -> Due:
    patient = (row.client, row.tenant, row.patient_key or "")
    outcome = row.outcome or ("accepted" if row.done_at else "")
    return Due(row.shown_at, row.service, patient, row.topic, row.standing, outcome)


def _whole(period: Period) -> Period:
    """The period without a choice of site, for what is not kept by site."""
    return replace(period, where=None)
