"""The check of import contracts can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BROKEN = """
[importlinter]
root_package = cds_service
include_external_packages = True
[importlinter:contract:1]
name = The service needs no web framework
type = forbidden
source_modules = cds_service.service
forbidden_modules = flask
"""


def test_a_broken_contract_fails_the_check_by_its_name(tmp_path: Path) -> None:
    contracts = tmp_path / "contracts.ini"
    contracts.write_text(BROKEN)
    command = [sys.executable, "-m", "tests.contracts", "--config", str(contracts), "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "The service needs no web framework BROKEN" in done.stdout
