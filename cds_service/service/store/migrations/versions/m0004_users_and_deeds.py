"""Who was shown a card, so that a critical one rests for that user alone, and when the chart showed that it was done.

Cards of before name no user: what was put off of them, if critical, rests for nobody any more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shown_cards", sa.Column("user_key", sa.String(64)))
    op.add_column("shown_cards", sa.Column("done_at", sa.DateTime(timezone=True)))
    op.create_index("ix_shown_cards_patient_key", "shown_cards", ["patient_key"])


def downgrade() -> None:
    op.drop_index("ix_shown_cards_patient_key", "shown_cards")
    with op.batch_alter_table("shown_cards") as table:
        table.drop_column("done_at")
        table.drop_column("user_key")
