"""One look at an installation: settings, cards, store, keys, FHIR servers, orderables, and what is to be confirmed first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import requests

from cds_service.authoring.safety_page import read_safety_case, unconfirmed
from cds_service.knowledge.cards import Knowledge
from cds_service.service.application import Configuration, prepare
from cds_service.service.auth.key_sets import KeySets
from cds_service.service.fhir_client.guard import Destinations
from cds_service.service.knowledge_files import cards_folder
from cds_service.service.opening import open_store
from cds_service.service.settings import Settings, WrongSettings
from cds_service.service.settings_file import settings_file
from cds_service.service.store import Period, StoreUnavailable

State = Literal["ok", "look", "wrong"]
KEY_SECONDS = 6.0
"""How long key hosts may take to answer."""
FHIR_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it stands, and what to do: ``look`` keeps nothing from working."""

    about: str
    state: State
    said: str


def examined(read: Callable[[], Settings]) -> Iterator[Finding]:
    """Read the settings and look at everything, one finding after the other; what cannot be looked at is a finding."""
    try:
        settings = read()
    except WrongSettings as error:
        yield from (Finding("settings", "wrong", line) for line in str(error).splitlines())
        return
    yield from _settings(settings)
    try:
        configuration = prepare(settings)
    except Exception as error:  # noqa: BLE001 - whatever keeps the service from starting is what a doctor is asked for
        yield from (Finding("start", "wrong", line) for line in str(error).splitlines())
        return
    yield from _cards(configuration)
    for about, look in (
        ("store", lambda: _store(settings)),
        ("keys", lambda: _keys(configuration)),
        ("fhir servers", lambda: _fhir_servers(configuration.destinations, settings)),
        ("orderables", lambda: _orderables(configuration.knowledge)),
        ("before live use", lambda: _before_live_use(settings, configuration.knowledge)),
    ):
        yield from _tried(about, look)


def _tried(about: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001 - one organ that cannot be examined does not end the visit
        yield Finding(about, "wrong", f"could not be looked at ({type(error).__name__})")


def _settings(settings: Settings) -> Iterator[Finding]:
    file = settings_file()
    yield Finding("settings", "ok", f"from {file} and the environment" if file else "from the environment")
    if settings.development:
        yield Finding("settings", "look", "development: anybody may call; CDS_DEVELOPMENT=false in production")
    if not settings.operator_token:
        yield Finding("settings", "look", "no CDS_OPERATOR_TOKEN: reload and rollback by command or signal only")


def _cards(configuration: Configuration) -> Iterator[Finding]:
    knowledge = configuration.knowledge
    asked = sum(card.evaluated for card in knowledge.cards.values())
    site = f"site {knowledge.site}" if knowledge.site else "no site overlay"
    yield Finding(
        "cards", "ok", f"knowledge {knowledge.version}, {site}, {asked} cards, {len(knowledge.origins)} changes"
    )
    if configuration.candidate is not None:
        yield Finding("cards", "ok", f"candidate {configuration.candidate.version} runs silent")
    waiting = sum(map(len, unconfirmed(knowledge).values()))
    if waiting:
        yield Finding("cards", "look", f"{waiting} numbers await clinical review: docs/safety.md lists them")


def _store(settings: Settings) -> Iterator[Finding]:
    store = open_store(settings)
    try:
        store.check()
        yield Finding("store", "ok", f"{settings.store_url.partition(':')[0]} answers, its tables are of this version")
        chain = store.verify_audit()
        yield Finding(
            "store", "wrong" if chain.problem else "ok", f"audit: {chain.problem or f'{chain.rows} rows, whole'}"
        )
        for drift in store.drifts():
            yield Finding("recognition", "look", drift.sentence)
        untold = sum(one.failures for one in store.failure_tallies(["kind"], Period()) if one.group[0] == "cannot-tell")
        if untold:
            yield Finding(
                "recognition", "look", f"rules could not tell {untold} times: cds-service report says for what"
            )
    except StoreUnavailable as error:
        yield Finding("store", "wrong", str(error))
    finally:
        store.close(0.5)


def _keys(configuration: Configuration) -> Iterator[Finding]:
    clients = configuration.clients.all
    if not clients:
        yield Finding("keys", "look", "no client is listed in CDS_CLIENTS")
        return
    bundle = configuration.settings.ca_bundle
    keys = KeySets(ca_bundle=str(bundle) if bundle else None)
    keys.warm_up(clients)
    deadline = time.monotonic() + KEY_SECONDS
    states = keys.states(clients)
    while any(one.age is None and one.problem is None for one in states) and time.monotonic() < deadline:
        time.sleep(0.05)
        states = keys.states(clients)
    for one in states:
        if one.age is None:
            yield Finding("keys", "wrong", f"{one.client}: no key set ({one.problem or 'no answer in time'})")
        else:
            yield Finding("keys", "ok" if one.keys else "wrong", f"{one.client}: {one.keys} keys published")
    yield from (Finding("keys", "ok", f"{one.name}: keys stand in the allowlist") for one in clients if one.jku is None)


def _fhir_servers(policy: Destinations, settings: Settings) -> Iterator[Finding]:
    if not policy.servers:
        yield Finding("fhir servers", "look", "none is listed: what clients do not prefetch is not fetched")
    verify = str(settings.ca_bundle) if settings.ca_bundle else True
    for server in sorted(policy.servers):
        try:
            answer = requests.get(
                f"{server.rstrip('/')}/metadata",
                headers={"Accept": "application/fhir+json"},
                timeout=FHIR_SECONDS,
                verify=verify,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            yield Finding("fhir servers", "wrong", f"{server} was not reached ({type(error).__name__})")
            continue
        known = answer.status_code == 200 and b"CapabilityStatement" in answer.content
        said = "has a CapabilityStatement" if known else f"answered {answer.status_code} to /metadata"
        yield Finding("fhir servers", "ok" if known else "wrong", f"{server} {said}")


def _orderables(knowledge: Knowledge) -> Iterator[Finding]:
    offered = {
        f"{card.topic}.{name}" for card in knowledge.cards.values() if card.evaluated for name in card.suggestions
    }
    mapped = knowledge.orderables.entries
    if not mapped:
        yield Finding("orderables", "look", f"none of {len(offered)} suggestions is mapped to a site's order codes")
        return
    yield Finding("orderables", "ok", f"{len(mapped)} orders mapped, for {len(offered)} suggestions")


def _before_live_use(settings: Settings, knowledge: Knowledge) -> Iterator[Finding]:
    text = (cards_folder(settings.cards) / "safety.yaml").read_text(encoding="utf-8")
    for one in read_safety_case(text).before_live_use:
        signed = knowledge.confirmed.get(one.id)
        if signed is None:
            yield Finding("before live use", "look", f"{one.id}: {one.confirm} ({one.by}) is not signed")
        else:
            yield Finding("before live use", "ok", f"{one.id}: {signed}")
