"""What the faults break: one installation as a hospital runs it, for all tests, with a PostgreSQL that can be killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.faults.production import Production, production
from tests.service.conftest import postgresql
from tests.service.store.temporary_postgresql import TemporaryPostgresql

__all__ = ["postgresql"]


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory, postgresql: TemporaryPostgresql) -> Iterator[Production]:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    with production(tmp_path_factory.mktemp("hospital"), postgresql) as running:
        yield running
