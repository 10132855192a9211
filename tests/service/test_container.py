"""The container's description, checked without a container engine: what it copies, starts and asks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.wire import ENVIRONMENT, ROOT, free_port, wait_until_live

DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())


def lines(instruction: str) -> list[str]:
    return [line.partition(" ")[2] for line in DOCKERFILE.splitlines() if line.startswith(instruction + " ")]


def command(instruction: str) -> list[str]:
    line = lines(instruction)[-1]
    found: list[str] = json.loads(line[line.index("[") :])
    return found


def environment() -> dict[str, str]:
    pairs = (part.partition("=") for line in lines("ENV") for part in line.split())
    return {name: value for name, _, value in pairs if name.startswith("CDS_")}


def copied() -> list[str]:
    return [part for line in lines("COPY") if "--from=" not in line for part in line.split()[:-1]]


def test_every_file_that_is_copied_exists_and_is_let_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert copied()
    for name in copied():
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored


def test_the_wheel_carries_cards_and_fixtures() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["force-include"]) == {"cards", "fhir_fixtures"}


def test_it_runs_as_nobody_and_not_in_development() -> None:
    assert lines("USER")[-1] not in {"root", "0"}
    assert environment()["CDS_DEVELOPMENT"] == "false"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The start command, run here with the image's settings, on a free port and as a demonstration."""
    script, *arguments = command("CMD")
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert script in scripts
    folder: Path = tmp_path_factory.mktemp("container")
    port = free_port()
    changes = {"CDS_PORT": str(port), "CDS_DEVELOPMENT": "true", "CDS_HOST": "127.0.0.1", "CDS_WORKERS": "1"}
    found = ENVIRONMENT | environment() | changes | {"CDS_STORE_URL": f"sqlite:///{folder}/store.sqlite3"}
    process = subprocess.Popen(
        [sys.executable, "-m", scripts[script].partition(".")[0], *arguments],
        cwd=folder,
        env=found,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_live(port, process)
        yield found
    finally:
        process.terminate()
        said = process.communicate(timeout=20)[1].decode()
    assert process.returncode == 0
    assert "anybody may call" in said


def test_the_start_command_starts_and_the_health_check_finds_it_well(started: dict[str, str]) -> None:
    _, *arguments = command("HEALTHCHECK")
    assert subprocess.run([sys.executable, *arguments], env=started, check=False, timeout=20).returncode == 0


def test_the_health_check_fails_where_nothing_listens() -> None:
    _, *arguments = command("HEALTHCHECK")
    nowhere = os.environ | {"CDS_PORT": str(free_port())}
    done = subprocess.run([sys.executable, *arguments], env=nowhere, check=False, timeout=20, capture_output=True)
    assert done.returncode != 0


def test_with_the_settings_of_the_image_alone_it_refuses_to_start_and_says_what_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cds_service", *command("CMD")[1:]],
        cwd=tmp_path,
        env=ENVIRONMENT | environment(),
        check=False,
        timeout=30,
        capture_output=True,
    )
    assert done.returncode != 0
    for missing in (b"CDS_AUTHENTICATION", b"CDS_CLIENTS", b"CDS_STORE_SECRET", b"CDS_PUBLIC_BASE_URL"):
        assert missing in done.stderr + done.stdout
