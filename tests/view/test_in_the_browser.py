"""The view in a real browser: opened from a card of the playground, used by keyboard, and clean for axe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.view.conftest import CORD, HARD, Service

OVERLAPPING = """() => [...document.querySelectorAll("svg")].flatMap((drawing) => {
  const names = [...drawing.querySelectorAll("text")].map((one) => [one.textContent, one.getBoundingClientRect()]);
  const meet = ([, a], [, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
  return names.flatMap((one, at) =>
    names.slice(at + 1).filter((other) => one[1].width && meet(one, other)).map((other) => one[0] + other[0]));
})"""
"""Names in drawings that lie on each other."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def window(chromium: Browser, width: int = 1280, **options: Any) -> Iterator[Page]:
    """A window in which no script may fail and nothing may be refused by the page's own policy."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    yield context.new_page()
    context.close()
    assert troubles == []


def test_the_link_on_a_card_opens_the_view_at_that_card(service: Service, chromium: Browser) -> None:
    with window(chromium) as page:
        view = opened_from(page, service, CORD, 0)
        expect(view.locator("#since-title")).to_be_visible()
        expect(view.locator("article[data-opened] h3")).to_contain_text("cord compression?")
        expect(view.locator("article[data-opened]")).to_be_in_viewport()


def test_a_card_longer_than_the_screen_opens_at_its_first_line(service: Service, chromium: Browser) -> None:
    with window(chromium, width=400) as page:
        view = opened_from(page, service, HARD, 1)
        heading = view.locator("article[data-opened] h3")
        expect(heading).to_contain_text("Severe hypercalcaemia")
        expect(heading).to_be_in_viewport(ratio=1)
        assert heading.evaluate("h3 => h3.getBoundingClientRect().top >= document.querySelector('nav').offsetHeight")


def opened_from(page: Page, service: Service, patient: str, place: int) -> Page:
    """The view that the link on a card of the playground opens; cards count from 0."""
    page.goto(f"{service.base}/#try")
    page.wait_for_selector("body[data-ready]")
    page.select_option("#patient", patient)
    with page.expect_response("**/cds-services/**"):
        page.click("#send")
    link = page.locator("#cards .card").nth(place).get_by_role("link", name="Patient view")
    expect(link).to_have_attribute("href", re.compile("launch="))
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    return opened.value


def test_the_time_line_and_the_scores_are_used_by_keyboard(service: Service, chromium: Browser) -> None:
    with window(chromium) as page:
        page.goto(service.launch_url(HARD))
        first = page.locator("#course .mark").first
        first.focus()
        said = page.locator("#said")
        expect(said).not_to_be_empty()
        before = said.inner_text()
        page.keyboard.press("ArrowLeft")
        expect(said).not_to_have_text(before)
        zoom = page.get_by_role("button", name="3 months")
        zoom.focus()
        page.keyboard.press("Enter")
        expect(zoom).to_have_attribute("aria-pressed", "true")
        assert page.locator("#course .mark:visible").count() < page.locator("#course .mark").count()
        score = page.locator("#score-sins")
        for question in score.locator("fieldset").all():
            question.locator("input").first.focus()
            page.keyboard.press("Space")
        expect(score.locator("output")).to_have_text("18 points, unstable: ask a spinal surgeon now")
        score.get_by_role("button", name="Send to the record as a draft").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#notice")).to_have_text("Sent to the record as a draft (status preliminary).")


SANDBOX = "https://sandbox.cds-hooks.org"
AS_THE_SANDBOX = """async ([base, call]) => {
  const json = { "Content-Type": "application/json", Accept: "application/json" };
  const ask = async (url, body) => (await fetch(url, { method: "POST", headers: json, body: JSON.stringify(body) })).json();
  const { cards } = await ask(`${base}/cds-services/metastatic-disease-patient-view`, call);
  const { url, appContext } = cards[0].links.find((one) => one.type === "smart");
  const parameters = { patient: call.context.patientId, smart_messaging_origin: window.origin, appContext };
  const { launch_id } = await ask(`${base}/fhir/_services/smart/Launch`, { launchUrl: url, parameters });
  window.open(`${url}?launch=${launch_id}&iss=${base}/fhir`);
}"""
"""What the public CDS Hooks sandbox does with a SMART link: it has its FHIR server make the launch, and opens the address."""


def test_the_public_sandbox_s_own_smart_link_opens_the_view_at_that_card(service: Service, chromium: Browser) -> None:
    call = requests.get(
        f"{service.base}/playground/api/requests/{CORD}/metastatic-disease-patient-view", timeout=10
    ).json()
    with window(chromium, permissions=["local-network-access"]) as page:
        page.context.route(
            f"{SANDBOX}/**", lambda route: route.fulfill(body="<title>Sandbox</title>", content_type="text/html")
        )
        page.goto(f"{SANDBOX}/")
        with page.context.expect_page() as opened:
            page.evaluate(AS_THE_SANDBOX, [service.base, call])
        view = opened.value
        view.wait_for_load_state()
        expect(view.locator("article[data-opened] h3")).to_contain_text("cord compression?")
        expect(view.locator("#since-title")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "scheme", "zoom", "language"),
    [
        (1280, "light", 1, "en"),
        (640, "light", 2, "en"),
        (400, "dark", 1, "de"),
    ],  # 640 px wide at two device pixels each: 1280 at 200 %
)
def test_axe_finds_nothing_and_nothing_runs_over(
    service: Service, chromium: Browser, width: int, scheme: Literal["light", "dark"], zoom: int, language: str
) -> None:
    shown = {"color_scheme": scheme, "device_scale_factor": zoom, "locale": language}
    with window(chromium, width, bypass_csp=True, **shown) as page:
        page.goto(service.launch_url(HARD))
        for address in (page.url, page.url + "mdt"):
            page.goto(address)
            assert page.locator("html").get_attribute("lang") == language
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            found = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": RULES}).response["violations"]
            assert [(one["id"], node["html"][:120]) for one in found for node in one["nodes"]] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(OVERLAPPING) == []


def test_an_answer_changes_the_score_in_the_reader_s_words(service: Service, chromium: Browser) -> None:
    with window(chromium, locale="de") as page:
        page.goto(service.launch_url(HARD))
        score = page.locator("#score-sins")
        score.locator("fieldset").first.locator("input").first.check()
        expect(score.locator("output")).to_have_text("3 bis 18 Punkte, stabil bis instabil")
        expect(score.locator("summary")).to_have_text("5 von 6 Angaben fehlen: hier beantworten")


def test_it_prints_on_one_page(service: Service, chromium: Browser) -> None:
    with window(chromium) as page:
        page.goto(service.launch_url(HARD))
        printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
