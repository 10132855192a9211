"""Try in a real browser, as a user goes through it, and what holds of the whole page."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.workbench.playground.conftest import CORD, Open, choose, edit, open_part, send


def test_the_first_card_is_there_without_a_click(page: Page) -> None:
    first = page.locator("#cards .card").first
    expect(first).to_contain_text("cord compression? Whole-spine MRI")
    expect(first.locator(".badge")).to_have_text("Critical")
    expect(page.locator("#status")).to_contain_text(re.compile(r"^200 · \d+ cards · \d+ ms · [\d.]+ kB"))
    expect(page.locator("#raw")).to_contain_text('"cards"')


def test_markdown_of_a_card_is_shown_as_an_ehr_shows_it(page: Page) -> None:
    detail = page.locator("#cards .card .markdown").first
    expect(detail.locator("strong").first).to_be_visible()
    expect(detail.locator("li").first).to_be_visible()
    assert "**" not in detail.inner_text()
    link = page.locator("#cards .card .links a").first
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_a_mistake_in_the_request_is_shown_with_line_and_column(page: Page) -> None:
    page.fill("#editor textarea", '{\n "hook": "patient-view",\n "context": {"patientId" "1"}\n}')
    expect(page.locator("#editor .editor-state")).to_contain_text("Line 3, column 26: a colon is due")
    expect(page.locator("#send")).to_be_disabled()
    page.click("#editor .editor-state button")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert page.evaluate("document.activeElement.selectionStart") == len(
        '{\n "hook": "patient-view",\n "context": {"patientId" '
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"a": 1,}', "Line 1, column 8: no comma may stand before }"),
        ("[1 2]", "Line 1, column 4: a comma or ] is due"),
        ('{"a": "b', "Line 1, column 7: a text is opened here and never closed"),
        ("{'a': 1}", "Line 1, column 2: a name in double quotes is due"),
        ('{"a": 01}', "Line 1, column 7: a value is due"),
        ('{"a": [1}', "Line 1, column 9: a comma or ] is due"),
        ('{"a": {"b": 1}', "Line 1, column 1: an object is opened here and never closed"),
        ("{} {}", "Line 1, column 4: nothing may follow the value"),
        ('{"a": "\\x"}', "Line 1, column 8: this escape is none of JSON's"),
    ],
)
def test_the_place_of_each_kind_of_mistake_is_right(page: Page, text: str, complaint: str) -> None:
    page.fill("#editor textarea", text)
    expect(page.locator("#editor .editor-state")).to_contain_text(complaint)


def sent(page: Page) -> dict[str, Any]:
    """What the editor holds."""
    found: dict[str, Any] = json.loads(page.input_value("#editor textarea"))
    return found


def test_each_prefetch_key_can_be_withheld_in_five_ways(page: Page) -> None:
    whole = sent(page)["prefetch"]["conditions"]
    ways: dict[str, Any] = {
        "null": lambda prefetch: prefetch["conditions"] is None,
        "omit": lambda prefetch: "conditions" not in prefetch,
        "OperationOutcome": lambda prefetch: prefetch["conditions"]["resourceType"] == "OperationOutcome",
        "paged": lambda prefetch: (
            len(prefetch["conditions"]["entry"]) < len(whole["entry"])
            and prefetch["conditions"]["link"][0]["relation"] == "next"
        ),
        "send": lambda prefetch: prefetch["conditions"] == whole,
    }
    for way, holds in ways.items():
        page.select_option("#way-conditions", way)
        assert holds(sent(page)["prefetch"]), way
        send(page)
        expect(page.locator("#status")).to_contain_text("200")


def test_without_problems_the_red_flags_say_that_they_could_not_be_checked(page: Page) -> None:
    page.select_option("#way-conditions", "OperationOutcome")
    send(page)
    expect(page.locator("#cards")).to_contain_text("Could not be checked")
    open_part(page, "why")
    expect(page.locator("#why-body .rule.could-not-tell").first).to_be_visible()
    expect(page.locator("#why-body")).to_contain_text("conditions: error")


def test_accepting_and_overriding_reach_the_dashboard(page: Page) -> None:
    card = page.locator("#cards .card").first
    with page.expect_response("**/feedback") as accepted:
        card.locator("button.accept").first.click()
    assert accepted.value.status == 200
    expect(card.locator(".outcome")).to_contain_text("Accepted")
    other = page.locator("#cards .card").nth(1)
    other.locator(".override summary").click()
    other.locator(".override select").select_option(index=1)
    with page.expect_response("**/feedback") as overridden:
        other.locator(".override button").click()
    assert overridden.value.status == 200
    body = overridden.value.request.post_data_json
    assert body["feedback"][0]["overrideReason"]["reason"]["code"]
    open_part(page, "dashboard")
    tiles = page.locator("#dashboard-body .tiles")
    expect(tiles.locator("div", has_text="Accepted").locator("dd")).not_to_have_text(re.compile("^0"))
    expect(tiles.locator("div", has_text="Overridden").locator("dd")).not_to_have_text(re.compile("^0"))
    expect(page.locator("#dashboard-body svg.plot")).to_be_visible()
    page.locator("#dashboard-body").get_by_role("button", name="mscc-suspected").click()
    expect(page.locator("#trend h2")).to_have_text("By week: mscc suspected")
    behind = page.locator("#cards-behind tbody tr").filter(has_text="accepted")
    expect(behind.first.locator("td").first).to_have_text(re.compile("^[0-9a-f]{8}$"))  # a pseudonym, no name
    page.get_by_role("button", name="All topics").click()
    expect(page.locator("#cards-behind")).to_be_hidden()


def test_a_signed_call_carries_a_token_for_exactly_its_address(page: Page, server: str) -> None:
    page.check("#sign")
    with page.expect_request("**/cds-services/*") as asked:
        page.click("#send")
    authorization = asked.value.headers["authorization"]
    assert re.fullmatch(r"Bearer [\w-]+\.[\w-]+\.[\w-]+", authorization)
    expect(page.locator("#status")).to_contain_text("signed")


def test_another_service_can_be_called(page: Page) -> None:
    services = [{"id": "there", "hook": "patient-view"}]
    card = {"summary": "From elsewhere", "indicator": "info", "source": {"label": "Elsewhere"}}
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "content-type"}
    page.route(
        "https://cds.example.org/**",
        lambda route: route.fulfill(status=200, headers=headers, json={"cards": [card], "services": services}),
    )
    page.click("#target summary")
    page.fill("#base", "https://cds.example.org/r4/")
    page.click("#discover")
    expect(page.locator("#discovered")).to_contain_text("1 service: there")
    assert page.input_value("#service-id") == "there"
    with page.expect_response("https://cds.example.org/r4/cds-services/there"):
        page.click("#send")
    expect(page.locator("#cards h3")).to_have_text("From elsewhere")


def test_a_service_that_is_away_is_reported(page: Page) -> None:
    page.route("https://gone.example.org/**", lambda route: route.abort())
    page.click("#target summary")
    page.fill("#base", "https://gone.example.org")
    page.click("#send")
    expect(page.locator("#status")).to_contain_text("cannot be reached")


def test_an_order_hook_shows_the_card_of_its_draft(page: Page) -> None:
    choose(page, "zoledronate-crcl-29")
    assert sent(page)["hook"] == "order-select"
    expect(page.locator("#cards")).to_contain_text("zoledronate-renal-dose")


def test_everything_can_be_reached_and_done_by_keyboard(page: Page, server: str) -> None:
    page.goto(f"{server}/")
    page.wait_for_selector("body[data-ready]")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for part in ("try", "why", "chart", "tune"):
        page.keyboard.press("Tab")
        expect(page.locator(f".top nav a[href='#{part}']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#tune")).to_be_visible()
    expect(page.locator("main")).to_be_focused()
    page.goto(page.url.replace("#tune", "#try"))
    page.locator("#editor textarea").focus()
    with page.expect_response("**/cds-services/*") as answered:
        page.keyboard.press("Control+Enter")
    assert answered.value.status == 200


def test_a_fresh_hook_instance_is_made_for_each_call(page: Page) -> None:
    first = sent(page)["hookInstance"]
    send(page)
    second = sent(page)["hookInstance"]
    page.uncheck("#fresh")
    send(page)
    assert first != second == sent(page)["hookInstance"]


@pytest.mark.parametrize("part", ["try", "why", "chart", "tune", "dashboard", "validate", "connect"])
def test_nothing_is_wider_than_a_phone(open_page: Open, part: str) -> None:
    page = open_page(part, width=400)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_patient_whose_names_are_code_changes_nothing_of_the_page(page: Page) -> None:
    hostile = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>[x](javascript:window.pwned=1)**b**"
    change = f"""request => {{
      request.prefetch.patient.name = [{{family: {json.dumps(hostile)}, given: [{json.dumps(hostile)}]}}];
      for (const entry of request.prefetch.conditions.entry) {{
        entry.resource.code.text = {json.dumps(hostile)};
        for (const coding of entry.resource.code.coding ?? []) coding.display = {json.dumps(hostile)};
      }}
      return request;
    }}"""
    edit(page, change)
    send(page)
    expect(page.locator("#cards")).not_to_contain_text("onerror")  # a card calls things by our names
    for part in ("why", "chart", "tune", "try"):
        open_part(page, part)
        if part == "why":
            expect(page.locator("main")).to_contain_text("onerror")  # the record's own words
    assert_inert(page)


def assert_inert(page: Page) -> None:
    page.wait_for_timeout(200)
    assert page.evaluate("window.pwned") is None
    assert page.locator("main script, main img, main iframe, main style, main object, main form[action]").count() == 0
    addresses = page.eval_on_selector_all("main a", "anchors => anchors.map(one => one.getAttribute('href'))")
    assert all(re.match(r"https?://", address or "https://") for address in addresses), addresses


def test_cards_that_are_full_of_code_stay_text(page: Page) -> None:
    detail = """<script>window.pwned=1</script><img src=x onerror="window.pwned=1"><svg onload="window.pwned=1">

