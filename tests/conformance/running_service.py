"""The whole service as an installation runs it, in its own process, for tests that call it from outside."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from tests.service.wire import ENVIRONMENT, ROOT, free_port, wait_until_live

ISSUER = "https://ehr.example.org"
LOG = "service.log"
"""The file in a service's folder that its standard error goes to."""


@dataclass(frozen=True)
class Server:
    """A service that runs: where it is called, its main process, and the file that its standard error goes to."""

    base: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def running(folder: Path, *, scheme: str = "http", **settings: object) -> Iterator[str]:
    """Start ``cds-service serve`` with settings of the environment; give its base URL."""
    with running_server(folder, scheme=scheme, **settings) as server:
        yield server.base


@contextmanager
def running_server(folder: Path, *, scheme: str = "http", **settings: object) -> Iterator[Server]:
    """Start the same, for tests that also send it signals or read ``service.log`` in its folder."""
    port = int(str(settings.pop("port", 0))) or free_port()
    variables = {
        "TMPDIR": str(folder),  # so that all it writes is in one place, and goes with it
        "CDS_PORT": str(port),
        "CDS_WORKERS": "1",
        "CDS_STORE_URL": f"sqlite:///{folder}/store.sqlite3",
        "CDS_STORE_SECRET": "for-tests-only-1234",
        "CDS_KNOWLEDGE_FOLDER": str(folder / "knowledge"),
        "CDS_BLOCKING_THREADS": "8",
    } | {f"CDS_{name.upper()}": str(value) for name, value in settings.items()}
    log = folder / LOG
    with log.open("ab") as errors:  # a file, since a pipe that nobody reads fills up and stops the service
        process = subprocess.Popen(
            [sys.executable, "-m", "cds_service", "serve"],
            cwd=ROOT,
            env=ENVIRONMENT | variables,
            stderr=errors,
            stdout=subprocess.DEVNULL,
        )
    try:
        if scheme == "http":
            wait_until_live(port, process, log)
        yield Server(f"{scheme}://localhost:{port}", port, process, log)
    finally:
        process.terminate()
        process.wait(timeout=20)


def key_pair(folder: Path) -> tuple[Path, Path]:
    """Make a client: the file of its private JWK, and an allowlist that trusts it."""
    key = ec.generate_private_key(ec.SECP384R1())
    names = {"kid": "k1", "alg": "ES384", "use": "sig"}
    private, allowlist = folder / "private.json", folder / "clients.yaml"
    private.write_text(json.dumps(ECAlgorithm.to_jwk(key, as_dict=True) | names))
    public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | names
    allowlist.write_text(json.dumps({"clients": [{"name": "EHR", "iss": ISSUER, "keys": [public]}]}))
    return private, allowlist


def cards_with_one_id(folder: Path) -> Path:
    """Copy the cards, with one id on all hooks."""
    cards = folder / "cards"
    shutil.copytree(ROOT / "cards", cards)
    services = cards / "services.yaml"
    text = services.read_text(encoding="utf-8")
    for hook in ("patient-view", "order-select", "order-sign"):
        text = text.replace(f"- id: metastatic-disease-{hook}", "- id: metastatic-disease")
    services.write_text(text, encoding="utf-8")
    return cards


def request_of(name: str) -> dict[str, Any]:
    """One of the fixture requests."""
    found: dict[str, Any] = json.loads((ROOT / f"fhir_fixtures/requests/{name}.json").read_text(encoding="utf-8"))
    return found
