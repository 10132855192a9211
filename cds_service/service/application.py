"""The whole service put together from its settings: once before the fork, what workers share; then each worker's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint

from cds_service.engine.view_links import ViewLinks
from cds_service.hooks import discovery
from cds_service.hooks.extensions import ExtensionNames
from cds_service.knowledge.cards import Knowledge
from cds_service.service import clock
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.answer import HttpAnswer
from cds_service.service.answer_records import store_caller
from cds_service.service.auth.authenticate import authenticate, make_authenticator
from cds_service.service.auth.caller import Caller
from cds_service.service.auth.clients import Clients, read_clients
from cds_service.service.auth.key_sets import KeySets
from cds_service.service.auth.replay import LocalReplay, ReplayStore, SharedElseLocal
from cds_service.service.auth.shared_replay import SharedReplay
from cds_service.service.bounds import Bounds, charge
from cds_service.service.canary import CanaryRun
from cds_service.service.canary_record import Canary
from cds_service.service.canary_routes import canary_routes
from cds_service.service.candidate import Candidate
from cds_service.service.card_pages import card_pages
from cds_service.service.cors import Cors
from cds_service.service.endpoint import NOBODY, HookEndpoint
from cds_service.service.explaining import explaining
from cds_service.service.fast_path import FastPath, StartResponse, WsgiApp
from cds_service.service.feedback import Reasons, answer_feedback
from cds_service.service.fhir_client.fetch import FhirFetcher, Limits
from cds_service.service.fhir_client.guard import Destinations, destinations
from cds_service.service.handler import HookHandler
from cds_service.service.knowledge_files import load_knowledge
from cds_service.service.languages import Languages, NoSuchLanguage
from cds_service.service.opening import open_store, secrets_of
from cds_service.service.operators import Operators
from cds_service.service.patient_memory import store_memory
from cds_service.service.quotas import Quota
from cds_service.service.readiness import RecentCalls
from cds_service.service.releases import Origin, Release, ReleaseHistory
from cds_service.service.reload import Watch, reloading
from cds_service.service.settings import Settings
from cds_service.service.store import AuditEntry, KnowledgeLoaded, Store
from cds_service.service.telemetry import TracedMeters, open_meters, open_tracer, traces_are_possible
from cds_service.service.web import create_app

LAUNCH, STANDALONE = "/smart/launch", "/smart/standalone"
"""Where the patient view is launched by a record, and in development by anybody."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What more pages are made from: the parts of one worker's service."""

    settings: Settings
    advisor: KnowledgeAdvisor
    store: Store
    clients: Clients
    used: ReplayStore
    """Remembers what may be used once only."""
    look: Callable[[], None] = lambda: None
    """Makes this worker take up at once what was brought into force."""

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """The installation's secrets, the one in force first; what pages seal with them is sealed for a purpose of its own."""
        return secrets_of(self.settings)


Pages = Callable[[Surroundings], tuple[Blueprint, ...]]
"""Makes more pages for the service to serve: the workbench hands in its playground and the patient view, the service knows none."""


def no_pages(_: Surroundings) -> tuple[Blueprint, ...]:
    """Serve what CDS Hooks asks for and nothing else."""
    return ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is read once and shared by all workers; a mistake in it keeps the service from starting."""

    settings: Settings
    knowledge: Knowledge
    clients: Clients
    destinations: Destinations
    candidate: Knowledge | None = None
    """A site's overlay that runs silent beside the live knowledge."""
    begun: bool = False
    """Whether the start was said in the folder of releases: then workers run what is in force there, not what was read."""

    @property
    def release(self) -> Release:
        """What the service starts with."""
        return Release(self.knowledge, self.candidate)

    @property
    def origin(self) -> Origin:
        """Where it was read from, and is read again on reload."""
        return Origin(self.settings.cards, self.settings.site, self.settings.candidate_site)


