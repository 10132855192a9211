"""What one more fact costs, for every kind of resource and every value set: as much in a large record as in a small one.

A search of a list for each of its facts shows as a cost that grows with the record; such a body would hold a worker.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import partial
from typing import Any

import orjson

from benchmarks.bodies import body
from benchmarks.in_process import SERVICE
from benchmarks.measure import CPU, Ratio, seconds
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.handler import HookHandler
from cds_service.service.knowledge_files import load_knowledge
from cds_service.terminology.value_sets import Code

_FEW, _MORE, _MANY = 300, 1200, 4800
_MAY_COST = 2.0
"""Times what a fact of a smaller record costs: 1 is flat, 4 is a search of all facts for each."""
_TRIES = 4
_KEYS = {
    "Condition": "conditions",
    "Observation": "laboratory",
    "Procedure": "procedures",
    "MedicationRequest": "medicationRequests",
    "ServiceRequest": "serviceRequests",
    "DiagnosticReport": "reports",
    "AllergyIntolerance": "allergies",
    "Device": "devices",
}
_CODED_IN = {"MedicationRequest": "medicationCodeableConcept", "Device": "type"}
_DATED_IN = {
    "Condition": "onsetDateTime",
    "Procedure": "performedDateTime",
    "MedicationRequest": "authoredOn",
    "ServiceRequest": "authoredOn",
    "AllergyIntolerance": "recordedDate",
}
_STATUS = {"Procedure": "completed", "MedicationRequest": "active", "ServiceRequest": "active", "Device": "active"}


def growth() -> list[Ratio]:
    """The pair of kind and value set whose facts cost most in a large record against a smaller one."""
    knowledge = load_knowledge()
    answering = HookHandler(KnowledgeAdvisor(knowledge, seconds=600), development=True)
    gc.disable()
    worst: dict[str, float] = {}
    for value_set in knowledge.codebook.sets.values():
        for kind in _KEYS.keys() & value_set.kinds if value_set.codes else ():
            calls = [_call(kind, value_set.codes[0], count) for count in (_FEW, _MORE, _MANY)]
            worst[f"{kind}, {value_set.name}"] = min(_growths(answering, calls))
        gc.collect()
    gc.enable()
    (name, most) = max(worst.items(), key=lambda item: item[1])
    title = "cost of one more fact in a large record / in a small one, the worst kind and value set"
    return [Ratio(title, most, min(worst.values()), most, _MAY_COST, detail=f"{name}; {len(worst)} pairs")]


def _growths(answering: HookHandler, calls: list[bytes]) -> Iterator[float]:
    """A noisy moment makes one try large, a search of a list makes them all so."""
    for _ in range(_TRIES):
        few, more, many = (seconds(partial(answering.answer, SERVICE, data), CPU) for data in calls)
        grown = ((many - more) / (_MANY - _MORE)) / max((more - few) / (_MORE - _FEW), 1e-9)
        yield grown
        if grown <= _MAY_COST:
            return


def _call(kind: str, code: Code, count: int) -> bytes:
    call = orjson.loads(body("20 kB"))
    subject = {"reference": f"Patient/{call['context']['patientId']}"}
    bundle = call["prefetch"][_KEYS[kind]]
    bundle.setdefault("entry", []).extend(
        {"resource": _resource(kind, code, number, subject)} for number in range(count)
    )
    return orjson.dumps(call)


def _resource(kind: str, code: Code, number: int, subject: dict[str, str]) -> dict[str, Any]:
    concept = {"coding": [{"system": code.system, "code": code.code, "display": code.display}]}
    made: dict[str, Any] = {"resourceType": kind, "id": f"g{number}", "subject": subject}
    made[_CODED_IN.get(kind, "code")] = concept
    made["status"] = _STATUS.get(kind, "final")
    made[_DATED_IN.get(kind, "effectiveDateTime")] = f"{2025 - number % 3}-{1 + number % 12:02}-{1 + number % 28:02}"
    if kind == "Observation":
        made["valueQuantity"] = {"value": 1 + number % 9, "unit": "1", "code": "1"}
    elif kind == "DiagnosticReport":
        made["conclusion"] = "Multiple bone metastases. No cord compression."
    elif kind == "Condition":
        made["clinicalStatus"] = {"coding": [{"code": "active"}]}
    return made
