"""The audit has every door, who and about whom, and is sealed row over row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NEW = (
    ("door", 16),
    ("user_reference", 200),
    ("patient", 200),
    ("patient_mark", 64),
    ("knowledge", 80),
    ("because", 80),
    ("seal", 64),
)


def upgrade() -> None:
    for name, length in _NEW:
        op.add_column("audit", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    op.create_index("ix_audit_patient", "audit", ["patient"])
    chain = op.create_table(
        "audit_chain",
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("last_id", "purged_id")),
        *(
            sa.Column(name, sa.String(64), nullable=False)
            for name in ("last_seal", "last_proof", "purged_seal", "purged_proof")
        ),
    )
    # rows of before are kept without a seal: the chain begins behind them
    last = op.get_bind().execute(sa.text("SELECT COALESCE(MAX(id), 0) FROM audit")).scalar_one()
    seals = dict.fromkeys(("last_seal", "last_proof", "purged_seal", "purged_proof"), "")
    op.bulk_insert(chain, [{"last_id": last, "purged_id": last} | seals])


def downgrade() -> None:
    op.drop_table("audit_chain")
    op.drop_index("ix_audit_patient", "audit")
    with op.batch_alter_table("audit") as table:
        for name, _ in _NEW:
            table.drop_column(name)
