"""The first tables: cards shown, suggestions, failures, feedback, used tokens, knowledge versions, audit.

A step says what the tables were on its day, so it repeats ``tables.py`` instead of importing it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = ("shown_cards", "suggestions", "failures", "feedback", "used_tokens", "knowledge_versions", "audit")


def upgrade() -> None:
    op.create_table(
        "shown_cards",
        _text("card_id", 80),
        _text("client", 200),
        _text("tenant", 200),
        _text("standing", 16),
        _text("variant", 80),
        _text("hook_instance", 64),
        sa.Column("patient_key", sa.String(64)),
        _text("service", 80),
        _text("hook", 80),
        _text("topic", 80),
        _text("message", 80),
        _text("indicator", 16),
        _text("knowledge", 80),
        _text("site", 80),
        _text("user_role", 80),
        _json("parameters"),
        _json("evidence"),
        _moment("shown_at"),
        _text("week", 8),
        sa.PrimaryKeyConstraint("card_id", "client", "tenant", "standing", "variant", name="pk_shown_cards"),
    )
    op.create_index("ix_shown_cards_shown_at", "shown_cards", ["shown_at"])
    op.create_table(
        "suggestions",
        _text("card_id", 80),
        _text("client", 200),
        _text("tenant", 200),
        _text("suggestion_id", 80),
        _text("name", 120),
        _moment("shown_at"),
        sa.PrimaryKeyConstraint("card_id", "client", "tenant", "suggestion_id", name="pk_suggestions"),
    )
    op.create_index("ix_suggestions_shown_at", "suggestions", ["shown_at"])
    op.create_table(
        "failures",
        _serial(),
        _text("client", 200),
        _text("tenant", 200),
        _text("service", 80),
        _text("topic", 80),
        _text("kind", 16),
        _text("because", 200),
        sa.Column("silent", sa.Boolean(), nullable=False),
        _text("variant", 80),
        _text("knowledge", 80),
        _moment("at"),
        _text("week", 8),
        sa.PrimaryKeyConstraint("id", name="pk_failures"),
    )
    op.create_index("ix_failures_at", "failures", ["at"])
    op.create_table(
        "feedback",
        _serial(),
        _text("card_id", 80),
        _text("client", 200),
        _text("tenant", 200),
        _text("service", 80),
        _text("outcome", 16),
        _moment("outcome_at"),
        _text("reason_code", 80),
        _text("reason_system", 200),
        sa.Column("comment_length", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text()),
        _json("accepted_suggestions"),
        sa.Column("known", sa.Boolean(), nullable=False),
        _moment("received_at"),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("card_id", "client", "tenant", "outcome", "outcome_at", name="uq_feedback_event"),
    )
    op.create_index("ix_feedback_received_at", "feedback", ["received_at"])
    op.create_table(
        "used_tokens",
        _text("issuer", 200),
        _text("jti_hash", 64),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti_hash", name="pk_used_tokens"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_used_tokens_expires_at", "used_tokens", ["expires_at"])
    op.create_table(
        "knowledge_versions",
        _serial(),
        _text("hash", 80),
        _text("origin", 200),
        _moment("loaded_at"),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_versions"),
    )
    op.create_table(
        "audit",
        _serial(),
        _moment("at"),
        _text("client", 200),
        _text("tenant", 200),
        _text("service", 80),
        _text("method", 8),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        _json("topics"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _serial() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)
