"""What the faults break: servers in processes of their own, and a PostgreSQL that can be killed."""

from __future__ import annotations

from tests.service.store.conftest import postgresql

__all__ = ["postgresql"]
