"""Every command of the how-to page runs as it stands there, in turn, in one folder, and says what the page says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds_service.service.application import application, prepare
from cds_service.service.knowledge_files import cards_folder
from cds_service.service.settings import Settings
from cds_service.workbench.cli import commands
from tests.service.wire import ROOT, over_wsgi

PAGE = (ROOT / "docs" / "how-to.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (file: (?P<file>\S+)|run|says) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)
CALLS = 300


def sections() -> list[tuple[str, str]]:
    parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder in which the service has answered three hundred calls, an overlay running silent beside it."""
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("how-to")
        patch.chdir(place)
        patch.setenv("CARDS", str(cards_folder()))
        (place / "candidate.yaml").write_text(
            "site: candidate\ntitle: C\nparameters:\n  oxygen: {warn_below: '94 %'}\n"
        )
        made = application(prepare(Settings.model_validate({"candidate_site": "candidate.yaml"})))
        send = over_wsgi(made.wsgi)
        bodies = [
            json.loads(path.read_text())
            for path in sorted((ROOT / "fhir_fixtures/requests").glob("*patient-view.json"))
        ]
        for number in range(CALLS):
            body = bodies[number % len(bodies)] | {"hookInstance": f"d1577c69-dfbe-44ad-ba6d-{number:012}"}
            sent = send("POST", "/cds-services/metastatic-disease-patient-view", json.dumps(body).encode())
            assert sent.status == 200, sent.body
        made.close()
        yield place


def said_by(line: str, folder: Path) -> str:
    if not line.startswith("cds-service "):
        return subprocess.run(["bash", "-c", line], cwd=folder, check=True, capture_output=True, text=True).stdout
    may_fail = line.endswith(" || true")
    arguments = [part.replace("$CARDS", str(cards_folder())) for part in shlex.split(line.removesuffix(" || true"))[1:]]
    done = CliRunner().invoke(commands, arguments)
    assert done.exit_code == 0 or may_fail, f"{line}\n{done.output}"
    return done.output


@pytest.mark.parametrize(("title", "text"), sections(), ids=[title for title, _ in sections()])
def test_each_task_is_done_without_python(title: str, text: str, folder: Path) -> None:
    said = ""
    for block in BLOCK.finditer(text):
        if block["file"]:
            (folder / block["file"]).write_text(block["text"], encoding="utf-8")
        elif block[0].startswith("<!-- run"):
            said = "".join(said_by(line, folder) for line in block["text"].strip().splitlines())
        else:
            for line in block["text"].strip().splitlines():
                assert line in said, f"{line!r} was not said:\n{said[-3000:]}"
    assert f"(#{re.sub(r'[^a-z0-9 -]', '', title.lower()).replace(' ', '-')})" in PAGE
