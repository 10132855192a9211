"""``python -m benchmarks.counted KIND``: runs under callgrind and puts what is to be counted through ``sys.call_tracing``.

Prints the names of what it will run as JSON, waits for a line, and runs each once after it has run warm. Callgrind collects
inside that one C function only, which nothing else calls, and writes a profile at each return from it; so names and profiles
go together by their order.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial

import orjson

from benchmarks.bodies import FIXTURE, NOW, body
from benchmarks.in_process import SERVICE
from benchmarks.real_shape import record
from cds_service.chart.case import Case
from cds_service.chart.meanings import Meanings
from cds_service.chart.read_fhir import read_case
from cds_service.chart.wire import Prefetch
from cds_service.engine.evaluate import evaluate
from cds_service.engine.respond import respond
from cds_service.hooks.request import Envelope, Request, RequestReader
from cds_service.hooks.response import check, encode
from cds_service.knowledge.cards import CardDefinition
from cds_service.service.advisor import KnowledgeAdvisor, circumstances_of
from cds_service.service.handler import HookHandler
from cds_service.service.knowledge_files import load_knowledge

_SMALL = FIXTURE.with_name("no-cancer-back-pain-patient-view.json")
BODIES: dict[str, Callable[[], bytes]] = {
    "20 kB": partial(body, "20 kB"),
    "200 kB": partial(body, "200 kB"),
    "no cancer, small": _SMALL.read_bytes,
    "no cancer, real shape": partial(record, cancer=False),
    "cancer, real shape": partial(record, cancer=True),
}
STANDARD, NO_CANCER = "20 kB", "no cancer, real shape"
WARM_UP = 5
Run = Callable[[], object]


class _Charts:
    """The knowledge, and the steps of a call one by one."""

    def __init__(self) -> None:
        self.knowledge = load_knowledge()
        self.service = self.knowledge.services[SERVICE, "patient-view"]
        self._hooks = {hook for _, hook in self.knowledge.services}
        self._meanings = Meanings(self.knowledge.codebook)
        self._reader = RequestReader(Envelope[Prefetch])

    def request(self, data: bytes) -> Request[Prefetch]:
        return self._reader.read(data, self._hooks)

    def case(self, request: Request[Prefetch]) -> Case:
        return read_case(request.prefetch, circumstances_of(request, NOW), self._meanings)

    def steps(self, data: bytes) -> Iterator[tuple[str, Run]]:
        """Each step of a call; a case keeps what was found on it, so each gets a fresh one."""
        request, response = self.request(data), self.responded(data, self.service.cards)()
        cases = iter([self.case(request) for _ in range(WARM_UP + 1)])
        yield "request", partial(self.request, data)
        yield "chart", partial(self.case, request)
        yield "rules", lambda: evaluate(next(cases), self.service.cards)
        yield "cards", self.responded(data, self.service.cards)
        yield "encode and check", lambda: check(encode(response))

    def responded(self, data: bytes, cards: tuple[object, ...]) -> Run:
        case = self.case(self.request(data))
        verdicts = evaluate(case, self.service.cards)
        wanted = [verdict for verdict in verdicts if verdict.card in cards]
        return lambda: respond(case, wanted, self.knowledge, hook_instance="1", patient_id="1").response

    def asked_alone(self, data: bytes, card: CardDefinition) -> Run:
        """One card on a fresh chart: the facts and findings that it asks for, its rule and, where it fires, its writing.

        A card that is not asked when a chart is opened is asked about an order of something else, as mostly happens.
        """
        cards = [card]
        request = self.request(data if "patient-view" in card.hooks else _signing(data))
        cases = iter([self.case(request) for _ in range(WARM_UP + 1)])

        def ask() -> object:
            case = next(cases)
            return respond(case, evaluate(case, cards), self.knowledge, hook_instance="1", patient_id="1")

        return ask


def calls() -> Iterator[tuple[str, Run]]:
    """A whole call of each body, body to answer."""
    answering = HookHandler(KnowledgeAdvisor(load_knowledge(), seconds=60), development=True)
    for name, made in BODIES.items():
        yield name, partial(answering.answer, SERVICE, made())


def loads() -> Iterator[tuple[str, Run]]:
    """Parsing each body with orjson, for comparison."""
    for name, made in BODIES.items():
        yield name, partial(orjson.loads, made())


def steps() -> Iterator[tuple[str, Run]]:
    """The steps of a call on each body."""
    charts = _Charts()
    for name, made in BODIES.items():
        yield from ((f"{name}: {step}", run) for step, run in charts.steps(made()))


def cards() -> Iterator[tuple[str, Run]]:
    """Each card alone, on the standard chart and on the one without cancer."""
    charts = _Charts()
    for name in (STANDARD, NO_CANCER):
        data = BODIES[name]()
        yield from (
            (f"{name}: {topic}", charts.asked_alone(data, card)) for topic, card in charts.knowledge.cards.items()
        )


def _signing(data: bytes) -> bytes:
    """The same chart while paracetamol is being signed."""
    call = orjson.loads(data)
    subject = {"reference": f"Patient/{call['context']['patientId']}"}
    order = {
        "resourceType": "MedicationRequest",
        "id": "draft",
        "status": "draft",
        "intent": "order",
        "subject": subject,
    }
    order["medicationCodeableConcept"] = {"text": "Paracetamol 500 mg tablet"}
    call["hook"], call["context"]["draftOrders"] = (
        "order-sign",
        {"resourceType": "Bundle", "entry": [{"resource": order}]},
    )
    return orjson.dumps(call)


KINDS = {"calls": calls, "loads": loads, "steps": steps, "cards": cards}


def main() -> None:
    wanted = list(KINDS[sys.argv[1]]())
    for _, run in wanted:
        for _ in range(WARM_UP):
            run()
    gc.collect()
    gc.disable()
    print(json.dumps([name for name, _ in wanted]), flush=True)
    sys.stdin.readline()
    for _, run in wanted:
        sys.call_tracing(run, ())


if __name__ == "__main__":
    main()
