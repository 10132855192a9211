"""One id on all hooks, by configuration alone: the later hook's answer replaces the earlier one's cards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cds_service.service.application import Application
from tests.conformance.running_service import cards_with_one_id, request_of
from tests.service.whole import whole_service
from tests.service.wire import Reply, over_wsgi

HOOKS = ["patient-view", "order-select", "order-sign"]
ORDER = "zoledronate-crcl-29-order-select"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp("one-id")
    with whole_service(folder, cards=str(cards_with_one_id(folder))) as made:
        yield made


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with whole_service(tmp_path_factory.mktemp("own-ids")) as made:
        yield made


def services(made: Application) -> list[tuple[str, str]]:
    found = over_wsgi(made.wsgi)("GET", "/cds-services").json()["services"]
    return [(service["id"], service["hook"]) for service in found]


def call(made: Application, body: dict[str, Any], service: str = "metastatic-disease") -> Reply:
    sent = json.dumps(body).encode()
    return over_wsgi(made.wsgi)("POST", f"/cds-services/{service}", sent, {"Content-Type": "application/json"})


def signing(selecting: dict[str, Any]) -> dict[str, Any]:
    """The same orders, now to be signed."""
    context = {name: value for name, value in selecting["context"].items() if name != "selections"}
    return selecting | {"hook": "order-sign", "context": context}


def identities(reply: Reply) -> dict[str, str]:
    """Stable identity of each card to its uuid."""
    assert reply.status == 200, reply.body
    return {card["extension"]["identity"]: card["uuid"] for card in reply.json()["cards"]}


def test_discovery_lists_one_id_on_each_hook(shared: Application) -> None:
    assert services(shared) == [("metastatic-disease", hook) for hook in HOOKS]


def test_the_default_gives_each_hook_its_own_id(default: Application) -> None:
    assert services(default) == [(f"metastatic-disease-{hook}", hook) for hook in HOOKS]


def test_each_hook_is_answered_with_its_own_cards(shared: Application) -> None:
    viewing = call(shared, request_of("breast-bone-mets-leg-weakness-patient-view"))
    assert viewing.json()["cards"][0]["source"]["topic"]["code"] == "mscc-suspected"
    ordering = call(shared, request_of(ORDER))
    assert ordering.json()["cards"][0]["source"]["topic"]["code"] == "zoledronate-renal-dose"


def test_the_later_hook_repeats_what_still_holds_under_the_same_identity(shared: Application) -> None:
    selecting = request_of(ORDER)
    earlier, later = identities(call(shared, selecting)), identities(call(shared, signing(selecting)))
    assert earlier
    assert set(earlier) <= set(later)


def test_the_identity_outlives_the_hook_instance_and_the_uuid_does_not(shared: Application) -> None:
    selecting = request_of(ORDER)
    first = identities(call(shared, selecting))
    second = identities(call(shared, selecting | {"hookInstance": "another"}))
    assert set(first) == set(second)
    assert not set(first.values()) & set(second.values())


def test_feedback_on_either_hooks_card_goes_to_the_one_service(shared: Application) -> None:
    selecting = request_of(ORDER)
    for body in (selecting, signing(selecting)):
        card = call(shared, body).json()["cards"][0]
        item = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-03-02T10:00:00Z"}
        reply = call(shared, {"feedback": [item]}, "metastatic-disease/feedback")
        assert reply.status == 200
