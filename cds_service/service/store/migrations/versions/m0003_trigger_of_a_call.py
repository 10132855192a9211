"""What the user did that made the client call, for calls whose client says so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shown_cards", sa.Column("trigger_action", sa.String(40), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("shown_cards") as table:
        table.drop_column("trigger_action")
