"""Why, Chart, Tune and Validate in a real browser, as a user goes through them."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.workbench.playground.conftest import Open, choose, edit, fixture_path, open_part, send


def test_a_call_that_was_refused_leaves_no_old_explanation(page: Page) -> None:
    edit(page, "request => { delete request.context.userId; return request; }")
    send(page)
    expect(page.locator("#status")).to_contain_text("400")
    expect(page.locator("#cards")).to_contain_text("userId")
    open_part(page, "why")
    expect(page.locator("#why-body .rule")).to_have_count(0)
    expect(page.locator("#why-body")).to_contain_text("context.userId")


def test_why_shows_evidence_with_value_date_and_resource(page: Page) -> None:
    choose(page, "zoledronate-crcl-29")
    open_part(page, "why")
    rule = page.locator("#why-body .rule.fired", has_text="zoledronate-renal-dose")
    expect(rule).to_be_visible()
    evidence = rule.locator("table").first
    expect(evidence).to_contain_text(re.compile(r"mL/min|umol/L|mg/dL"))
    expect(evidence).to_contain_text(re.compile(r"\d{4}-\d{2}-\d{2}"))
    reference = evidence.locator("a").first
    with page.context.expect_page() as shown:
        reference.click()
    assert "resourceType" in shown.value.content()
    parameters = rule.locator("table").nth(1)
    expect(parameters).to_contain_text("20 to 40 mL/min")
    expect(parameters).to_contain_text("card file")


def test_the_chart_draws_limits_beside_results_and_says_the_same_in_a_table(page: Page) -> None:
    choose(page, "breast-calcium-12.4-albumin-2.0")
    open_part(page, "chart")
    drawing = page.locator("#chart-body svg.chart")
    expect(drawing).to_be_visible()
    assert drawing.locator("line.limit").count() >= 1
    assert drawing.locator("circle.mark").count() > 4
    page.click("#chart-body details summary")
    expect(page.locator("#chart-body table")).to_contain_text("12.4 mg/dL")
    page.wait_for_timeout(200)
    expect(page.locator("#chart-body table")).to_be_visible()
    page.check("#chart-body input[type=checkbox]")
    assert page.locator("#chart-body svg.chart circle.mark").count() > 0


NAMES_STRUCK_THROUGH = """() => [...document.querySelectorAll("#chart-body svg .limit-name")].filter((name) => {
  const box = name.getBoundingClientRect(), panel = name.closest(".panel");
  const crossing = (one) => {
    const it = one.getBoundingClientRect();
    return it.left < box.right && it.right > box.left && it.top < box.bottom - 3 && it.bottom > box.top + 3;
  };
  return [...panel.querySelectorAll("line.limit, circle.mark")].some(crossing);
}).map((name) => name.textContent)"""


@pytest.mark.parametrize("width", [1440, 400])
def test_no_name_in_the_chart_is_struck_through(open_page: Open, width: int) -> None:
    page = open_page(width=width)
    choose(page, "hard-patient-cord-calcium-kidneys")
    open_part(page, "chart")
    expect(page.locator("#chart-body .limit-name").first).to_be_visible()
    assert page.evaluate(NAMES_STRUCK_THROUGH) == []


def test_a_rule_is_read_on_a_phone_without_scrolling_sideways_and_the_silent_ones_stay_folded(open_page: Open) -> None:
    page = open_page("why", width=400)
    page.locator("#why-body .rule.fired").first.locator("summary").first.click()
    for region in page.locator("#why-body .rule .scroll:visible").all():
        assert region.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert page.evaluate("document.documentElement.scrollHeight") < 5 * 900
    expect(page.locator("#why-body .rule.not-fired").first).to_be_hidden()


def slide(page: Page, label: str, key: str, times: int) -> None:
    slider = page.get_by_label(label, exact=True)
    slider.focus()
    for _ in range(times):
        slider.press(key)


def test_a_slider_shows_its_effect_at_once_and_the_overlay_can_be_taken_along(page: Page) -> None:
    open_part(page, "tune")
    page.select_option("#tune-card", "mscc-suspected")
    slide(page, "mri within", "ArrowRight", 3)
    new, old = page.locator("#tune-effect ins"), page.locator("#tune-effect del")
    expect(new).to_contain_text("Whole-spine MRI by")
    expect(old).to_contain_text("Whole-spine MRI by")
    assert new.inner_text() != old.inner_text(), "three hours later"
    expect(page.locator("#tune-curve svg.plot")).to_be_visible()
    page.fill("#site", "north")
    with page.expect_download() as taken:
        page.click("#overlay")
    assert taken.value.suggested_filename == "north.yaml"
    assert "mri_within" in taken.value.path().read_text()
    page.click("#reset")
    expect(page.locator("#tune-effect ins")).to_have_count(0)


def test_a_slider_cannot_leave_its_range(page: Page) -> None:
    open_part(page, "tune")
    page.select_option("#tune-card", "mscc-suspected")
    slide(page, "mri within", "End", 1)
    expect(page.locator(".parameter", has_text="mri within").locator("output")).to_have_text("24 h")


def test_a_typed_value_counts_like_the_slider_and_where_nobody_changes_the_cohort_is_offered(page: Page) -> None:
    open_part(page, "tune")
    page.select_option("#tune-card", "mscc-suspected")
    typed = page.get_by_label("mri within, typed", exact=True)
    typed.fill("99")
    typed.press("Tab")
    expect(page.locator(".parameter", has_text="mri within").locator("output")).to_have_text("24 h")
    page.select_option("#tune-card", "pain-control")
    page.click("#reset")
    page.locator("#tune-parameters input[type=range]").first.press("ArrowRight")
    expect(page.locator("#tune-effect table")).to_be_visible()


def test_a_bundle_is_opened_from_a_file_and_a_mistake_in_the_request_is_mended_by_a_click(page: Page) -> None:
    page.set_input_files("#file", str(fixture_path("patients/breast-bone-mets-leg-weakness.json")))
    expect(page.locator("#patient-about")).to_contain_text("From ")
    expect(page.locator("#status")).to_contain_text("200")
    edit(
        page,
        "(request) => ({ ...request, hook: 'odrer-sign', context: { ...request.context, patientId: 'Patient/p' } })",
    )
    page.get_by_role("button", name="use order-sign").click()
    page.get_by_role("button", name="take Patient/ off").click()
    edit(page, "(request) => ({ ...request, hook: 'patient-veiw', context: { ...request.context, userId: 'abc' } })")
    listed = page.locator("#mistakes li")
    expect(listed).to_have_count(2)
    listed.first.get_by_role("button", name="Go to it").click()
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    listed.first.get_by_role("button", name="use patient-view").click()
    page.get_by_role("button", name="put Practitioner/ before it").click()
    expect(page.locator("#mistakes")).to_be_hidden()
    page.set_input_files("#file", {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"})
    expect(page.locator("#status")).to_contain_text("neither a hook request nor a FHIR Bundle")


DRAG = """(text) => {
  const dragged = new DataTransfer();
  if (text === null) dragged.setData("text/plain", "not a file"); else dragged.items.add(new File([text], "x.json"));
  return dragged;
}"""


def test_a_file_is_opened_wherever_it_is_dropped_on_a_phone_too_and_dragged_text_is_none(open_page: Open) -> None:
    page = open_page("validate", width=400)
    bundle = fixture_path("patients/breast-bone-mets-leg-weakness.json").read_text()
    text, file = (page.evaluate_handle(DRAG, dragged) for dragged in (None, bundle))
    page.dispatch_event("#validate", "drop", {"dataTransfer": text})
    expect(page.locator("#validate")).to_be_visible()
    page.dispatch_event("#validate", "dragover", {"dataTransfer": file})
    expect(page.locator("#drop")).to_have_class(re.compile(r"\bover\b"))
    page.dispatch_event("#validate", "drop", {"dataTransfer": file})
    expect(page.locator("#try")).to_be_visible()
    expect(page.locator("#patient-about")).to_contain_text("From x.json")
    expect(page.locator("#status")).to_contain_text("200")
    expect(page.locator("#drop")).not_to_have_class(re.compile(r"\bover\b"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_what_the_service_refused_and_a_wrong_address_stand_in_the_same_list(page: Page) -> None:
    page.click("#target summary")
    page.fill("#service-id", "patient-view")
    expect(page.locator("#mistakes li")).to_contain_text("called with POST at the address of one")
    page.get_by_role("button", name="use POST /cds-services/metastatic-disease-patient-view").click()
    expect(page.locator("#mistakes")).to_be_hidden()
    edit(page, "(request) => ({ ...request, context: { ...request.context, encounterId: 7 } })")
    send(page)
    refused = page.locator("#mistakes li")
    expect(refused).to_contain_text("encounterId")
    refused.get_by_role("button", name="Go to it").click()
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def test_pasted_answers_are_judged_row_by_row(page: Page) -> None:
    open_part(page, "validate")
    page.fill("#judge textarea", json.dumps({"cards": [{"summary": "", "indicator": "hard-stop"}]}))
    page.click("#judge button.primary")
    expect(page.locator("#rows .status")).to_contain_text("This response breaks")
    expect(page.locator("#rows .badge.not-met").first).to_be_visible()
    page.click("[data-paste=request]")
    expect(page.locator("#rows .status")).to_contain_text("This request meets all")


def test_the_addresses_for_other_tools_are_shown(page: Page, server: str) -> None:
    open_part(page, "connect")
    expect(page.locator("#connect-body")).to_contain_text(f"{server}/fhir")
    expect(page.locator("#connect-body")).to_contain_text(f"{server}/cds-services")