# heading [click](javascript:window.pwned=1) [data](data:text/html,<script>window.pwned=1</script>)

![p](x" onerror="window.pwned=1) <https://good.example.org> <a href="javascript:window.pwned=1">x</a>

| a | b |
|---|---|
| <b onmouseover="window.pwned=1">c</b> | `<i>d</i>` |

- [ ] item &lt;script&gt; [ref]

[ref]: javascript:window.pwned=1 "x"
"""
    bad = "<img src=x onerror=window.pwned=1>"
    card = {
        "uuid": bad,
        "summary": bad,
        "indicator": 'critical" onclick="window.pwned=1',
        "detail": detail,
        "source": {"label": bad, "url": "javascript:window.pwned=1", "icon": "x", "topic": {"code": bad}},
        "links": [
            {"label": bad, "url": "javascript:window.pwned=1", "type": "absolute"},
            {"label": "ok", "url": "JaVaScRiPt:window.pwned=1", "type": "smart"},
        ],
        "suggestions": [{"label": bad, "actions": [{"type": bad, "description": bad, "resource": {"a": bad}}]}],
        "overrideReasons": [{"code": bad, "display": bad}],
    }
    odd = [None, 7, {"summary": 1, "detail": {"x": 1}, "links": 3, "suggestions": "no"}]
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "content-type"}
    page.route(
        "https://bad.example.org/**",
        lambda route: route.fulfill(status=200, headers=headers, json={"cards": [card, *odd]}),
    )
    page.click("#target summary")
    page.fill("#base", "https://bad.example.org")
    with page.expect_response("https://bad.example.org/**"):
        page.click("#send")
    expect(page.locator("#cards .card")).to_have_count(4)
    expect(page.locator("#cards table td").first).to_contain_text("<b onmouseover")
    assert_inert(page)


def test_the_page_loads_nothing_from_anywhere_else(open_page: Open, server: str) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert asked
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []


def test_the_patient_of_the_first_minute_is_still_there(page: Page) -> None:
    assert page.input_value("#patient") == CORD
