"""With OpenTelemetry a call is a span with its stages below it, and nothing of a patient in either."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from cds_service.service.application import prepare
from cds_service.service.settings import Settings
from cds_service.service.telemetry import Meters, TracedMeters
from tests.conformance.running_service import request_of, running

SERVICE = "metastatic-disease-patient-view"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """A collector on loopback that keeps what it is sent."""
    received: list[bytes] = []

    class Collect(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Collect)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setitem(_environment(), "OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setitem(_environment(), "OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    monkeypatch.setitem(_environment(), "OTEL_BSP_SCHEDULE_DELAY", "100")
    yield received
    server.shutdown()
    server.server_close()


def _environment() -> dict[str, str]:
    from tests.service import wire

    return wire.ENVIRONMENT


def test_a_call_is_a_span_with_its_stages_below_it() -> None:
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept, provider = InMemorySpanExporter(), trace.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    meters = TracedMeters(Meters(), provider.get_tracer("test"))
    for status in (200, 400):
        meters.took("parse", 0.001)
        meters.called(SERVICE, status, 0.002)
    spans: list[Any] = list(kept.get_finished_spans())
    assert [span.name for span in spans] == ["parse", "cds-hooks call"] * 2
    for stage, call in (spans[:2], spans[2:]):
        assert stage.parent.span_id == call.context.span_id
        assert call.start_time <= stage.start_time <= stage.end_time <= call.end_time
    assert dict(spans[1].attributes) == {"cds.service": SERVICE, "http.response.status_code": 200}


def test_a_running_service_sends_its_spans_to_the_collector(collector: list[bytes], tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    body = request_of("breast-bone-mets-leg-weakness-patient-view")
    marked = json.loads(json.dumps(body).replace(body["context"]["patientId"], "ZZPATIENTZZ"))
    with running(tmp_path, otel="true") as base:
        assert requests.post(f"{base}/cds-services/{SERVICE}", json=marked, timeout=10).status_code == 200
        for _ in range(100):
            if collector:
                break
            time.sleep(0.1)
    sent = b"".join(collector)
    assert SERVICE.encode() in sent
    assert b"evaluate" in sent
    assert b"ZZPATIENTZZ" not in sent


def test_without_its_packages_the_service_does_not_start_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds_service.service.application.traces_are_possible", lambda: False)
    with pytest.raises(ValueError, match=r"cds-service\[otel\]"):
        prepare(Settings(otel=True))
