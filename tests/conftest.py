"""What tests of several rooms use."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from cds_service.knowledge.cards import Knowledge
from tests import shipped

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")  # a busy machine makes no example wrong

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module", autouse=True)
def settled_memory() -> None:
    """Garbage is collected between modules only, and what is left is none: a whole collection among all that a test run
    holds takes more than the time of a call, and would stop whichever call it falls into."""
    gc.disable()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return shipped.knowledge()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; where there is none the tests of pages are skipped, and say why."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine: the pages are not tested in a browser (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()
