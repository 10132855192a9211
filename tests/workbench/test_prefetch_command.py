"""The queries that an analyst types in are those of discovery, or the client's own."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cds_service.hooks.prefetch import tokens
from cds_service.knowledge.cards import Knowledge
from cds_service.workbench.cli.prefetch import prefetch_command


def queries(*arguments: str) -> dict[str, dict[str, str]]:
    done = CliRunner().invoke(prefetch_command, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, dict[str, str]] = json.loads(done.output)
    return found


def test_the_standard_queries_are_those_of_discovery(knowledge: Knowledge) -> None:
    assert queries() == {service.id: dict(service.prefetch) for service in knowledge.services.values()}


def test_epics_queries_name_a_category_never_sort_and_bring_the_user() -> None:
    for found in queries("--for", "epic").values():
        assert not [query for query in found.values() if "_sort" in query]
        assert all("category=" in query for query in found.values() if query.startswith(("Condition", "Observation")))
        assert found["user"] == "{{context.userId}}"
        assert {token for query in found.values() for token in tokens(query)} <= {"context.patientId", "context.userId"}


def test_every_need_of_the_cards_has_a_query_for_epic(knowledge: Knowledge) -> None:
    kinds = {query.partition("?")[0].partition("/")[0] for query in queries("--for", "epic").popitem()[1].values()}
    assert {"Condition", "Observation", "DiagnosticReport", "Procedure", "MedicationRequest", "ServiceRequest"} <= kinds


@pytest.mark.parametrize(("option", "value"), [("--for", "epik"), ("--hook", "patient-viw")])
def test_a_wrong_name_is_refused_with_the_known_ones(option: str, value: str) -> None:
    done = CliRunner().invoke(prefetch_command, [option, value])
    assert done.exit_code == 2
    assert value in done.output
