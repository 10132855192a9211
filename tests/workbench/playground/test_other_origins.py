"""A page on another origin, as a CDS client that runs in a browser: it may call the service, and not read our pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

PV = "metastatic-disease-patient-view"


class _Blank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>EHR</title>")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def elsewhere(chromium: Browser) -> Iterator[Page]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"http://localhost:{server.server_port}/")
    yield page
    context.close()
    server.shutdown()
    server.server_close()


def asked(page: Page, url: str, body: Any = None) -> Any:
    script = """async ([url, body]) => {
      const init = {headers: {Authorization: 'Bearer aaa.bbb.ccc'}};
      if (body) Object.assign(init, {method: 'POST', body: JSON.stringify(body)});
      if (body) init.headers['Content-Type'] = 'application/json';
      try { const reply = await fetch(url, init); return {status: reply.status, body: await reply.json()}; }
      catch (error) { return {error: String(error)}; }
    }"""
    return page.evaluate(script, [url, body])


def test_discovery_service_and_feedback_can_be_called_with_authorization(elsewhere: Page, server: str) -> None:
    discovery = asked(elsewhere, f"{server}/cds-services")
    assert discovery["status"] == 200
    assert discovery["body"]["services"]
    patient = "breast-bone-mets-leg-weakness"
    bundle = asked(elsewhere, f"{server}/fhir/Condition?patient={patient}&_count=500")["body"]
    body = {
        "hook": "patient-view",
        "hookInstance": "a7f5c3be-2d9c-4a4e-9a53-0b8a0a0f8f11",
        "context": {"userId": "Practitioner/1", "patientId": patient},
        "prefetch": {"patient": asked(elsewhere, f"{server}/fhir/Patient/{patient}")["body"], "conditions": bundle},
    }
    answer = asked(elsewhere, f"{server}/cds-services/{PV}", body)
    assert answer["status"] == 200
    card = answer["body"]["cards"][0]
    item = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}
    feedback = asked(elsewhere, f"{server}/cds-services/{PV}/feedback", {"feedback": [item]})
    assert feedback["status"] == 200
    refused = asked(elsewhere, f"{server}/cds-services/{PV}", {"hook": "patient-view"})
    assert (refused["status"], refused["body"]["resourceType"]) == (400, "OperationOutcome")


def test_the_dashboard_and_the_signing_key_are_closed_to_it(elsewhere: Page, server: str) -> None:
    assert "error" in asked(elsewhere, f"{server}/playground/api/dashboard")
    assert "error" in asked(elsewhere, f"{server}/playground/api/sign", {"url": "https://cds.example.org"})
