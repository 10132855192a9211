"""Both databases for real: a SQLite file, and a PostgreSQL server that lives as long as the test run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cds_service.service.store import Store
from tests.service.store.temporary_postgresql import TemporaryPostgresql
from tests.service.store.ward import SECRET, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    cluster: TemporaryPostgresql = request.getfixturevalue("postgresql")
    return cluster.emptied_database()


@pytest.fixture
def open_store(clock: Clock) -> Iterator[Callable[..., Store]]:
    """Open stores that are closed when the test ends."""
    opened: list[Store] = []

    def open_one(url: str, **options: Any) -> Store:
        chosen: dict[str, Any] = {"clock": clock, "snooze_refresh": 0.1} | options
        store = Store(url, SECRET, **chosen)
        opened.append(store)
        store.open()
        return store

    yield open_one
    for store in opened:
        store.close(1.0)


@pytest.fixture
def store(url: str, open_store: Callable[..., Store]) -> Store:
    return open_store(url)
