"""A small cohort, written once for all tests of the simulation."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from cds_service.workbench.cohort import synthetic


@pytest.fixture(scope="session")
def as_of() -> datetime:
    return synthetic.AS_OF


@pytest.fixture(scope="session")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    synthetic.write(folder, 120, 7)
    return folder


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")
