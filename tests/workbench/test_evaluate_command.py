"""``cds-service evaluate`` prints the answer that the service would send."""

from __future__ import annotations

import json

from click.testing import CliRunner

from cds_service.workbench.cli import commands
from tests.service.wire import ROOT

CORD = str(ROOT / "fhir_fixtures/requests/breast-bone-mets-leg-weakness-patient-view.json")


def test_the_names_in_extensions_are_those_of_the_site() -> None:
    result = CliRunner().invoke(commands, ["evaluate", CORD, "--json"], env={"CDS_EXTENSION_NAMESPACE": "org.example"})
    found = json.loads(result.stdout)
    assert "org.example.knowledgeVersion" in found["extension"]
    assert all(name.startswith("org.example.") for card in found["cards"] for name in card["extension"])


def test_a_namespace_that_is_none_is_refused() -> None:
    result = CliRunner().invoke(commands, ["evaluate", CORD, "--json", "--extension-namespace", "hospital"])
    assert (result.exit_code, "is no reverse domain name" in result.output) == (2, True)
