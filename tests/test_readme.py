"""Every command of the README and of the tutorial beside it runs as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.__main__ import PEER, rows_of
from tests.conformance.running_service import running

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


TUTORIAL = (ROOT / "docs" / "tutorial-integration.md").read_text(encoding="utf-8")


def blocks(mark: str, text: str = README) -> list[str]:
    """The commands of the shell blocks that follow a mark."""
    found = re.findall(rf"<!-- {mark} -->\n```sh\n(.*?)```", text, re.DOTALL)
    return [line for block in found for line in block.strip().splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place of its own that looks like a checkout, so that nothing is written into the real one."""
    place = tmp_path_factory.mktemp("checkout")
    for name in ("fhir_fixtures", "cards", "benchmarks", "cds_service"):
        (place / name).symlink_to(ROOT / name)
    return place


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("service")) as url:
        yield url


def run(command: str, folder: Path) -> str:
    here = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(folder)}
    command = (
        command.replace("cds-service ", f"{sys.executable} -m cds_service ", 1)
        if command.startswith("cds-service")
        else command
    )
    command = re.sub(r"^python ", f"{sys.executable} ", command).replace("--patients 1000", "--patients 40")
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("command", blocks("run with the service started"))
def test_a_command_to_the_service_works(command: str, service: str, folder: Path) -> None:
    said = run(command.replace("http://localhost:8000", service), folder)
    assert said
    if "leg-weakness" in command:
        assert "mscc-suspected" in said
        assert '"priority":"stat"' in said
        assert "dexamethasone 16 mg" in said.lower()
    if "zoledronate" in command:
        assert "zoledronate-renal-dose" in said


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_tutorial_says_what_its_commands_do(service: str, folder: Path) -> None:
    offered, card, missing, wrong, feedback, _ = (
        run(line.replace("http://localhost:8000", service), folder)
        for line in blocks("run with the service started", TUTORIAL)
    )
    assert '"prefetch"' in offered
    assert '"mscc-suspected"' in card
    assert '"could-not-assess"' in missing and '"not known"' in missing
    assert '"OperationOutcome"' in wrong and '"hook"' in wrong
    assert feedback.startswith("HTTP/1.1 200")


def test_the_commands_without_a_service_work_in_turn(folder: Path) -> None:
    for command in blocks("run"):
        run(command, folder)


def test_the_two_commands_install_from_the_lock_files_and_start_or_test() -> None:
    (start,) = blocks("start-command")
    (test,) = blocks("test-command")
    assert start.endswith(".venv/bin/cds-service serve")
    assert test.endswith(".venv/bin/python -m tests")
    for command, lock in ((start, "requirements.lock"), (test, "requirements-dev.lock")):
        assert f"-r {lock}" in command
        assert "--hash=sha256:" in (ROOT / lock).read_text(encoding="utf-8")


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http|#)([^)#]+)", README))))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_every_command_of_the_command_line_has_its_place() -> None:
    from cds_service.workbench.cli import known_commands

    pages = README + "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    assert [name for name in known_commands() if f"cds-service {name}" not in pages and f"`{name}`" not in pages] == []


def test_the_page_on_performance_quotes_the_newest_benchmarks() -> None:
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert results.with_quote(page, list(rows_of(PEER))) == page
