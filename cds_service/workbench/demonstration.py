"""What the workbench adds to a developer's service: the page and a FHIR server of made-up patients."""

from __future__ import annotations

from flask import Blueprint

from cds_service.service import clock
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.application import STATE
from cds_service.service.settings import Settings
from cds_service.service.store import Store


def demonstration(settings: Settings, advisor: KnowledgeAdvisor, store: Store) -> tuple[Blueprint, ...]:
    """Make the playground and its patients where the settings want them; without fixtures there are none to play with."""
    if not settings.has_playground:
        return ()
    # imported here: no hospital's node needs them
    from cds_service.workbench.fixture_files import fixtures_folder
    from cds_service.workbench.playground import DemoPatients, Workspace, fhir_server, playground

    try:
        patients = DemoPatients(fixtures_folder(), clock.this_minute)
    except FileNotFoundError:
        return ()
    return playground(Workspace(advisor, patients, store, STATE, settings.authentication)), fhir_server(patients)