def prepare(settings: Settings) -> Configuration:
    """Read card files, allowlists and policies; raises ``ValueError`` or ``OSError`` that says what is wrong where."""
    if settings.otel and not traces_are_possible():
        raise ValueError("CDS_OTEL needs the packages of the extra otel: pip install 'cds-service[otel]'")
    for name, file in {"CDS_CLIENTS": settings.clients, "CDS_CA_BUNDLE": settings.ca_bundle}.items():
        if file is not None and not file.is_file():
            raise ValueError(f"{name}: there is no such file: {file}")
    _check_certificates(settings)
    clients = Clients.of(())
    if settings.clients is not None:
        try:
            text = settings.clients.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"CDS_CLIENTS: {settings.clients} is no text in UTF-8: {error}") from None
        clients = read_clients(text, file=str(settings.clients), development=settings.development)
    if settings.authentication == "required" and not clients.all:
        raise ValueError(
            f"{settings.clients or 'CDS_CLIENTS'}: no client is listed, so every call would be refused; write one in"
        )
    _check_view(settings, clients)
    knowledge = load_knowledge(settings.cards, site=settings.site or None, examples=False)
    _check_profiles(settings, clients, knowledge)
    try:
        Languages(knowledge, settings.languages)
    except NoSuchLanguage as error:
        raise ValueError(f"CDS_LANGUAGES: {error}") from None
    return Configuration(
        settings,
        knowledge,
        clients,
        _destinations(settings),
        load_knowledge(settings.cards, site=settings.candidate_site, examples=False)
        if settings.candidate_site
        else None,
    )


def _destinations(settings: Settings) -> Destinations:
    try:
        return destinations(settings.fhir_servers, networks=settings.fhir_networks, development=settings.development)
    except ValueError as error:
        raise ValueError(f"CDS_FHIR_SERVERS, CDS_FHIR_NETWORKS: {error}") from None


def _check_certificates(settings: Settings) -> None:
    """Read PEM files as those will who use them."""
    if settings.ca_bundle is None and settings.tls_certificate is None:
        return
    import ssl  # where no file is named, nothing at the start needs it

    try:
        if settings.ca_bundle is not None:
            ssl.create_default_context(cafile=settings.ca_bundle)
    except OSError as error:
        raise ValueError(f"CDS_CA_BUNDLE: {settings.ca_bundle} holds no certificates in PEM ({error})") from None
    try:
        if settings.tls_certificate is not None:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_certificate, settings.tls_key)
    except OSError as error:
        raise ValueError(f"CDS_TLS_CERTIFICATE, CDS_TLS_KEY: not a certificate in PEM and its key ({error})") from None


def _check_profiles(settings: Settings, clients: Clients, knowledge: Knowledge) -> None:
    """Refuse the name of a client profile that nobody wrote."""
    wanted = {f"client {client.name!r}": client.profile for client in clients.all}
    for whose, name in {**wanted, "CDS_CLIENT_PROFILE": settings.client_profile}.items():
        if name not in knowledge.profiles:
            raise ValueError(f"{whose}: there is no profile {name!r}; allowed: {', '.join(knowledge.profiles)}")


@dataclass(frozen=True, slots=True)
class Application:
    """One worker's service: ``wsgi`` serves it, ``handler`` answers without HTTP, ``close`` ends it."""

    wsgi: WsgiApp
    handler: HookHandler
    store: Store
    fetcher: FhirFetcher
    used_tokens: SharedReplay
    candidate: Candidate | None = None
    watch: Watch | None = None

    def close(self) -> None:
        """Write what is still to be remembered, and let go of connections and threads."""
        if self.watch is not None:
            self.watch.close()
        if self.candidate is not None:
            self.candidate.close()
        self.fetcher.close()
        self.used_tokens.close()
        self.store.close()


