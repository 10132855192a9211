"""No violations found by axe, in light and dark, wide and narrow, in every part and with its menus open."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.workbench.playground.conftest import Open

PARTS = ("try", "why", "chart", "tune", "dashboard", "validate", "connect")


COLOURED_JSON = "pre span"
"""Thousands of alike elements: axe looks at them in one test only."""


def violations(page: Page, *, but: str = COLOURED_JSON) -> list[str]:
    found = Axe().run(
        page,
        context={"exclude": [[but]]},
        options={
            "resultTypes": ["violations"],
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        },
    )
    return [
        f"{one['id']}: {node['html'][:120]} {node['target']} ({node['failureSummary']})"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(
    ("width", "scheme", "parts"),
    [(1280, "light", PARTS), (400, "dark", PARTS), (1280, "dark", ("try",)), (400, "light", ("try",))],
)
def test_axe_finds_nothing(
    open_page: Open, width: int, scheme: Literal["light", "dark"], parts: tuple[str, ...]
) -> None:
    page = open_page(width=width, color_scheme=scheme, bypass_csp=True)
    found = []
    for part in parts:
        page.evaluate("part => { location.hash = part }", part)
        page.wait_for_selector(f"#{part}:visible")
        page.wait_for_timeout(250)
        page.evaluate("part => document.querySelectorAll(`#${part} details`).forEach(one => { one.open = true })", part)
        page.evaluate(
            "document.querySelectorAll('#why tbody tr:nth-child(n + 4)').forEach(one => one.remove())"
        )  # alike
        found += [f"{part}: {one}" for one in violations(page)]
    assert found == []


def test_axe_finds_nothing_where_something_is_wrong(open_page: Open) -> None:
    page = open_page(bypass_csp=True)
    page.click("#cards button.accept >> nth=0")
    page.fill("#editor textarea", "{")
    page.evaluate("document.querySelectorAll('#raw span:nth-child(n + 40)').forEach(one => one.remove())")
    assert violations(page, but=".no-such-part") == []
    page.evaluate("location.hash = 'validate'")
    page.fill("#judge textarea", '{"cards": [{}]}')
    page.click("#judge button.primary")
    page.wait_for_selector("#rows .badge")
    assert violations(page) == []
