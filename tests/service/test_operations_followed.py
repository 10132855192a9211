"""The commands of docs/operations.md, run as they are written in an empty folder: from a wheel to a service in production.

Only what the page gives as an example is replaced: addresses, files, the secret. The locked packages are not fetched
anew: the fresh environment finds them in that of the tests.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
import jwt
import pytest
from jwt.algorithms import ECAlgorithm

from cds_service.workbench.cli import commands
from tests.conformance.running_service import ISSUER, key_pair
from tests.faults.callers import PATIENT_VIEW, call, cord_request, is_red_flag
from tests.service.settings_table import PAGE
from tests.service.store.temporary_postgresql import TemporaryPostgresql
from tests.service.wire import ROOT, free_port, wait_until_live

BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def block(holding: str) -> str:
    (found,) = (one for one in BLOCKS if holding in one)
    return found


def test_every_command_of_the_page_is_known() -> None:
    named = {line.split()[1] for one in BLOCKS for line in one.splitlines() if line.startswith("cds-service ")}
    assert {"serve", "audit", "backup"} <= named <= set(commands.list_commands(click.Context(commands)))


def test_the_page_followed_leads_to_a_service_in_production_settings(
    tmp_path: Path, postgresql: TemporaryPostgresql
) -> None:
    shell = installed(tmp_path)
    private, allowlist = key_pair(tmp_path)
    url, port = postgresql.new_database(), free_port()
    examples = {
        "/etc/cds-service/clients.yaml": str(allowlist),
        "postgresql://cds@db.example.org/cds": url,
        "CDS_STORE_SECRET=...": "CDS_STORE_SECRET=0123456789abcdef0123456789abcdef",
        "0.0.0.0": "127.0.0.1",
    }
    start = block("CDS_DEVELOPMENT=false")
    for example, own in examples.items():
        assert example in start
        start = start.replace(example, own)
    settings = dict(re.findall(r"(CDS_\w+)=(\S+)", start))
    shell |= {"CDS_PORT": str(port), "CDS_WORKERS": "1"}
    log = tmp_path / "service.log"
    with log.open("ab") as errors:
        process = subprocess.Popen(["bash", "-c", f"exec env {start}"], cwd=tmp_path, env=shell, stderr=errors)
    try:
        wait_until_live(port, process, log)
        assert json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready"))["status"] == "ready"
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/cds-services")
        seen = call(port, PATIENT_VIEW, cord_request("followed"), bearer(private, settings["CDS_PUBLIC_BASE_URL"]))
        assert is_red_flag(seen)
        copy = tmp_path / "copy.gz"
        for example in ("audit verify", "backup /backup/"):
            follow(block(example), shell | settings, tmp_path, copy, postgresql)
    finally:
        process.terminate()
        assert process.wait(40) == 0
    events = (tmp_path / "audit.ndjson").read_text()
    assert "AuditEvent" in events
    assert "mscc-suspected" in events
    assert copy.stat().st_mode & 0o077 == 0


def bearer(private: Path, base: str) -> dict[str, str]:
    """The header of the listed client, as docs/integration.md says."""
    start = int(datetime.now(UTC).timestamp())
    claims = {"iss": ISSUER, "aud": base + PATIENT_VIEW, "iat": start, "exp": start + 300, "jti": "followed"}
    return {
        "Authorization": f"Bearer {jwt.encode(claims, ECAlgorithm.from_jwk(private.read_text()), 'ES384', {'kid': 'k1'})}"
    }


def installed(folder: Path) -> dict[str, str]:
    """Build the wheel, install it as the page says, and give a shell that has nothing of the checkout in it."""
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("CDS_", "PYTHON"))}
    place = folder / "opt"
    make, fetch, install, path = block("-m venv").replace("/opt/cds-service", str(place)).splitlines()
    assert "--require-hashes -r requirements.lock" in fetch
    run(make.replace("python3", sys.executable), folder, ours)
    (packages,) = place.glob("lib/*/site-packages")
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib"))
    run(install, folder, ours)
    shell = ours | {"PATH": run(f"{path}; echo $PATH", folder, ours).strip()}
    assert run("which cds-service", folder, shell).strip() == str(place / "bin" / "cds-service")
    assert str(packages) in run("python -c 'import cds_service; print(cds_service.__file__)'", folder, shell)
    return shell


def run(line: str, folder: Path, shell: Mapping[str, str]) -> str:
    done = subprocess.run(["bash", "-c", line], cwd=folder, env=shell, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{line}: {done.stderr}"
    return done.stdout


def follow(lines: str, shell: dict[str, str], folder: Path, copy: Path, postgresql: TemporaryPostgresql) -> None:
    """Run each line as it stands; a restore goes into a database of its own, as the page says."""
    for line in re.sub(r"/backup/\S+", str(copy), lines).splitlines():
        into = {"CDS_STORE_URL": postgresql.new_database()} if " restore " in line else {}
        run(line, folder, shell | into)
