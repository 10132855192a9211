"""What docs/integration.md tells an integrator holds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.discovery import Service
from cds_service.hooks.feedback import read_feedback
from cds_service.hooks.openapi import openapi
from cds_service.hooks.schemas import documents
from cds_service.service.auth.clients import ClientEntry, read_clients
from cds_service.service.auth.public_keys import MAXIMUM_KEYS
from cds_service.service.settings import Settings
from tests.conformance.running_service import ISSUER, key_pair, running
from tests.service.wire import ROOT

PAGE = (ROOT / "docs/integration.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_setting_that_the_page_names_exists() -> None:
    named = {name.lower() for name in re.findall(r"CDS_([A-Z_]+)", PAGE)}
    assert named <= set(Settings.model_fields)


def test_everything_that_a_client_in_the_allowlist_may_have_is_named() -> None:
    trust = PAGE.partition("## Trust")[2].partition("## Errors")[0]
    assert set(ClientEntry.model_fields) <= set(re.findall(r"\b(\w+):", trust))
    for name in ("maximum_lifetime_seconds", "skew_seconds"):
        assert f"{name}: {ClientEntry.model_fields[name].default} " in trust
    assert f"first {MAXIMUM_KEYS} keys" in trust


def test_each_proxy_closes_what_is_inside() -> None:
    for language, holding, closed in [
        ("nginx", "server {", "location ~ ^/(metrics|health|admin)(/|$) { return 404; }"),
        ("yaml", "envoy.filters", 'regex: "/(metrics|health|admin)(/.*)?"'),
        ("yaml", "entryPoints", "!PathRegexp(`^/(metrics|health|admin)(/|$)`)"),
    ]:
        (example,) = (block for block in blocks(language) if holding in block)
        assert closed in example


def test_every_schema_that_the_page_names_is_served_and_no_other() -> None:
    listed = {"discovery", "response", "feedback", "operation-outcome"}
    assert set(documents()) == listed | {f"{kind}-{hook}" for kind in ("request", "context") for hook in CONTEXTS}


def test_the_error_table_holds_what_the_api_description_holds() -> None:
    services = [Service(id="x", hook="patient-view", description="x")]
    paths: dict[str, Any] = openapi(services, "https://cds.example.org", "1")["paths"]
    described = {
        status for path in paths.values() for operation in path.values() for status in operation["responses"]
    } - {"200"}
    table = set(re.findall(r"^\| ([45]\d\d) \|", PAGE, re.MULTILINE))
    assert table == described | {"405"}


@pytest.fixture(scope="module")
def client_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with a client's key and a sample request, and a service that wants its tokens."""
    folder = tmp_path_factory.mktemp("client")
    private, allowlist = key_pair(folder)
    private.rename(folder / "private.jwk.json")
    shutil.copy(ROOT / "cds_service/hooks/examples/patient-view.json", folder)
    with running(folder, authentication="required", clients=allowlist) as base:
        yield folder, base


@pytest.mark.parametrize(
    ("language", "file", "runner"), [("python", "client.py", sys.executable), ("js", "client.mjs", "node")]
)
def test_the_sample_client_gets_cards_and_tells_what_became_of_them(
    client_folder: tuple[Path, str], language: str, file: str, runner: str
) -> None:
    folder, base = client_folder
    if shutil.which(runner) is None:
        pytest.skip(f"{runner} is not installed")
    (text,) = blocks(language)
    assert text.count('"https://cds.example.org"') == 1 and ISSUER in text
    (folder / file).write_text(text.replace("https://cds.example.org", base))
    done = subprocess.run([runner, file], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0].startswith("critical Limb weakness") and said[-1] == "feedback 200"


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_yaml_example_is_yaml(text: str) -> None:
    assert yaml.safe_load(text)


def test_the_allowlist_example_is_one() -> None:
    (text,) = (block for block in blocks("yaml") if block.startswith("clients:"))
    (client,) = read_clients(text).all
    assert client.tenant == "north"


def test_the_feedback_example_is_one() -> None:
    (text,) = blocks("json")
    assert read_feedback(json.dumps(json.loads(text)).encode())[0].outcome == "accepted"


def test_the_default_ids_are_those_of_the_page() -> None:
    services = yaml.safe_load((ROOT / "cards/services.yaml").read_text(encoding="utf-8"))["services"]
    for service in services:
        assert f"`{service['id']}`" in PAGE
