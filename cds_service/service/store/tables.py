"""The tables of the store: what was shown, what came back, who called; no patient data beyond a keyed hash.

``migrations/`` makes them; a test keeps both alike.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

NAMES = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}
metadata = MetaData(naming_convention=NAMES)
Serial = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC: SQLite has no zones, so they are taken off and put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)  # type: ignore[no-any-return]


def _scope(primary_key: bool = False) -> list[Column[str]]:
    """Whose row it is: card ids are counted per client, so one client can neither read nor answer for another."""
    return [
        Column("client", String(200), primary_key=primary_key, nullable=False),
        Column("tenant", String(200), primary_key=primary_key, nullable=False),
    ]


shown_cards = Table(
    "shown_cards",
    metadata,
    Column("card_id", String(80), primary_key=True),
    *_scope(primary_key=True),
    # shown | silent | capped | snoozed | withheld (not for who asked) | dropped (shown, but not by the candidate of the row):
    # a silent or held-back card is remembered beside the shown one of the same id
    Column("standing", String(16), primary_key=True),
    # "" for the live knowledge, else the name of the candidate that ran silent
    Column("variant", String(80), primary_key=True),
    Column("hook_instance", String(64), nullable=False),  # keyed hash
    Column("patient_key", String(64)),  # keyed hash of client, tenant and patient id; needed for snooze
    Column("user_key", String(64)),  # the same of the user: a critical card is snoozed for who put it off
    Column("service", String(80), nullable=False),
    Column("hook", String(80), nullable=False),
    Column("topic", String(80), nullable=False),
    Column("message", String(80), nullable=False),
    Column("indicator", String(16), nullable=False),
    Column("knowledge", String(80), nullable=False),
    Column("site", String(80), nullable=False),
    Column("user_role", String(80), nullable=False),
    Column("trigger_action", String(40), nullable=False, server_default=""),  # the client's code of what the user did
    Column("parameters", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),  # keyed hash of each reference
    Column("shown_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),  # when, after it was shown, the chart has what it asked for
    Column("week", String(8), nullable=False),  # ISO week, as 2026-W47: the same GROUP BY on every database
    Index("ix_shown_cards_shown_at", "shown_at"),
    Index("ix_shown_cards_patient_key", "patient_key"),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("card_id", String(80), primary_key=True),
    *_scope(primary_key=True),
    Column("suggestion_id", String(80), primary_key=True),
    Column("name", String(120), nullable=False),  # its name in the card file
    Column("shown_at", UtcDateTime, nullable=False),
    Index("ix_suggestions_shown_at", "shown_at"),
)

failures = Table(
    "failures",
    metadata,
    Column("id", Serial, primary_key=True),
    *_scope(),
    Column("service", String(80), nullable=False),
    Column("topic", String(80), nullable=False),
    Column("kind", String(16), nullable=False),  # failed | cannot-tell
    Column("because", String(200), nullable=False),  # type of the error, or names of the missing needs
    Column("silent", Boolean, nullable=False),
    Column("variant", String(80), nullable=False),
    Column("knowledge", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("week", String(8), nullable=False),
    Index("ix_failures_at", "at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("card_id", String(80), nullable=False),
    *_scope(),
    Column("service", String(80), nullable=False),
    Column("outcome", String(16), nullable=False),  # accepted | overridden
    Column("outcome_at", UtcDateTime, nullable=False),  # the client's clock
    Column("reason_code", String(80), nullable=False),
    Column("reason_system", String(200), nullable=False),
    Column("comment_length", Integer, nullable=False),
    Column("comment", Text),  # only when the site has chosen to keep comments: they may name a patient
    Column("accepted_suggestions", JSON, nullable=False),
    Column("known", Boolean, nullable=False),  # the card was on record for this client when the feedback came
    Column("received_at", UtcDateTime, nullable=False),
    # A repeat is the same event; a later or different outcome of the same card is history.
    UniqueConstraint("card_id", "client", "tenant", "outcome", "outcome_at", name="uq_feedback_event"),
    Index("ix_feedback_received_at", "received_at"),
)

used_tokens = Table(
    "used_tokens",
    metadata,
    Column("issuer", String(200), primary_key=True),
    Column("jti_hash", String(64), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),  # seconds since 1970: compared on every authenticated call
    Column("call_hash", String(64)),  # of the proxy's name of the call, until it was handed over
    Index("ix_used_tokens_expires_at", "expires_at"),
    sqlite_with_rowid=False,
)
MARK_USED = """\
INSERT INTO used_tokens (issuer, jti_hash, expires_at, call_hash) VALUES ({issuer}, {jti_hash}, {expires_at}, {call_hash})
ON CONFLICT (issuer, jti_hash) DO UPDATE SET call_hash = NULL WHERE used_tokens.call_hash = excluded.call_hash"""
"""Touches a row when the token is new, or was marked for the same call; to be filled with a driver's parameters."""

knowledge_versions = Table(
    "knowledge_versions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("hash", String(80), nullable=False),
    Column("origin", String(200), nullable=False),
    Column("loaded_at", UtcDateTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),  # without a gap: a missing number is a missing row
    Column("at", UtcDateTime, nullable=False),
    *_scope(),
    Column("door", String(16), nullable=False),  # hook | discovery | feedback | admin | view
    Column("service", String(80), nullable=False),
    Column("method", String(8), nullable=False),
    Column("user_reference", String(200), nullable=False),  # as the client sent it
    Column("patient", String(200), nullable=False),  # keyed hash, or the reference where the site says so
    Column("patient_mark", String(64), nullable=False),  # what the seal covers in the patient's place: outlives erasure
    Column("knowledge", String(80), nullable=False),
    Column("topics", JSON, nullable=False),  # each card shown, as "hypercalcaemia critical"
    Column("status", Integer, nullable=False),
    Column("because", String(80), nullable=False),  # the check or kind of problem, when it was refused
    Column("duration_ms", Float, nullable=False),
    Column("seal", String(64), nullable=False),
    Index("ix_audit_at", "at"),
    Index("ix_audit_patient", "patient"),
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("last_id", BigInteger, nullable=False),
    Column("purged_id", BigInteger, nullable=False),
    Column("last_seal", String(64), nullable=False),
    Column("last_proof", String(64), nullable=False),
    Column("purged_seal", String(64), nullable=False),
    Column("purged_proof", String(64), nullable=False),
)
