"""Operators see what happens and nothing of a patient; a worker that is full says so."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.bounds import Bounds
from cds_service.service.cors import Cors
from cds_service.service.endpoint import HookEndpoint
from cds_service.service.fast_path import FastPath
from cds_service.service.handler import HookHandler
from cds_service.service.knowledge_files import load_knowledge
from cds_service.service.shares import Shares
from cds_service.service.telemetry import log_call, open_meters
from cds_service.service.telemetry.logs import FIELDS, JsonLines
from tests.conformance.running_service import Server, request_of, running_server
from tests.service.stub_service import StubAdvisor
from tests.service.test_protocol import JSON
from tests.service.test_protocol import body as hook_body
from tests.service.wire import over_wsgi

SERVICE = "/cds-services/metastatic-disease-patient-view"
MARK = "ZZPATIENTZZ"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("service"), workers=2) as found:
        yield found


@pytest.fixture(scope="module")
def service(server: Server) -> str:
    return server.base


def test_a_log_line_holds_allowed_fields_only(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "cds_service.calls"):
        log_call("s", 200, 3.14159, "https://ehr.example")
    caplog.records[0].__dict__["patient"] = MARK
    line = json.loads(JsonLines().format(caplog.records[0]))
    assert set(line) <= {"time", "level", "message", *FIELDS}
    assert line["milliseconds"] == 3.14


def test_the_log_line_of_a_refused_call_says_why(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "cds_service.calls"):
        log_call("s", 401, 0.2, "", "replayed")
        log_call("s", 200, 0.2, "")
    refused, answered = (json.loads(JsonLines().format(record)) for record in caplog.records)
    assert refused["because"] == "replayed" and "because" not in answered


def test_an_exception_is_logged_by_type_only() -> None:
    try:
        raise ValueError(MARK)
    except ValueError:
        record = logging.LogRecord(
            "cds_service", logging.ERROR, "f", 1, "a call failed", (), __import__("sys").exc_info()
        )
    assert MARK not in JsonLines().format(record)


def test_metrics_count_calls_stages_and_cards_over_all_workers(service: str) -> None:
    body = request_of("breast-bone-mets-leg-weakness-patient-view")
    for _ in range(8):
        assert requests.post(service + SERVICE, json=body, timeout=10).status_code == 200
    text = requests.get(service + "/metrics", timeout=10).text
    assert 'cds_calls_total{service="metastatic-disease-patient-view",status="200"} 8.0' in text
    assert 'topic="mscc-suspected"' in text
    for stage in ("parse", "read", "evaluate", "respond"):
        assert f'cds_stage_seconds_count{{stage="{stage}"}} 8.0' in text


def test_a_full_worker_sends_callers_away_and_serves_on() -> None:
    endpoint = HookEndpoint(HookHandler(StubAdvisor()), 10_000, bounds=Bounds(calls=Shares(1, 0, patience=0)))
    send = over_wsgi(FastPath(lambda *_: [], endpoint, Cors()))
    with endpoint.bounds.calls.held("another"):
        away = send("POST", "/cds-services/pv", hook_body(), JSON)
    assert (away.status, away.headers["Retry-After"]) == (503, "1")
    assert send("POST", "/cds-services/pv", hook_body(), JSON).status == 200


def test_a_marked_patient_is_nowhere_in_logs_metrics_errors_or_files(server: Server, service: str) -> None:
    body = request_of("breast-bone-mets-leg-weakness-patient-view")
    marked = json.loads(json.dumps(body).replace(body["context"]["patientId"], MARK).replace("Testa", MARK))
    answers = [
        requests.post(service + SERVICE, json=marked, timeout=10),
        requests.post(service + SERVICE, json={**marked, "hook": MARK}, timeout=10),
        requests.post(service + SERVICE, json={**marked, "context": {"patientId": 5, "userId": MARK}}, timeout=10),
        requests.post(service + SERVICE, data=f'{{"{MARK}', headers={"Content-Type": "application/json"}, timeout=10),
        requests.post(service + f"/cds-services/{MARK}", json=marked, timeout=10),
        requests.post(service + SERVICE + "/feedback", json={"feedback": [{"card": MARK}]}, timeout=10),
    ]
    assert answers[0].status_code == 200
    for answer in answers[1:]:
        assert answer.status_code >= 400
        assert MARK not in answer.text
    assert MARK not in requests.get(service + "/metrics", timeout=10).text
    assert MARK not in requests.get(service + "/health/ready", timeout=10).text
    assert '"status": 200' in server.log.read_text()
    files = [path for path in server.log.parent.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)  # the meters' own files are among them
    for path in files:
        assert MARK not in path.name
        assert MARK.encode() not in path.read_bytes(), path.name


def test_the_meters_of_a_server_go_with_it(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        assert list(tmp_path.glob("cds-service-meters-*"))
        server.process.terminate()
        server.process.wait(20)
    assert not list(tmp_path.glob("cds-service-meters-*"))


def test_what_calls_could_not_use_is_counted_by_kind_and_problem_only() -> None:
    meters = open_meters()
    advisor = KnowledgeAdvisor(load_knowledge(examples=False), meters=meters)
    odd = hook_body(prefetch={f"{MARK}key": None, "observations": _observations()})
    HookHandler(advisor).answer("metastatic-disease-patient-view", odd)
    rows = {(need, problem): times for need, problem, times in advisor.not_understood}
    assert rows[("observations", "no-unit")] == 1
    assert rows[("observations", "not-listed")] == 1
    text = meters.text().decode()
    assert 'cds_data_not_understood_total{need="observations",problem="no-unit"} 1.0' in text
    assert MARK not in text


def _observations() -> dict[str, Any]:
    about = {"resourceType": "Observation", "status": "final", "effectiveDateTime": "2026-03-01"}
    quantity = {"value": 3.1, "unit": MARK}
    calcium = {"coding": [{"system": "http://loinc.org", "code": "2000-8"}]}
    codes = (calcium, {"coding": [{"system": MARK, "code": MARK, "display": MARK}]})
    entries = [
        {"resource": {**about, "id": f"o{n}", "code": code, "valueQuantity": quantity}} for n, code in enumerate(codes)
    ]
    problem = {
        "resourceType": "Condition",
        "id": "c",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "94222008"}]},
    }
    return {"resourceType": "Bundle", "entry": [*entries, {"resource": problem}]}
