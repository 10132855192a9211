"""What the workbench adds to the service: the patient view, and for a developer the page and a record of made-up patients."""

from __future__ import annotations

from flask import Blueprint

from cds_service.service import clock
from cds_service.service.application import STATE, Surroundings


def demonstration(surroundings: Surroundings) -> tuple[Blueprint, ...]:
    """Make what the settings want: the view where it is on; the playground, whose record launches the view, in development.

    Without fixtures there are no patients to play with.
    """
    settings = surroundings.settings
    # imported here: no node that serves neither needs them
    if not settings.has_playground:
        if not settings.has_view:
            return ()
        from cds_service.view import patient_view

        return (patient_view(surroundings),)
    from joserfc.jwk import ECKey

    from cds_service.view import CALLBACK, patient_view
    from cds_service.workbench.fixture_files import fixtures_folder
    from cds_service.workbench.playground import (
        DemoPatients,
        SmartServer,
        Workspace,
        fhir_server,
        playground,
        smart_server,
    )

    try:
        patients = DemoPatients(fixtures_folder(), clock.this_minute)
    except FileNotFoundError:
        return (patient_view(surroundings),) if settings.has_view else ()
    workspace = Workspace(surroundings.advisor, patients, surroundings.store, STATE, settings.authentication)
    pages = (playground(workspace), fhir_server(patients))
    if not settings.has_view:
        return pages
    base = settings.base_url
    server = SmartServer.of(base, base + CALLBACK, patients, workspace.key, surroundings.secrets, surroundings.used)
    view = patient_view(surroundings, server.app, ECKey.import_key(workspace.key.private))
    return (*pages, smart_server(server), view)
