"""Discovery and OperationOutcome: what a client reads first and what it reads when things go wrong."""

from __future__ import annotations

import json

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from cds_service.hooks import discovery
from cds_service.hooks.discovery import Service
from cds_service.hooks.operation_outcome import operation_outcome

PV = Service(
    id="pv", hook="patient-view", description="d", title="t", prefetch={"patient": "Patient/{{context.patientId}}"}
)


def test_every_entry_states_the_versions_of_specification_and_hook() -> None:
    entry = json.loads(discovery.encode([PV]))["services"][0]
    assert (entry["version"], entry["hookVersion"]) == ("3.0.0", "1.0")
    assert entry["prefetch"] == {"patient": "Patient/{{context.patientId}}"}
    assert "usageRequirements" not in entry


def test_one_id_may_stand_on_two_hooks_but_not_twice_on_one() -> None:
    two = [PV, Service(id="pv", hook="order-sign", description="d")]
    assert len(json.loads(discovery.encode(two))["services"]) == 2
    with pytest.raises(ValueError, match="same id"):
        discovery.encode([PV, PV])


@pytest.mark.parametrize(
    "wrong",
    [
        Service(id="a/b", hook="patient-view", description="d"),
        Service(id="a", hook="patient-view", description=""),
        Service(id="a", hook="", description="d"),
        Service(id="a", hook="patient-view", description="d", prefetch={}),
        Service(id="a", hook="patient-view", description="d", title=""),
    ],
)
def test_an_entry_that_breaks_the_protocol_is_refused_at_start_up(wrong: Service) -> None:
    with pytest.raises(ValueError):
        discovery.encode([wrong])


def test_a_hook_of_our_own_has_no_published_version() -> None:
    assert (
        "hookVersion"
        not in json.loads(discovery.encode([Service(id="a", hook="org.x.y", description="d")]))["services"][0]
    )


def test_an_error_is_a_valid_operation_outcome_without_empties() -> None:
    body = operation_outcome("required", "Field required", expression="context.patientId", diagnostics="CDS Hooks 3.0")
    issue = json.loads(body)["issue"][0]
    assert issue["expression"] == ["context.patientId"]
    assert issue["details"] == {"text": "Field required"}
    OperationOutcome.model_validate_json(body)
    assert set(json.loads(operation_outcome("invalid", "x"))["issue"][0]) == {"severity", "code", "details"}
