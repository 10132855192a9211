"""Questions over what was shown and what came back; counts are per card, by its latest feedback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, case, func, or_, select

from cds_service.service.store.tables import audit, failures, feedback, knowledge_versions, shown_cards, suggestions

GROUPS = (
    "topic",
    "message",
    "indicator",
    "site",
    "hook",
    "service",
    "user_role",
    "trigger_action",
    "week",
    "knowledge",
    "variant",
    "client",
    "tenant",
)
"""What cards may be counted by."""
FAILURE_GROUPS = ("topic", "kind", "because", "service", "week", "knowledge", "variant", "silent", "client", "tenant")


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` on, before ``until``; None is without bound. ``where`` keeps one value of a group, as of site."""

    since: datetime | None = None
    until: datetime | None = None
    where: Mapping[str, str] | None = None


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Tally:
    """Cards of one group. ``group`` holds its values in the order asked for."""

    group: tuple[str, ...]
    shown: int
    accepted: int
    overridden: int
    silent: int
    capped: int
    snoozed: int
    withheld: int = 0
    """Due, and not for who asked."""
    done: int = 0
    """Of the accepted those without feedback: the chart had what they asked for within a week."""

    @property
    def no_response(self) -> int:
        return self.shown - self.accepted - self.overridden


@dataclass(frozen=True, slots=True)
class ReasonTally:
    """Overridden cards of one group with one reason; empty when none, or only a comment, was given."""

    group: tuple[str, ...]
    code: str
    system: str
    cards: int
    with_comment: int


@dataclass(frozen=True, slots=True)
class FailureTally:
    """Rules that failed or could not tell."""

    group: tuple[str, ...]
    failures: int


@dataclass(frozen=True, slots=True)
class CardRow:
    """One card with its latest feedback; ``outcome`` is empty when there was none. For export and time to action."""

    card_id: str
    client: str
    tenant: str
    hook_instance: str
    """Keyed hash, as is the patient's."""
    patient_key: str | None
    standing: str
    variant: str
    service: str
    hook: str
    topic: str
    message: str
    indicator: str
    knowledge: str
    site: str
    user_role: str
    trigger_action: str
    week: str
    parameters: Mapping[str, str]
    shown_at: datetime
    done_at: datetime | None
    """When the chart had what the card asked for, after it was shown."""
    outcome: str
    outcome_at: datetime | None
    reason_code: str
    reason_system: str
    comment_length: int
    accepted_suggestions: tuple[str, ...]
    offered_suggestions: tuple[str, ...]

    @property
    def seconds_to_action(self) -> float | None:
        """Seconds from the answer to the outcome by the client's clock; never negative; None without an outcome."""
        return None if self.outcome_at is None else max(0.0, (self.outcome_at - self.shown_at).total_seconds())


@dataclass(frozen=True, slots=True)
class KnowledgeRow:
    hash: str
    origin: str
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class AuditRow:
    at: datetime
    client: str
    tenant: str
    door: str
    service: str
    method: str
    user_reference: str
    patient: str
    knowledge: str
    topics: tuple[str, ...]
    status: int
    because: str
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Recalled:
    """A card as it was shown: nothing of the patient that is not hashed."""

    topic: str
    message: str
    indicator: str
    knowledge: str
    shown_at: datetime
    patient_key: str
    evidence: frozenset[str]


def recalled(connection: Connection, client: str, tenant: str, card_id: str) -> Recalled | None:
    """Give the card that a client was shown under this id."""
    wanted = [shown_cards.c[name] for name in Recalled.__dataclass_fields__]
    whose = (shown_cards.c.card_id == card_id, shown_cards.c.client == client, shown_cards.c.tenant == tenant)
    row = connection.execute(select(*wanted).where(*whose, shown_cards.c.standing == "shown")).first()
    if row is None:
        return None
    return Recalled(**{**row._mapping, "evidence": frozenset(row.evidence), "patient_key": row.patient_key or ""})


def tallies(connection: Connection, by: Sequence[str], period: Period) -> list[Tally]:
    """Count cards by the groups named, in their order; raises ValueError for a group that does not exist."""
    latest = _latest_feedback()
    group = _columns(shown_cards.c, by, GROUPS)
    standing, live = shown_cards.c.standing, shown_cards.c.variant == ""
    done = and_(latest.c.outcome.is_(None), shown_cards.c.done_at.is_not(None))
    counts = (
        _count(standing == "shown"),
        _count(and_(standing == "shown", or_(latest.c.outcome == "accepted", done))),
        _count(and_(standing == "shown", latest.c.outcome == "overridden")),
        _count(standing == "silent"),
        _count(and_(standing == "capped", live)),
        _count(and_(standing == "snoozed", live)),
        _count(and_(standing == "withheld", live)),
        _count(and_(standing == "shown", done)),
    )
    query = _joined(select(*group, *counts), latest).group_by(*group).order_by(*group)
    width = len(group)
    return [
        Tally(tuple(row[:width]), *(int(count or 0) for count in row[width:]))
        for row in connection.execute(_within(query, period))
    ]


def reasons(connection: Connection, by: Sequence[str], period: Period) -> list[ReasonTally]:
    """Count overridden cards by the groups named and by reason, most frequent first within a group."""
    latest = _latest_feedback()
    group = _columns(shown_cards.c, by, GROUPS)
    reason = (latest.c.reason_code, latest.c.reason_system)
    cards, commented = func.count(), _count(latest.c.comment_length > 0)
    query = (
        _joined(select(*group, *reason, cards, commented), latest)
        .where(shown_cards.c.standing == "shown", latest.c.outcome == "overridden")
        .group_by(*group, *reason)
        .order_by(*group, cards.desc(), *reason)
    )
    width = len(group)
    return [
        ReasonTally(tuple(row[:width]), row[width], row[width + 1], int(row[width + 2]), int(row[width + 3] or 0))
        for row in connection.execute(_within(query, period))
    ]


