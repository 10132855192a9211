"""Every command of the how-to page runs as it stands there, in turn, in one folder, and says what the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cds_service.service.application import application, prepare
from cds_service.service.settings import Settings
from tests.service.wire import ROOT, over_wsgi
from tests.workbench.followed import followed, here

PAGE = (ROOT / "docs" / "how-to.md").read_text(encoding="utf-8")
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
        followed(PAGE.partition("\n## ")[0], place, here)
        yield place


@pytest.mark.parametrize(("title", "text"), sections(), ids=[title for title, _ in sections()])
def test_each_task_is_done_without_python(title: str, text: str, folder: Path) -> None:
    followed(text, folder, here)
    assert f"(#{re.sub(r'[^a-z0-9 -]', '', title.lower()).replace(' ', '-')})" in PAGE
