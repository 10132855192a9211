"""For which call of the proxy a token was used, so that the proxy may hand that call over to another node."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("used_tokens", sa.Column("call_hash", sa.String(64)))


def downgrade() -> None:
    op.drop_column("used_tokens", "call_hash")
