"""What needs no server: the call as a whole, its memory, suggestions, imports."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from benchmarks.bodies import FIXTURE, NOW, body
from benchmarks.measure import CPU, Ratio, from_pairs, from_ratios, seconds, side_by_side
from benchmarks.real_shape import record
from cds_service.chart.meanings import Meanings
from cds_service.chart.read_fhir import read_case
from cds_service.chart.wire import Prefetch
from cds_service.engine.evaluate import Verdict, evaluate
from cds_service.hooks.request import Envelope, RequestReader
from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.templates import Action, Circumstance, HoleValue
from cds_service.outcomes import Fired
from cds_service.service.advisor import KnowledgeAdvisor, circumstances_of
from cds_service.service.handler import HookHandler
from cds_service.service.knowledge_files import load_knowledge
from cds_service.service.serve import FIRST_COLLECTION

ROOT = Path(__file__).parent.parent
SERVICE = "metastatic-disease-patient-view"
_WHOLE = {"20 kB": 9.0, "200 kB": 1.5, "1 MB": 0.50, "5 MB": 0.30}
_MANY = 50_000


def handler(knowledge: Knowledge | None = None) -> HookHandler:
    """The handler that a worker has, without server, store and authentication."""
    return HookHandler(KnowledgeAdvisor(knowledge or load_knowledge()), development=True)


def settle() -> None:
    """Set the garbage collector as a worker does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(FIRST_COLLECTION, 20, 20)


