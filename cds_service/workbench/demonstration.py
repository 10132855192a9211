"""What the workbench adds to the service: patient view, committee mode, and for a developer the page and made-up patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint

from cds_service.service import clock
from cds_service.service.application import Surroundings
from cds_service.service.opening import STATE
from cds_service.service.releases import Origin, ReleaseHistory
from cds_service.service.settings import Settings
from cds_service.workbench.committee.provider import Provider

if TYPE_CHECKING:
    from cds_service.workbench.committee.effect import NamedPatient


def demonstration(surroundings: Surroundings) -> tuple[Blueprint, ...]:
    """Make what the settings want."""
    return (*_playground_and_view(surroundings), *_committee(surroundings), *_documentation(surroundings.settings))


def _documentation(settings: Settings) -> tuple[Blueprint, ...]:
    if settings.docs is None:
        return ()
    from cds_service.workbench.documentation import documentation

    return (documentation(settings.docs),)


def _playground_and_view(surroundings: Surroundings) -> tuple[Blueprint, ...]:
    """The view where it is on; the playground, whose record launches the view, in development.

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


def _committee(surroundings: Surroundings) -> tuple[Blueprint, ...]:
    """Where people can log in, the page on which they decide."""
    settings = surroundings.settings
    if not settings.has_committee:
        return ()
    from cds_service.workbench.cohort.layout import find_layout
    from cds_service.workbench.committee.accounts import read_accounts
    from cds_service.workbench.committee.approval import ApprovalWorkflow
    from cds_service.workbench.committee.history import History
    from cds_service.workbench.committee.pages import committee
    from cds_service.workbench.committee.room import CommitteeRoom
    from cds_service.workbench.committee.sessions import Sessions

    if settings.cohort is not None:
        find_layout(settings.cohort)  # a cohort that is none is an error at the start
    origin = Origin(settings.cards, settings.site, settings.candidate_site)
    return (
        committee(
            CommitteeRoom(
                ApprovalWorkflow(
                    origin,
                    History(settings.knowledge_folder / "committee.jsonl"),
                    ReleaseHistory(settings.knowledge_folder),
                    surroundings.look,
                ),
                Sessions(
                    surroundings.secrets[0],
                    path=f"{settings.path_prefix}/committee",
                    secure=settings.base_url.startswith("https://"),
                ),
                surroundings.store,
                read_accounts(settings.accounts) if settings.accounts else None,
                _provider(settings),
                *_before_the_committee(settings.cohort),
            )
        ),
    )


def _before_the_committee(cohort: Path | None) -> tuple[Callable[[], Sequence[NamedPatient]], str]:
    """Whose cards a proposal is tried on, and what they are called."""
    from cds_service.workbench.committee.cohort import MOST_ASKED, members
    from cds_service.workbench.fixture_files import fixtures_folder
    from cds_service.workbench.playground.patients import DemoPatients

    if cohort is not None:
        return lambda: members(cohort), f"patients of the site's cohort (of it the first {MOST_ASKED})"
    patients = DemoPatients(fixtures_folder(), clock.this_minute)
    return lambda: list(patients.by_name.values()), "made-up patients; CDS_COHORT puts the site's own here"


def _provider(settings: Settings) -> Provider | None:
    if not settings.oidc_issuer or settings.oidc_client_secret is None:
        return None
    from cds_service.workbench.committee.oidc import OpenIdProvider

    return OpenIdProvider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        f"{settings.base_url}/committee/oidc/back",
        settings.oidc_group,
        str(settings.ca_bundle) if settings.ca_bundle else True,
    )
