"""Calls without prefetch: eight queries to a FHIR server that takes 50 ms for each."""

from __future__ import annotations

import json
import statistics
import threading
import time
from functools import partial

import requests

from benchmarks.bodies import body
from benchmarks.in_process import SERVICE, settle
from benchmarks.measure import Ratio, from_ratios, seconds, side_by_side
from benchmarks.servers import fhir_server
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.fhir_client.fetch import FhirFetcher, Limits
from cds_service.service.fhir_client.guard import destinations
from cds_service.service.handler import HookHandler
from cds_service.service.knowledge_files import load_knowledge

_DELAY = 0.050
_ANSWER = 25_000
_LEFT_OUT = 8
_CALLERS = 16


def fetching() -> list[Ratio]:
    """The whole call in process; the base is one query of the same size with ``requests`` and a pooled connection."""
    with fhir_server(_DELAY, _ANSWER) as port:
        server = f"http://127.0.0.1:{port}/fhir"
        fetcher = FhirFetcher(destinations([server], development=True), Limits(deadline_s=5.0))
        knowledge = load_knowledge()
        handler = HookHandler(KnowledgeAdvisor(knowledge, fetcher=fetcher), development=True)
        data = _call(server, list(knowledge.services[SERVICE, "patient-view"].prefetch))
        settle()
        session = requests.Session()
        one = partial(_query, session, f"{server}/Observation?patient=p")
        ours = partial(_answered, handler, data)
        name = f"call without prefetch, {_LEFT_OUT} FHIR queries of 50 ms / one such query"
        alone = side_by_side(name, ours, one, 1.15, rounds=31, warm_up=3)
        together = _together(ours, one)
        fetcher.close()
    return [alone, together]


def _call(server: str, keys: list[str]) -> bytes:
    """A call that leaves out the eight keys that bring the most, and sends null for the others."""
    call = json.loads(body("20 kB"))
    left_out = [key for key in keys if key != "patient"][:_LEFT_OUT]
    call["prefetch"] = {"patient": call["prefetch"]["patient"]} | {key: None for key in keys if key not in left_out}
    call["fhirServer"] = server
    call.pop("fhirAuthorization", None)
    return json.dumps(call).encode()


def _query(session: requests.Session, url: str) -> bytes:
    return session.get(url, timeout=5).content


def _answered(handler: HookHandler, data: bytes) -> None:
    answer = handler.answer(SERVICE, data)
    if answer.status != 200:
        raise RuntimeError(answer.body.decode())


def _together(ours: partial[None], one: partial[bytes]) -> Ratio:
    """Sixteen callers at once, again and again; the median of their calls."""
    found, medians = [], []
    for _ in range(7):
        took: list[float] = []
        start = threading.Barrier(_CALLERS)
        callers = [threading.Thread(target=_call_some, args=(ours, start, took)) for _ in range(_CALLERS)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        medians.append(statistics.median(took))
        found.append(medians[-1] / statistics.median(seconds(one) for _ in range(5)))
        time.sleep(0.05)
    detail = f"p50 {statistics.median(medians) * 1e3:.3g} ms, callers in threads of this process"
    return from_ratios(f"the same, {_CALLERS} callers at once, p50", found, 2.5, detail=detail)


def _call_some(ours: partial[None], start: threading.Barrier, took: list[float]) -> None:
    start.wait()
    for _ in range(4):
        took.append(seconds(ours))