def whole_call() -> list[Ratio]:
    """Body bytes to answer bytes, all rules."""
    answering = handler()
    settle()
    found = []
    for size, target in _WHOLE.items():
        data = body(size)
        rounds = max(31, min(301, 60_000_000 // len(data)))
        ours = partial(answering.answer, SERVICE, data)
        if ours().status != 200:
            raise RuntimeError(f"the service refused the body of {size}")
        name = f"in-process, body to answer / `orjson.loads`, {size}"
        found.append(
            side_by_side(name, ours, partial(orjson.loads, data), target, rounds=rounds, warm_up=10, clock=CPU)
        )
    return found


def real_shape() -> list[Ratio]:
    """The commonest call: a record of real shape without cancer."""
    answering, data = handler(), record(cancer=False)
    settle()
    ours, base = partial(answering.answer, SERVICE, data), partial(orjson.loads, data)
    name = f"in-process, body to answer / `orjson.loads`, no cancer, real shape, {len(data) // 1000} kB"
    return [side_by_side(name, ours, base, 1.2, rounds=101, warm_up=10, clock=CPU)]


def many_facts() -> list[Ratio]:
    """One body with very many metastases: seconds of processor time, all of it, with no limit on the time of the call."""
    call = orjson.loads(body("20 kB"))
    entries = call["prefetch"]["conditions"]["entry"]
    metastasis = next(one["resource"] for one in entries if "C79.51" in str(one))
    stated = {name: metastasis[name] for name in ("resourceType", "clinicalStatus", "code", "subject")}
    entries += [{"resource": stated | {"id": f"m{number}"}} for number in range(_MANY)]
    data = orjson.dumps(call)
    answering = HookHandler(KnowledgeAdvisor(load_knowledge(), seconds=600), development=True)
    found = [seconds(partial(answering.answer, SERVICE, data), CPU) for _ in range(3)]
    return [
        from_ratios(f"seconds for {_MANY:,} metastases in one body", found, 0.5, detail=f"{len(data) / 1e6:.0f} MB")
    ]


def many_cards() -> list[Ratio]:
    """Ten times as many cards beside today's, on the standard chart; what the cards share is found out once in both."""
    knowledge = load_knowledge()
    service = knowledge.services[SERVICE, "patient-view"]
    copies = [replace(card, topic=f"{card.topic}-{copy}") for copy in range(1, 10) for card in service.cards]
    more = replace(
        knowledge,
        cards={**knowledge.cards, **{card.topic: card for card in copies}},
        services={**knowledge.services, (SERVICE, "patient-view"): replace(service, cards=(*service.cards, *copies))},
        order=(*knowledge.order, *(card.topic for card in copies)),
    )
    data = body("20 kB")
    (ours, base), target = (partial(handler(each).answer, SERVICE, data) for each in (more, knowledge)), 3.0
    settle()
    name = "in-process, ten times as many cards / today's"
    return [side_by_side(name, ours, base, target, rounds=31, warm_up=5, clock=CPU)]


def memory() -> list[Ratio]:
    """Peak memory of one call of 5 MB beyond what the process held before it, in processes of their own."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(body("5 MB"))
        file.flush()
        command = [sys.executable, "-m", "benchmarks.memory", file.name]
        printed = [subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.split() for _ in range(5)]
    found = [float(allocated) for _, allocated in printed]
    grown = max(float(resident) for resident, _ in printed)
    detail = f"allocated; the resident set grew by {grown:.2f}, the rest fits into memory that start-up left free"
    return [from_ratios("peak extra memory of decode and rules / body, 5 MB", found, 1.0, detail=detail)]


def suggestions() -> list[Ratio]:
    """Five draft orders by filled templates, and by building the same with fhir.resources."""
    orders = _five_orders()
    models = [_model(orjson.loads(_filled(action, words))["resourceType"]) for action, words in orders]
    documents = [orjson.loads(_filled(action, words)) for action, words in orders]

    def by_template() -> None:
        for action, words in orders:
            _filled(action, words)

    def by_models() -> None:
        for model, document in zip(models, documents, strict=True):
            model.model_validate(document).model_dump_json()

    name = "five suggestions by template / by building with fhir.resources"
    return [side_by_side(name, by_template, by_models, 0.05, rounds=101, clock=CPU)]


def _filled(action: Action, words: dict[str, HoleValue]) -> bytes:
    return action.resource(words, NOW, Circumstance("Patient/p")) or b""


def _five_orders() -> list[tuple[Action, dict[str, HoleValue]]]:
    """The first five orders that the cards offer for the patients of the shipped requests."""
    knowledge = load_knowledge()
    meanings, reader = Meanings(knowledge.codebook), RequestReader(Envelope[Prefetch])
    found: list[tuple[Action, dict[str, HoleValue]]] = []
    for path in sorted((ROOT / "fhir_fixtures" / "requests").glob("*patient-view.json")):
        request = reader.read(path.read_bytes(), {"patient-view"})
        case = read_case(request.prefetch, circumstances_of(request, NOW), meanings)
        for verdict in evaluate(case, knowledge.services[SERVICE, "patient-view"].cards):
            found += _orders(verdict)
    return found[:5]


def _orders(verdict: Verdict) -> list[tuple[Action, dict[str, HoleValue]]]:
    card, fired = verdict.card, verdict.outcome
    if not isinstance(fired, Fired):
        return []
    parameters = {name: parameter.value for name, parameter in card.parameters.items()}
    return [
        (action, {**parameters, **fired.words, **offer.words})
        for offer in fired.offers
        for action in card.suggestions[offer.suggestion].actions
        if action.type == "create"
    ]


def _model(kind: str) -> Any:
    return getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)


_BASE = """
import flask
from fhir.resources.R4B.servicerequest import ServiceRequest
from fhir.resources.R4B.medicationrequest import MedicationRequest
coded, subject = {"text": "x"}, {"reference": "Patient/p"}
ServiceRequest.model_validate({"status": "draft", "intent": "order", "code": coded, "subject": subject})
MedicationRequest.model_validate({"status": "draft", "intent": "order", "medicationCodeableConcept": coded, "subject": subject})
"""


def imports() -> list[Ratio]:
    """Imports in fresh interpreters; the base uses each model once, since they are built on first use."""
    ours = partial(_import_seconds, "import cds_service.service.serve")
    base = partial(_import_seconds, _BASE)
    ours(), base()
    pairs = [(base(), ours()) for _ in range(9)]
    return [from_pairs("import of the service / import of Flask and two R4B models", pairs, 1.7)]


def command_start() -> list[Ratio]:
    """The command that evaluates a patient, from its start to the answer: seconds of processor time, knowledge kept on disk."""
    command = [sys.executable, "-m", "cds_service", "evaluate", str(FIXTURE), "--as-of", f"{NOW:%Y-%m-%dT%H:%M:%SZ}"]
    found = [_processor_seconds(command) for _ in range(10)][1:]
    return [from_ratios("seconds of processor time of `evaluate`, start to answer", found, 0.9)]


def _processor_seconds(command: Sequence[str]) -> float:
    before = os.times()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _import_seconds(statements: str) -> float:
    clocked = f"import time; began = time.process_time()\n{statements}\nprint(time.process_time() - began)"
    done = subprocess.run([sys.executable, "-c", clocked], cwd=ROOT, check=True, capture_output=True)
    return float(done.stdout)