def application(configuration: Configuration, pages: Pages = no_pages) -> Application:
    """Make one worker's service, with connections and threads of its own; ``pages`` adds to what it serves."""
    settings = configuration.settings
    meters = TracedMeters(open_meters(), open_tracer()) if settings.otel else open_meters()
    store = open_store(settings, lambda found: meters.drifting([(one.service, one.topic, one.kind) for one in found]))
    ca_bundle = str(settings.ca_bundle) if settings.ca_bundle else None
    keys, shared = KeySets(ca_bundle=ca_bundle), SharedReplay(store.database)
    used_tokens = SharedElseLocal(shared, LocalReplay(), meters.token_checked_alone)
    authenticator = make_authenticator(
        settings.authentication,
        settings.base_url,
        configuration.clients,
        keys,
        used_tokens,
        development=settings.development,
    )
    keys.warm_up(configuration.clients.all)
    fetcher = FhirFetcher(configuration.destinations, Limits(deadline_s=settings.fetch_seconds), ca_bundle=ca_bundle)
    recent = RecentCalls()
    bounds = Bounds.of(settings, len(configuration.clients.all))
    candidate = Candidate(configuration.candidate, store.record_shown) if configuration.candidate else None
    releases = ReleaseHistory(settings.knowledge_folder)
    tokens = (settings.operator_token, settings.operator_token_old)
    operators = Operators([token.get_secret_value() for token in tokens if token], partial(_note_operator, store))

    acts = (reloading, canary_routes) if operators.exist else ()

    def look() -> None:
        watch.look()

    def advisor_of(
        knowledge: Knowledge, candidate: Candidate | None = None, trial: CanaryRun | None = None
    ) -> KnowledgeAdvisor:
        return KnowledgeAdvisor(
            knowledge,
            fetcher=fetcher if settings.fhir_servers else None,
            remember=store.record_shown,
            meters=meters,
            memories=partial(store_memory, store),
            candidate=candidate,
            names=ExtensionNames.within(settings.extension_namespace),
            seconds=settings.call_seconds,
            anybody=settings.client_profile,
            pages=settings.base_url,
            view=None if pages is no_pages else _view_links(settings, configuration.clients),
            trial=trial,
            languages=Languages(knowledge, settings.languages, every=settings.development),
        )

    canary = CanaryRun(releases, advisor_of, store.lot, partial(_note_canary, store), meters)

    def assembled(release: Release) -> tuple[HookHandler, WsgiApp]:
        """All that depends on the knowledge; connections and threads stay."""
        knowledge = release.knowledge
        advisor = advisor_of(knowledge, candidate, canary)
        zone = ZoneInfo(settings.time_zone)
        handler = HookHandler(advisor, zone=zone, development=settings.development, meters=meters)
        endpoint = HookEndpoint(
            handler,
            settings.max_body_bytes,
            lambda authorization, path, call: authenticate(authorization, path, authenticator, clock.now(), call),
            store.record_call,
            meters,
            settings.audit_patient_references,
            bounds,
            recent,
        )
        app = create_app(
            settings,
            endpoint,
            discovery.encode(advisor.services),
            feedback=partial(
                _feedback,
                store,
                frozenset(service.id for service in advisor.services),
                lambda: Reasons.of(card for one in (canary.advisor, advisor) if one for card in one.spoken_cards()),
                bounds.quotas.feedback,
            ),
            checks=lambda: _checks(store, used_tokens, watch),
            notices=lambda: (*authenticator.notices, *canary.notices, *(one.sentence for one in store.drifting)),
            pages=(
                card_pages(knowledge),
                *pages(Surroundings(settings, advisor, store, configuration.clients, used_tokens, look)),
                *(
                    [explaining(operators, advisor, settings.max_body_bytes, settings.development)]
                    if operators.exist or settings.development
                    else ()
                ),
                *(page(operators, releases, configuration.origin, look) for page in acts),
            ),
        )
        return handler, FastPath(app, endpoint, Cors(settings.cors_origins), settings.path_prefix)

    handler, app = assembled(configuration.release)
    exchange = Exchange(app)

    def change_over(release: Release) -> None:
        new = assembled(release)[1]  # whatever is wrong with it is found here, before anything has changed
        if candidate is not None and release.candidate is not None:
            candidate.change_over(release.candidate)
        exchange.change_over(new)
        store.record_knowledge(KnowledgeLoaded(release.name, "change-over of a worker", clock.now()))

    watch = Watch(releases, change_over, configuration.release.name, canary=canary, from_now_on=not configuration.begun)
    store.record_knowledge(KnowledgeLoaded(configuration.release.name, "start of a worker", clock.now()))
    watch.look()
    watch.start()
    return Application(exchange, handler, store, fetcher, shared, candidate, watch)


