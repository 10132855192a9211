"""Two nodes on one PostgreSQL: nothing that matters is kept in one of them only."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import pytest
from jwt.algorithms import ECAlgorithm

from tests.conformance.running_service import ISSUER, Server, key_pair, running_server
from tests.faults.callers import PATIENT_VIEW, Seen, call, cord_request
from tests.faults.matrix import record
from tests.faults.test_store_faults import acknowledged_and_kept, wait_until
from tests.service.store.temporary_postgresql import TemporaryPostgresql

PUBLIC = "https://cds.example.org/oncology"


@dataclass(frozen=True)
class Nodes:
    """Two services that clients know by one address."""

    first: Server
    second: Server
    key: Any
    store: str

    def token(self, path: str) -> dict[str, str]:
        start = int(datetime.now(UTC).timestamp())
        stated = {"iss": ISSUER, "aud": PUBLIC + path, "iat": start, "exp": start + 300}
        token = jwt.encode(stated | {"jti": str(time.perf_counter_ns())}, self.key, "ES384", {"kid": "k1"})
        return {"Authorization": f"Bearer {token}"}

    def ask(self, node: Server, patient: str) -> Seen:
        return call(node.port, PATIENT_VIEW, cord_request(patient), self.token(PATIENT_VIEW))

    def holds_back(self, node: Server, patient: str, topic: str) -> bool:
        answer = json.loads(self.ask(node, patient).body)
        return topic in answer.get("extension", {}).get("heldBack", ())

    def override(self, node: Server, card: str) -> Seen:
        item = {
            "card": card,
            "outcome": "overridden",
            "overrideReason": {"reason": {"code": "already-done-elsewhere"}},
            "outcomeTimestamp": datetime.now(UTC).isoformat(),
        }
        path = f"{PATIENT_VIEW}/feedback"
        return call(node.port, path, json.dumps({"feedback": [item]}).encode(), self.token(path))


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory, postgresql: TemporaryPostgresql) -> Iterator[Nodes]:
    folder: Path = tmp_path_factory.mktemp("keys")
    private, allowlist = key_pair(folder)
    store = postgresql.new_database()
    production: dict[str, Any] = {
        "store_url": store,
        "development": "false",
        "authentication": "required",
        "clients": allowlist,
        "public_base_url": PUBLIC,
    }
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    with running_server(first, **production) as one, running_server(second, **production) as other:
        yield Nodes(one, other, ECAlgorithm.from_jwk(private.read_text()), store)


def test_a_token_used_at_one_node_is_refused_at_the_other(nodes: Nodes) -> None:
    token = nodes.token(PATIENT_VIEW)
    assert call(nodes.first.port, PATIENT_VIEW, cord_request(), token).status == 200
    again = call(nodes.second.port, PATIENT_VIEW, cord_request(), token)
    assert again.status == 401
    assert b"replayed" in again.body


def test_what_one_node_showed_and_another_was_told_about_is_known_to_both(nodes: Nodes) -> None:
    shown = nodes.ask(nodes.first, "shared")
    other = nodes.ask(nodes.second, "shared")
    assert shown.body == other.body
    card = shown.cards()[0]
    topic = card["source"]["topic"]["code"]
    assert nodes.override(nodes.second, card["uuid"]).status == 200
    assert acknowledged_and_kept(nodes.store, [card["uuid"]])
    for node in (nodes.first, nodes.second):  # put off at one node: it rests at both, within seconds
        wait_until(partial(nodes.holds_back, node, "shared", topic))
    record(
        "one of two nodes",
        done="two nodes in production settings on one PostgreSQL; a token, a card and an override each went to both",
        seen="byte for byte the same cards; a token used at one node refused at the other (401); a card overridden at "
        "one node rests at both within seconds",
    )


def test_a_node_that_is_lost_takes_nothing_with_it(nodes: Nodes) -> None:
    shown = nodes.ask(nodes.first, "lost")
    nodes.first.process.terminate()
    assert nodes.first.process.wait(20) == 0
    assert nodes.override(nodes.second, shown.cards()[0]["uuid"]).status == 200
    assert nodes.ask(nodes.second, "another").status == 200
    record(
        "a node lost",
        done="the node that had shown a card was stopped; feedback on it went to the other one",
        seen="200, and the other node's cards as ever",
    )
