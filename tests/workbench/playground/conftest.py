"""A real server and a real browser for the playground's tests; without Chromium they are skipped, and say why."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cds_service.service.application import Application
from cds_service.workbench.demonstration import demonstration
from tests.service.whole import whole_service
from tests.service.wire import ENVIRONMENT, Send, free_port, over_wsgi, wait_until_live

CORD = "breast-bone-mets-leg-weakness"
expect.set_options(timeout=20_000)  # a busy machine draws slowly; what is there is found at once


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a service as a developer starts it, in a folder of its own."""
    folder, port = tmp_path_factory.mktemp("playground"), free_port()
    command = [sys.executable, "-m", "cds_service", "serve", "--port", str(port), "--workers", "1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stderr=log, stdout=log)
    try:
        wait_until_live(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=40)


Open = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, server: str) -> Iterator[Open]:
    """Open the playground; at the end no script may have failed and no dialog may have shown."""
    with ExitStack() as stack:
        troubles: list[str] = []

        def opened(part: str = "try", *, width: int = 1280, **context: Any) -> Page:
            made = chromium.new_context(viewport={"width": width, "height": 900}, **context)
            stack.callback(made.close)
            page = made.new_page()
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on("dialog", lambda dialog: (troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
            page.goto(f"{server}/#{part}")
            page.wait_for_selector("body[data-ready]")
            return page

        yield opened
        assert troubles == []


@pytest.fixture
def page(open_page: Open) -> Page:
    return open_page()


def choose(page: Page, patient: str) -> None:
    """Choose a patient, send the request, and wait for its explanation."""
    page.select_option("#patient", patient)
    expect(page.locator("#editor textarea")).to_have_value(re.compile(rf'"patientId": "{re.escape(patient)}"'))
    send(page)


def send(page: Page) -> None:
    with page.expect_response("**/cds-services/**"):
        page.click("#send")
    expect(page.locator("#send")).to_be_enabled()


def edit(page: Page, change: str) -> None:
    """Change the request in the editor by a JavaScript function of it."""
    page.evaluate(
        f"""() => {{
          const area = document.querySelector('#editor textarea');
          area.value = JSON.stringify(({change})(JSON.parse(area.value)), null, 1);
          area.dispatchEvent(new Event('input'));
        }}"""
    )


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The whole service without HTTP, once for the tests that only ask."""
    with whole_service(tmp_path_factory.mktemp("application"), demonstration) as found:
        yield found


@pytest.fixture
def ask(made: Application) -> Send:
    return over_wsgi(made.wsgi)


def fixture_path(name: str) -> Path:
    return Path(__file__).parents[3] / "fhir_fixtures" / name


def open_part(page: Page, part: str) -> None:
    page.click(f".top nav a[href='#{part}']")
    expect(page.locator(f"#{part}")).to_be_visible()
