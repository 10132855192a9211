"""Wrong, odd and broken requests without end, made from the fixtures by Hypothesis; and what must hold of every answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

from fhir.resources.R4B.operationoutcome import OperationOutcome
from hypothesis import strategies as st

from cds_service.hooks.response import check
from tests.service.wire import ROOT, Send

JSON = {"Content-Type": "application/json"}
REFUSALS = {400, 404, 405, 412, 413, 415}
LONGEST_S = 20.0

Mutation = Callable[[Any], Any]

numbers = st.one_of(
    st.integers(),
    st.floats(allow_nan=True),
    st.sampled_from([0, -1, 1e308, 10**400, 2**63, -(2**63) - 1, 0.1 + 0.2]),
)
texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "",
            " ",
            "null",
            "2026-02-30",
            "0000-00-00",
            "9999-12-31T23:59:60+14:00",
            "-2026",
            "2026-03-02T09:00:00",
            ">= 10^3 mg/dL",
            "1e400",
            "Patient/",
            "Patient/x/_history/1",
            "#contained",
            "urn:uuid:x",
            "../../etc/passwd",
            "{{context.patientId}}",
            "\x00",
            "\ud800",
            "final",
            "active",
            "entered-in-error",
            "a" * 5000,
        ]
    ),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


@cache
def seeds() -> tuple[dict[str, Any], ...]:
    """The fixture requests."""
    return tuple(json.loads(path.read_bytes()) for path in sorted((ROOT / "fhir_fixtures/requests").glob("*.json")))


@st.composite
def mutated_requests(draw: st.DrawFn) -> tuple[str, bytes]:
    """A service id and a body: a fixture's request with one to twelve things in it made wrong."""
    body = deepcopy(draw(st.sampled_from(seeds())))
    hook = body["hook"]
    for _ in range(draw(st.integers(1, 12))):
        _mutate(draw, body)
    service = draw(st.sampled_from([f"metastatic-disease-{hook}"] * 8 + ["metastatic-disease-order-sign", "unknown"]))
    return service, json.dumps(body).encode("utf-8", "surrogatepass")


def _mutate(draw: st.DrawFn, body: Any) -> None:
    """Walk to a random place and spoil what is there."""
    here = body
    for _ in range(draw(st.integers(0, 9))):
        inner = _members(here)
        if not inner:
            break
        here = here[draw(st.sampled_from(inner))]
    places = _members(here)
    if not places:
        return
    place = draw(st.sampled_from(places))
    what = draw(st.sampled_from(["replace", "remove", "wrap", "double", "borrow"]))
    if what == "remove":
        del here[place]
    elif what == "wrap":
        here[place] = draw(st.sampled_from([[here[place]], {"value": here[place]}, [[here[place]]]]))
    elif what == "double" and isinstance(here, list):
        here.append(deepcopy(here[place]))
    elif what == "borrow":
        here[place] = deepcopy(here[draw(st.sampled_from(places))])
    else:
        here[place] = draw(anything)


def _members(value: Any) -> list[Any]:
    """Keys or positions that lead further."""
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


@st.composite
def broken_bodies(draw: st.DrawFn) -> tuple[str, bytes]:
    """A fixture's request with bytes of it lost, changed or put in."""
    body = draw(st.sampled_from(seeds()))
    text = bytearray(json.dumps(body).encode())
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, max(0, len(text) - 1)))
        end = draw(st.integers(start, min(len(text), start + 400)))
        text[start:end] = draw(
            st.one_of(st.binary(max_size=20), st.sampled_from([b"", b"[" * 2000, b'"', b"\\", b"1e9999"]))
        )
    return f"metastatic-disease-{body['hook']}", bytes(text)


@st.composite
def feedback_bodies(draw: st.DrawFn) -> tuple[str, bytes]:
    """Feedback with fields right, wrong, missing and unknown."""
    item = st.fixed_dictionaries(
        {},
        optional={
            "card": st.one_of(st.uuids().map(str), scalars),
            "outcome": st.one_of(st.sampled_from(["accepted", "overridden"]), scalars),
            "outcomeTimestamp": st.one_of(st.datetimes().map(lambda at: f"{at.isoformat()}Z"), scalars),
            "acceptedSuggestions": st.one_of(st.lists(st.fixed_dictionaries({"id": texts}), max_size=3), anything),
            "overrideReason": anything,
            "extension": anything,
        },
    )
    body = draw(st.one_of(st.fixed_dictionaries({"feedback": st.lists(item, max_size=4)}), anything))
    hook = draw(st.sampled_from(["patient-view", "order-select", "order-sign"]))
    return f"metastatic-disease-{hook}/feedback", json.dumps(body).encode("utf-8", "surrogatepass")


def answered_well(send: Send, service: str, body: bytes) -> int:
    """Call, and hold the answer to its promises: salvage cards or an OperationOutcome, in time, never 5xx. Gives the status."""
    started = time.perf_counter()
    reply = send("POST", f"/cds-services/{service}", body, JSON)
    assert time.perf_counter() - started < LONGEST_S
    if reply.status == 200:
        if not service.endswith("/feedback"):
            check(reply.body)
        return 200
    assert reply.status in REFUSALS, reply.body
    OperationOutcome.model_validate_json(reply.body)
    return reply.status
