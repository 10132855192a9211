"""Whole services: as many as a test asks for, and settings of one with card files of its own, which operators change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cds_service.service.application import Application
from cds_service.service.knowledge_files import cards_folder
from cds_service.service.settings import Settings
from tests.service.store.temporary_postgresql import NoPostgresql, TemporaryPostgresql, start_postgresql
from tests.service.whole import SECRET, Make, whole_service

TOKEN = "operators-only-123"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with ExitStack() as stack:

        def made(**settings: Any) -> Application:
            return stack.enter_context(whole_service(tmp_path, **settings))

        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(cards_folder(), tmp_path / "cards")
    return Settings.model_validate(
        {
            "cards": tmp_path / "cards",
            "knowledge_folder": tmp_path / "knowledge",
            "store_url": f"sqlite:///{tmp_path}/store.sqlite3",
            "store_secret": SECRET,
            "operator_token": TOKEN,
        }
    )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[TemporaryPostgresql]:
    """A PostgreSQL server that lives as long as the test run; without one its tests are skipped, and say why."""
    try:
        cluster = start_postgresql()
    except NoPostgresql as reason:
        pytest.skip(str(reason))
    yield cluster
    cluster.remove()
