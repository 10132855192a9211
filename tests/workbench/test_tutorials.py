"""What the tutorials tell a developer, an informaticist and a clinician to do works, and is answered as they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds_service.workbench.cli import commands
from tests.service.wire import ROOT
from tests.workbench.followed import followed, here


def page(name: str) -> str:
    return (ROOT / "docs" / f"tutorial-{name}.md").read_text(encoding="utf-8")


def test_an_informaticist_comes_from_a_question_to_a_signed_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    followed(page("informaticist"), tmp_path, here)


def test_a_developer_comes_to_a_card_with_a_rule_of_its_own(tmp_path: Path) -> None:
    for name in ("cds_service", "cards", "fhir_fixtures"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def ran(line: str, folder: Path) -> str:
        line = line.replace("cds-service ", f"{sys.executable} -m cds_service ", 1)
        done = subprocess.run(
            ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    followed(page("developer"), tmp_path, ran)


@pytest.mark.parametrize(("patient", "said"), re.findall(r"<!-- card: (\S+) -->\n> (.+)", page("clinician")))
def test_a_clinician_sees_the_cards_that_are_shown(patient: str, said: str) -> None:
    assert f"`{patient}`" in page("clinician")
    (request,) = (ROOT / "fhir_fixtures/requests").glob(f"{patient}-*.json")
    done = CliRunner().invoke(commands, ["evaluate", str(request), "--as-of", "2026-03-02T09:00:00Z", "--json"])
    assert said in json.loads(done.stdout)["cards"][0]["summary"]


def test_a_clinician_finds_every_part_of_the_page_by_its_name() -> None:
    folder = ROOT / "cds_service/workbench/playground"
    shown = "".join(path.read_text(encoding="utf-8") for kind in ("*.js", "*.html") for path in folder.rglob(kind))
    for name in ("Send", "Override…", "Why", "Chart", "Source"):
        assert f"*{name}*" in page("clinician") and name in shown
