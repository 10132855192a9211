"""Every setting that cannot serve is one clear line and exit code 2, before any worker starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.running_service import key_pair
from tests.service.wire import ENVIRONMENT, ROOT, free_port


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"CDS_STORE_URL": "mysql://cds:hidden-word@db/cds"}, "CDS_STORE_URL: the store's url begins with mysql"),
        ({"CDS_STORE_URL": "postgresql://cds:hidden@word@db/cds"}, "%40"),
        ({"CDS_STORE_URL": "postgresql://cds:hidden@wo/rd@db/cds"}, "%40"),
        ({"CDS_STORE_URL": "postgresql://cds:hidden@wo?rd@db/cds"}, "%40"),
        ({"CDS_PUBLIC_BASE_URL": "https://"}, "CDS_PUBLIC_BASE_URL: names no host"),
        ({"CDS_PUBLIC_BASE_URL": "https:///oncology"}, "CDS_PUBLIC_BASE_URL: names no host"),
        ({"CDS_PUBLIC_BASE_URL": "https://user:hidden@cds.example.org"}, "CDS_PUBLIC_BASE_URL: must have neither user"),
        ({"CDS_CA_BUNDLE": "README.md"}, "CDS_CA_BUNDLE: README.md holds no certificates"),
        ({"CDS_FHIR_NETWORKS": "10.0.0.0/99"}, "CDS_FHIR_NETWORKS: '10.0.0.0/99'"),
        ({"CDS_CLIENTS": "docs/playground.png"}, "CDS_CLIENTS: docs/playground.png is no text in UTF-8"),
        ({"CDS_CLIENTS": "/nowhere/clients.yaml"}, "CDS_CLIENTS: there is no such file"),
        ({"CDS_CLIENTS": "{empty}"}, "no client is listed"),
        ({"CDS_CLIENTS": "deploy/clients.yaml"}, "no client is listed"),
        ({"CDS_CA_BUNDLE": "/nowhere/ca.pem"}, "CDS_CA_BUNDLE: there is no such file"),
        ({"CDS_STORE_SECRET": "short"}, "CDS_STORE_SECRET: must have 16 characters or more"),
        ({"CDS_VIEW": "perhaps"}, "CDS_VIEW: write true or false"),
        ({"CDS_WORKERS": "two"}, "CDS_WORKERS: write a whole number"),
        ({"CDS_CA_BUNDLE": ""}, "CDS_CA_BUNDLE: is empty: name a file or folder, or leave it out"),
        ({"CDS_AUTHENTICATION": "off"}, "CDS_AUTHENTICATION must be required"),
        ({"CDS_WORKER": "2"}, "nearest is CDS_WORKERS"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_one_line(tmp_path: Path, wrong: dict[str, str], said: str) -> None:
    _, allowlist = key_pair(tmp_path)
    empty = tmp_path / "empty.yaml"
    empty.write_text(json.dumps({"clients": []}))
    right = {
        "CDS_DEVELOPMENT": "false",
        "CDS_AUTHENTICATION": "required",
        "CDS_CLIENTS": str(allowlist),
        "CDS_PUBLIC_BASE_URL": "https://cds.example.org",
        "CDS_STORE_URL": f"sqlite:///{tmp_path}/store.sqlite3",
        "CDS_STORE_SECRET": "for-tests-only-1234",
        "CDS_KNOWLEDGE_FOLDER": str(tmp_path / "knowledge"),
        "CDS_PORT": str(free_port()),
    }
    settings = right | {name: value.replace("{empty}", str(empty)) for name, value in wrong.items()}
    done = subprocess.run(
        [sys.executable, "-m", "cds_service.service"],
        cwd=ROOT,
        env=ENVIRONMENT | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "hidden" not in done.stderr
    assert not (tmp_path / "store.sqlite3").exists()