def failure_tallies(connection: Connection, by: Sequence[str], period: Period) -> list[FailureTally]:
    """Count failures by the groups named."""
    group = _columns(failures.c, by, FAILURE_GROUPS)
    query = select(*group, func.count()).select_from(failures).group_by(*group).order_by(*group)
    query = _bounded(query, failures.c.at, failures.c, period, FAILURE_GROUPS)
    rows = connection.execute(query).all()
    return [FailureTally(tuple(map(str, row[:-1])), int(row[-1])) for row in rows]


def card_rows(connection: Connection, period: Period) -> Iterator[CardRow]:
    """Stream every card of the period, oldest first, with its latest feedback and its suggestions by name."""
    latest = _latest_feedback()
    names = CardRow.__dataclass_fields__
    columns = [shown_cards.c[name] for name in names if name in shown_cards.c]
    answers = [latest.c[name] for name in names if name in latest.c and name not in shown_cards.c]
    query = _joined(select(*columns, *answers), latest).order_by(shown_cards.c.shown_at, shown_cards.c.card_id)
    rows = connection.execute(_within(query, period).execution_options(yield_per=1000)).mappings()
    for partition in rows.partitions():
        offered = _offered(connection, {row["card_id"] for row in partition})
        for row in partition:
            labels = offered.get((row["card_id"], row["client"], row["tenant"]), {})
            accepted = row["accepted_suggestions"] or ()
            yield CardRow(
                **{
                    **row,
                    "outcome": row["outcome"] or "",
                    "reason_code": row["reason_code"] or "",
                    "reason_system": row["reason_system"] or "",
                    "comment_length": row["comment_length"] or 0,
                    "accepted_suggestions": tuple(labels.get(taken, taken) for taken in accepted),
                    "offered_suggestions": tuple(sorted(labels.values())) if row["standing"] == "shown" else (),
                }
            )


def unknown_feedback(connection: Connection, period: Period) -> int:
    """Count feedback that names no card of its client: neither when it came, nor by now, when late answers are written."""
    same = and_(*(shown_cards.c[name] == feedback.c[name] for name in ("card_id", "client", "tenant")))
    on_record = select(shown_cards.c.card_id).where(same, shown_cards.c.standing == "shown").exists()
    query = select(func.count()).select_from(feedback).where(feedback.c.known.is_(False), ~on_record)
    query = _bounded(query, feedback.c.received_at, feedback.c, period, ("client", "tenant", "service"))
    return int(connection.execute(query).scalar_one())


def knowledge_history(connection: Connection, limit: int) -> list[KnowledgeRow]:
    """List knowledge versions as they were loaded, newest first."""
    query = select(*knowledge_versions.c["hash", "origin", "loaded_at"]).order_by(knowledge_versions.c.id.desc())
    return [KnowledgeRow(*row) for row in connection.execute(query.limit(limit))]


def audit_rows(connection: Connection, period: Period) -> Iterator[AuditRow]:
    """Stream the calls of a period, oldest first."""
    columns = [audit.c[name] for name in AuditRow.__dataclass_fields__]
    query = select(*columns).order_by(audit.c.at, audit.c.id)
    query = _bounded(query, audit.c.at, audit.c, period, ("client", "tenant", "service"))
    for row in connection.execute(query.execution_options(yield_per=1000)).mappings():
        yield AuditRow(**{**row, "topics": tuple(row["topics"])})


def _latest_feedback() -> Subquery:
    """Number each card's feedback from the latest back; a tie goes to what came last."""
    f = feedback.c
    order = func.row_number().over(
        partition_by=(f.card_id, f.client, f.tenant), order_by=(f.outcome_at.desc(), f.id.desc())
    )
    return select(feedback, order.label("nth")).subquery("latest")


def _joined(query: Select[Any], latest: Subquery) -> Select[Any]:
    same = and_(*(shown_cards.c[name] == latest.c[name] for name in ("card_id", "client", "tenant")))
    answered = and_(same, latest.c.nth == 1, shown_cards.c.standing == "shown")
    return query.select_from(shown_cards.outerjoin(latest, answered))


def _within(query: Select[Any], period: Period) -> Select[Any]:
    return _bounded(query, shown_cards.c.shown_at, shown_cards.c, period, GROUPS)


def _bounded(query: Select[Any], moment: Any, columns: Any, period: Period, allowed: Sequence[str]) -> Select[Any]:
    if period.since is not None:
        query = query.where(moment >= period.since)
    if period.until is not None:
        query = query.where(moment < period.until)
    kept = dict(period.where or {})
    for column, value in zip(_columns(columns, list(kept), allowed), kept.values(), strict=True):
        query = query.where(column == value)
    return query


def _columns(columns: Any, names: Sequence[str], allowed: Sequence[str]) -> list[Any]:
    for name in names:
        if name not in allowed:
            raise ValueError(f"cards are not counted by {name!r}; known are {', '.join(allowed)}")
    return [columns[name] for name in names]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _offered(connection: Connection, card_ids: set[str]) -> dict[tuple[str, str, str], dict[str, str]]:
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    s = suggestions.c
    query = select(s.card_id, s.client, s.tenant, s.suggestion_id, s.name).where(s.card_id.in_(sorted(card_ids)))
    for card_id, client, tenant, suggestion_id, name in connection.execute(query):
        found.setdefault((card_id, client, tenant), {})[suggestion_id] = name
    return found
