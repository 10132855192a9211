"""Alembic's entry: works on the connection that ``migrate.py`` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from cds_service.service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    transactional_ddl=True,  # ours is: BEGIN is explicit (database.py), so a failed step leaves nothing behind
    transaction_per_migration=False,
)
context.run_migrations()
