"""The promise: no body under 16 MB holds a worker for more than one second of processor time. A search for one that does.

Shapes of bodies are given, from what has been slow before; Hypothesis mixes and scales them towards the slowest it can find.
CDS_FUZZ_CALLS says how many bodies are tried (default 150); what was slowest is printed.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from cds_service.knowledge.cards import Knowledge
from cds_service.service.application import Application
from tests.conformance.running_service import request_of, running_server
from tests.faults.callers import PATIENT_VIEW, call
from tests.service.test_reload import worker_ids
from tests.service.whole import whole_service
from tests.test_linear_patterns import nearly

BODIES = int(os.environ.get("CDS_FUZZ_CALLS", "150"))
LARGEST = 15_500_000
PROMISE_S = 1.0
REFERENCE_S = 0.25
"""What :func:`pace` takes on the machine of docs/performance.md; on a slower one the promise is so much longer."""

Make = Callable[[int, str], dict[str, Any]]
SHAPES: dict[str, tuple[str, Make]] = {
    "conditions": ("conditions", lambda n, text: {"resourceType": "Condition", "code": _bone()}),
    "condition texts": ("conditions", lambda n, text: {"resourceType": "Condition", "code": {"text": f"{text} {n}"}}),
    "codings": (
        "conditions",
        lambda n, text: {"resourceType": "Condition", "code": {"coding": [_coding(f"C79.{k}") for k in range(50)]}},
    ),
    "reports": (
        "reports",
        lambda n, text: {"resourceType": "DiagnosticReport", "status": "final", "conclusion": f"{n} {text * 20}"},
    ),
    "calcium": (
        "laboratory",
        lambda n, text: _calcium({"valueQuantity": {"value": n % 7 + 0.5, "unit": "mmol/L", "code": "mmol/L"}}),
    ),
    "result texts": ("laboratory", lambda n, text: _calcium({"valueString": f"{text} {n}"})),
    "numbers": (
        "laboratory",
        lambda n, text: _calcium({"valueQuantity": {"value": 10.0**300 / (n + 1), "unit": text}}),
    ),
    "units": ("laboratory", lambda n, text: _calcium({"valueQuantity": {"value": 1, "unit": f"{text[:40]}{n}"}})),
    "components": (
        "laboratory",
        lambda n, text: _calcium({"component": [{"code": {"text": f"{text} {k}"}} for k in range(30)]}),
    ),
    "medication texts": (
        "medicationRequests",
        lambda n, text: {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": f"{text} {n}"},
            "dosageInstruction": [{"text": f"take {n} {text * 3}"}],
        },
    ),
    "deep": ("conditions", lambda n, text: {"resourceType": "Condition", "extension": _nested(90)}),
    "dates": (
        "conditions",
        lambda n, text: {"resourceType": "Condition", "code": _bone(), "onsetString": f"{text} {n}"},
    ),
}


def _coding(code: str) -> dict[str, str]:
    return {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}


def _bone() -> dict[str, Any]:
    return {"coding": [_coding("C79.51")]}


def _calcium(value: dict[str, Any]) -> dict[str, Any]:
    code = {"coding": [{"system": "http://loinc.org", "code": "17861-6"}]}
    return {"resourceType": "Observation", "status": "final", "code": code, "effectiveDateTime": "2026-03-01"} | value


def _nested(levels: int) -> Any:
    made: Any = 1
    for _ in range(levels):
        made = [{"extension": made}]
    return made


def pace() -> float:
    """Processor time of some fixed work in Python."""
    began = time.thread_time()
    sum(len(str(number)) for number in range(1_500_000))
    return time.thread_time() - began


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with whole_service(tmp_path_factory.mktemp("bodies")) as made:
        yield made


@pytest.fixture(scope="module")
def bound() -> float:
    return PROMISE_S * max(1.0, min(pace() for _ in range(3)) / REFERENCE_S)


@pytest.fixture(scope="module")
def texts(knowledge: Knowledge) -> list[str]:
    """What the phrases of the cards nearly match: texts that make them look long."""
    chance = random.Random(11)
    phrases = chance.sample(knowledge.codebook.phrases.all, 300)
    return [" ".join(nearly(phrase.compiled, chance))[:400] for phrase in phrases]


def body_of(shape: str, count: int, text: str, size: int) -> bytes:
    """A visit with so many resources of one shape, up to a size in bytes."""
    body = request_of("breast-bone-mets-leg-weakness-patient-view")
    patient = {"reference": f"Patient/{body['context']['patientId']}"}
    key, make = SHAPES[shape]
    one = len(json.dumps(make(0, text))) + 120
    resources = [
        {"resource": {"id": f"r{n}", "subject": patient, **make(n, text)}}
        for n in range(min(count, max(1, size // one)))
    ]
    body["prefetch"][key] = {"resourceType": "Bundle", "type": "searchset", "entry": resources}
    return json.dumps(body).encode()


def held(service: Application, body: bytes, statuses: Collection[int] = (200,)) -> float:
    """Seconds of processor time that a call with this body holds its worker."""
    began = time.thread_time()
    answer = service.handler.answer("metastatic-disease-patient-view", body)
    took = time.thread_time() - began
    assert answer.status in statuses
    return took


@pytest.mark.parametrize("shape", SHAPES)
def test_no_known_shape_of_the_largest_size_holds_a_worker_for_a_second(
    service: Application, shape: str, texts: list[str], bound: float
) -> None:
    body = body_of(shape, 1_000_000, texts[0], LARGEST)
    assert len(body) < 16 << 20
    took = min(held(service, body) for _ in range(2))
    print(f"{shape}: {len(body) / 1e6:.1f} MB, {took:.2f} s of {bound:.2f}")
    assert took < bound


NOTHINGS = (
    *("1", "{}", "[]", "null", '{"resource":{}}', '{"resource":null}'),
    *(f'{{"resource":{{"resourceType":"{kind}"}}}}' for kind in ("X", "Condition", "OperationOutcome")),
)


@pytest.mark.parametrize("items", NOTHINGS)
def test_no_millions_of_nothings_hold_a_worker_for_a_second(service: Application, items: str, bound: float) -> None:
    bundle = ",".join([items] * (LARGEST // (len(items) + 1)))
    call = json.dumps(request_of("breast-bone-mets-leg-weakness-patient-view") | {"prefetch": {"conditions": 0}})
    for whole in (f"[{bundle}]", f'{{"resourceType":"Bundle","entry":[{bundle}]}}'):
        took = held(service, call.replace('"conditions": 0', f'"conditions": {whole}').encode(), {200, 400, 412})
        print(f"{items}: {took:.2f} s of {bound:.2f}")
        assert took < bound


MEMORY = 16
"""So many times its size a body may take, says docs/operations.md."""


@pytest.mark.parametrize(
    ("conditions", "items"),
    [
        ("[%s]", '{"resourceType":"Condition"}'),
        ('{"resourceType":"Bundle","entry":[%s]}', '{"resource":{"resourceType":"Condition"}}'),
        (
            '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Condition","code":{"coding":[%s]}}}]}',
            '{"code":"C"}',
        ),
    ],
)
def test_a_body_made_for_it_takes_no_more_memory_than_said(tmp_path: Path, conditions: str, items: str) -> None:
    whole = conditions % ",".join([items] * (LARGEST // (len(items) + 1)))
    request = request_of("breast-bone-mets-leg-weakness-patient-view")
    usual = json.dumps(request).encode()
    large = json.dumps(request | {"prefetch": {"conditions": 0}}).replace('"conditions": 0', f'"conditions": {whole}')
    with running_server(tmp_path) as server:
        (worker,) = worker_ids(server)
        assert all(call(server.port, PATIENT_VIEW, usual).status == 200 for _ in range(5))
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak begins here
        before = peak(worker)
        assert call(server.port, PATIENT_VIEW, large.encode()).status == 200
        took = (peak(worker) - before) / len(large)
    print(f"{items}: {took:.1f} times its size")
    assert took < MEMORY


def peak(process: int) -> int:
    """The most memory that a process has held, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def test_no_body_that_a_search_finds_holds_a_worker_for_a_second(
    service: Application, texts: list[str], bound: float
) -> None:
    slowest: list[tuple[float, str]] = []

    @settings(max_examples=BODIES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        st.sampled_from(sorted(SHAPES)),
        st.integers(1, 60_000),
        st.sampled_from(texts),
        st.integers(0, 3),
        st.integers(100_000, LARGEST // 3),
    )
    def search(shape: str, count: int, text: str, doubled: int, size: int) -> None:
        body = body_of(shape, count, text * 2**doubled, size)
        took = held(service, body)
        target(took)
        slowest.append((took, f"{shape}, {count} times, {len(body) / 1e6:.1f} MB"))
        assert took < bound or held(service, body) < bound, slowest[-1]

    search()
    print("slowest:", *max(slowest))
