"""Committee mode as two people use it, in a real browser on a small screen."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.workbench.test_committee import OVERLAY, PASSWORD, Hospital, accounts, settings_in


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Hospital, str]]:
    made = Hospital(tmp_path, settings_in(tmp_path, accounts=accounts(tmp_path)))
    server = make_server("127.0.0.1", 0, made.made.wsgi, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made, f"http://127.0.0.1:{server.server_port}/committee/"
    server.shutdown()
    thread.join()
    server.server_close()
    made.made.close()


def log_in(browser: Browser, address: str, name: str) -> Page:
    page = browser.new_context(viewport={"width": 400, "height": 900}).new_page()
    page.goto(address)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    return page


def test_two_people_decide_and_codes_are_mapped(chromium: Browser, served: tuple[Hospital, str]) -> None:
    hospital, address = served
    ada = log_in(chromium, address, "ada")
    ada.get_by_label("Where").fill("oxygen.warn_below")
    ada.get_by_label("Value").fill("94 %")
    ada.get_by_label("Why").fill("British Thoracic Society")
    ada.get_by_role("button", name="See what it does").click()
    expect(ada.locator("#sentences")).to_contain_text("warn below 94% instead of 93%")
    assert ada.evaluate("document.documentElement.scrollWidth") <= 400
    assert Axe().run(ada).violations_count == 0
    ada.get_by_label("Reason").fill("Agreed on the ward round")
    ada.get_by_role("button", name="Propose").click()
    expect(ada.locator("#state")).to_have_text("open")
    expect(ada.get_by_role("button", name="Sign")).to_have_count(0)

    bo = log_in(chromium, address, "bo")
    bo.get_by_role("link", name="1", exact=True).click()
    for button, state in (("Sign", "signed"), ("Promote", "in force")):
        bo.get_by_role("button", name=button).click()
        expect(bo.locator("#state")).to_have_text(state)
    assert "94 %" in hospital.overlay.read_text()
    assert Axe().run(bo).violations_count == 0
    bo.get_by_label("Reason").fill("Too many cards")
    bo.get_by_role("button", name="Roll back").click()
    expect(bo.locator("#state")).to_have_text("rolled back")
    expect(bo.locator("#acts li")).to_have_count(4)
    assert hospital.overlay.read_text() == OVERLAY

    ada.goto(f"{address}mapping")
    row = {"kind": "coding", "element": "Observation.code", "system": "urn:oid:1.2.3", "code": "Q77", "text": "Calcium"}
    report = {"rows": [row | {"times": 9, "patients": 4, "blinds": ["hypercalcaemia"], "like": ["calcium-total"]}]}
    sent = {"name": "report.json", "mimeType": "application/json", "buffer": json.dumps(report).encode()}
    ada.get_by_label("The report").set_input_files(sent)
    ada.get_by_role("button", name="Look").click()
    ada.get_by_label("What Q77 means").select_option("calcium-total")
    ada.get_by_role("button", name="Put the chosen").click()
    expect(ada.locator("#sentences")).to_contain_text("the value set calcium-total has")
    for page in (ada, bo):
        page.context.close()
