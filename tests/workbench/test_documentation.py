"""The site of the documentation builds without a complaint, every page is in it, and the service serves it when told to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from cds_service.workbench.documentation import documentation
from tests.service.wire import ROOT

_FETCHED_ELSEWHERE = re.compile(r'(?:src|href)="https?://[^"]+\.(?:js|css|woff2?)"')


def test_the_site_is_built_and_served(tmp_path: Path) -> None:
    site, environment = tmp_path / "site", {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(site)]  # --quiet would count no warning
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0 and "WARNING" not in built.stderr, built.stdout + built.stderr
    for path in (ROOT / "docs").rglob("*.md"):
        assert (site / path.relative_to(ROOT / "docs").with_suffix(".html")).is_file(), path.name
    app = Flask(__name__)
    app.register_blueprint(documentation(site))
    browser = Client(app)
    home = browser.get("/docs/", buffered=True)
    assert home.status_code == 200 and "fifteen tasks" in home.text
    assert re.findall(r'(?:src|href)="([^":]+\.(?:js|css))"', home.text) and not _FETCHED_ELSEWHERE.findall(home.text)
    assert browser.get("/docs/how-to.html", buffered=True).status_code == 200
    assert browser.get("/docs/../pyproject.toml").status_code == 404
    with pytest.raises(ValueError, match=r"no index\.html"):
        documentation(tmp_path)


def test_no_page_above_four_screens_is_without_a_contents_list() -> None:
    """Four screens: some 150 lines of Markdown. The list stands before the first section and names most of them."""
    for path in (ROOT / "docs").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        head, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
        if text.count("\n") > 150:
            assert head.count("](#") >= min(len(sections), 3), path.name


def test_every_page_has_its_place_in_the_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    missing = [path.name for path in (ROOT / "docs").rglob("*.md") if path.name not in contents]
    assert missing == []
