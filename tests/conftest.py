"""What tests of several rooms use."""

from __future__ import annotations

import pytest

from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import load_knowledge


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()
