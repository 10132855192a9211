"""A service with card files of its own, which operators may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cds_service.service.knowledge_files import cards_folder
from cds_service.service.settings import Settings

TOKEN = "operators-only-123"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(cards_folder(), tmp_path / "cards")
    return Settings.model_validate(
        {
            "cards": tmp_path / "cards",
            "knowledge_folder": tmp_path / "knowledge",
            "store_url": f"sqlite:///{tmp_path}/store.sqlite3",
            "store_secret": "for-tests-only-1234",
            "operator_token": TOKEN,
        }
    )
