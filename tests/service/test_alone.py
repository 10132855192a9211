"""The room that answers calls starts and answers with the tools' packages taken away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.service.wire import ENVIRONMENT, ROOT, free_port, wait_until_live

TOOLS = ("workbench", "authoring", "simulation", "conformance")
REQUEST = "breast-bone-mets-leg-weakness-patient-view.json"


def test_the_service_answers_with_the_tools_taken_away(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "cds_service", tmp_path / "cds_service", ignore=shutil.ignore_patterns(*TOOLS, "__pycache__")
    )
    (tmp_path / "cards").symlink_to(ROOT / "cards")
    port = free_port()
    settings = {"CDS_PORT": str(port), "CDS_WORKERS": "1", "CDS_STORE_URL": f"sqlite:///{tmp_path}/store.sqlite3"}
    process = subprocess.Popen(
        [sys.executable, "-m", "cds_service.service"],
        cwd=tmp_path,
        env={**ENVIRONMENT, **settings, "PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_live(port, process)
        call = urllib.request.Request(
            f"http://127.0.0.1:{port}/cds-services/metastatic-disease-patient-view",
            (ROOT / "fhir_fixtures" / "requests" / REQUEST).read_bytes(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(call, timeout=20) as reply:
            topics = [card["source"]["topic"]["code"] for card in json.load(reply)["cards"]]
    finally:
        process.terminate()
        process.wait(20)
    assert topics[0] == "mscc-suspected"
    assert not any((tmp_path / "cds_service" / tool).exists() for tool in TOOLS)