class Exchange:
    """The WSGI application of a worker, within which the whole service may be changed over between two calls."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start_response)

    def change_over(self, app: WsgiApp) -> None:
        """Let the next call go to the new one; calls under way end with the old."""
        self._app = app


def _note_operator(store: Store, path: str, status: int, because: str) -> None:
    store.record_call(AuditEntry(clock.now(), store_caller(NOBODY), path, status, 0.0, door="admin", because=because))


def _note_canary(store: Store, canary: Canary, own: bool) -> None:
    """Put on record that a worker has followed a change of a canary; who made the change by itself says why in the audit."""
    store.record_knowledge(KnowledgeLoaded(canary.version, canary.sentence, clock.now()))
    if own:
        because = f"{canary.state}: {canary.because}"
        entry = AuditEntry(clock.now(), store_caller(NOBODY), "canary", 200, 0.0, door="admin", because=because)
        store.record_call(replace(entry, method="", knowledge=canary.version))


def _view_links(settings: Settings, clients: Clients) -> ViewLinks | None:
    """How cards lead to the patient view; outside development only where the record can launch it."""
    if not settings.has_view:
        return None
    standalone = f"{settings.base_url}{STANDALONE}?card=" if settings.development else ""
    registered = frozenset(client.name for client in clients.all if client.smart is not None)
    return ViewLinks(settings.base_url + LAUNCH, registered, standalone)


def _check_view(settings: Settings, clients: Clients) -> None:
    """Refuse a patient view that nobody can launch, or that could not prove itself."""
    if settings.view_key is not None and not settings.view_key.is_file():
        raise ValueError(f"CDS_VIEW_KEY: there is no such file: {settings.view_key}")
    if not settings.has_view or settings.development:
        return
    apps = [client.smart for client in clients.all if client.smart is not None]
    if not apps:
        raise ValueError("CDS_VIEW=true, but no client of the allowlist has an entry `smart`: nobody could launch it")
    if settings.view_key is None and any(app.client_secret_file is None for app in apps):
        raise ValueError("CDS_VIEW_KEY is needed: a client's entry `smart` has no client_secret_file")


def _feedback(
    store: Store,
    services: frozenset[str],
    reasons: Callable[[], Reasons],
    quota: Quota,
    service_id: str,
    body: bytes,
    caller: Caller,
) -> HttpAnswer:
    def admit(items: int) -> None:
        if caller.authenticated:
            charge(quota, caller.client, items)

    sender = store_caller(caller)
    done = answer_feedback(
        store, body, service=service_id, services=services, caller=sender, reasons=reasons(), admit=admit
    )
    headers = (("Retry-After", str(done.retry_after)),) if done.retry_after else ()
    return HttpAnswer(done.status, done.body, headers, done.because)


def _checks(store: Store, used_tokens: SharedElseLocal, watch: Watch) -> Mapping[str, str]:
    health = store.health()
    return {
        "store": "ok" if health.ready else health.trouble or "not opened",
        "used tokens": "remembered by each worker alone" if used_tokens.in_trouble else "ok",
        "knowledge": watch.trouble or "ok",
    }
