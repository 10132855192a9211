"""The tool finds what is wrong with a service: a small one that keeps the protocol, and faults put into it one by one."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cds_service.conformance.conversation import converse
from cds_service.conformance.exchange import Target, read_signer
from cds_service.conformance.report import ConformanceReport, report
from cds_service.service.clock import now

Json = dict[str, Any]

ENTRY: Json = {
    "id": "small",
    "hook": "order-sign",
    "title": "Small",
    "description": "A small service",
    "version": "3.0.0",
    "prefetch": {"patient": "Patient/{{context.patientId}}"},
}
CARD: Json = {
    "uuid": "4e0a3a1e-8f1b-4e0e-8d51-0d6e7c1f2a01",
    "summary": "Something",
    "indicator": "info",
    "source": {"label": "Us", "topic": {"code": "t", "system": "urn:t"}},
    "suggestions": [
        {
            "label": "Do",
            "uuid": "s1",
            "actions": [
                {"type": "create", "description": "Order", "resource": {"resourceType": "Task", "status": "draft"}},
                {"type": "delete", "description": "Remove", "resourceId": "MedicationRequest/1"},
            ],
        }
    ],
    "selectionBehavior": "any",
    "overrideReasons": [{"code": "r", "system": "urn:r", "display": "Reason"}],
    "links": [{"label": "Page", "url": "https://example.org", "type": "absolute"}],
}
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Content-Type": "application/json",
}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}


class Small:
    """A service that keeps the protocol until it is told otherwise."""

    def __init__(self) -> None:
        self.discovery: Any = {"services": [json.loads(json.dumps(ENTRY))]}
        self.answer: Any = {"cards": [json.loads(json.dumps(CARD))]}
        self.headers = dict(CORS)
        self.error: Any = OUTCOME
        self.status = 200
        self.unknown = 404
        self.wrong = 400
        self.crashes_on_null = False

    @property
    def entry(self) -> Json:
        found: Json = self.discovery["services"][0]
        return found

    @property
    def card(self) -> Json:
        found: Json = self.answer["cards"][0]
        return found

    @property
    def action(self) -> Json:
        found: Json = self.card["suggestions"][0]["actions"][0]
        return found

    def reply(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if method == "OPTIONS":
            return 204, None
        if method == "GET":
            return 200, self.discovery
        if path.endswith("/feedback"):
            items = json.loads(body)["feedback"]
            good = all(
                "outcome" in item and (item["outcome"] != "accepted" or "acceptedSuggestions" in item) for item in items
            )
            return (200, {}) if good else (400, self.error)
        if not path.endswith("/small"):
            return self.unknown, self.error
        try:
            sent = json.loads(body)
            good = sent["hook"] == "order-sign" and "context" in sent
        except (ValueError, KeyError):
            good = False
        if not good or ("fhirAuthorization" in sent and "fhirServer" not in sent):
            return self.wrong, self.error
        if self.crashes_on_null and None in sent.get("prefetch", {}).values():
            return 500, self.error
        return self.status, self.answer


@contextmanager
def serving(service: Small) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, value = service.reply(self.command, self.path, body)
            sent = b"" if value is None else value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            for name, text in service.headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_OPTIONS = answer  # noqa: N815  # the names that http.server calls

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def judged(service: Small) -> ConformanceReport:
    with serving(service) as base:
        return report(converse(Target(base), now()))


def unmet(found: ConformanceReport) -> set[str]:
    return {row.requirement.id for row in found.rows if row.standing == "not met"}


def test_a_small_service_that_keeps_the_protocol_passes() -> None:
    found = judged(Small())
    assert unmet(found) == set()
    assert found.passes(strict=True)


def fault(path: str, value: object) -> Callable[[Small], None]:
    """Set what the path names, such as ``card.summary``; ``...`` takes it away."""

    def put(service: Small) -> None:
        *steps, last = path.split(".")
        target: Any = service
        for step in steps:
            target = (
                target[int(step)]
                if step.isdigit()
                else target[step]
                if isinstance(target, dict)
                else getattr(target, step)
            )
        if not isinstance(target, dict):
            setattr(target, last, value)
        elif value is ...:
            del target[last]
        else:
            target[last] = value

    return put


@pytest.mark.parametrize(
    ("path", "value", "rows"),
    [
        ("discovery", {"services": {}}, {"6"}),
        ("discovery", b"<html>", {"6"}),
        ("entry.title", ..., {"8"}),
        ("entry.description", ..., {"9"}),
        ("entry.id", "a b/c", {"10"}),
        ("entry.version", ..., {"3-01"}),
        ("entry.hookVersion", "one", {"3-02"}),
        ("entry.prefetch", ["Patient/1"], {"11"}),
        ("entry.prefetch.patient", "Patient/{context.patientId}", {"55"}),
        ("entry.prefetch.patient", "Patient/{{patientId}}", {"56", "59"}),
        ("entry.prefetch.orders", "Task?_id={{context.draftOrders}}", {"57"}),
        ("entry.prefetch.labs", "Observation?code:not=1", {"58", "3-09"}),
        ("entry.prefetch.more", "Observation?encounter={{%later.id}}", {"3-07"}),
        ("entry.extension", [1], {"3-22", "214"}),
        ("entry.extension", {"a": 1}, {"215"}),
        ("entry.usageRequirements", None, {"12", "3", "3-13"}),
        ("answer", {"card": []}, {"74"}),
        ("answer", b"cards", {"74"}),
        ("answer.systemActions", {}, {"75"}),
        ("answer.extension", "x", {"3-22", "214"}),
        ("status", 500, {"74", "77", "3-06"}),
        ("card.uuid", 7, {"80"}),
        ("card.summary", "s" * 140, {"83", "3-23"}),
        ("card.summary", ..., {"83"}),
        ("card.detail", "<b>bold</b>", {"85", "3-23"}),
        ("card.detail", None, {"3", "3-13", "84"}),
        ("card.indicator", "hard-stop", {"87", "88"}),
        ("card.source", ..., {"90", "105"}),
        ("card.source.label", "", {"105", "3"}),
        ("card.source.url", "guideline.html", set()),
        ("card.source.url", "", {"107", "3"}),
        ("card.source.topic", "calcium", {"115"}),
        ("card.source.topic.system", ..., {"217"}),
        ("card.suggestions", {}, {"92", "3"}),
        ("card.selectionBehavior", ..., {"93", "95", "96", "3-14"}),
        ("card.selectionBehavior", "all", {"95"}),
        ("card.suggestions.0.label", ..., {"117"}),
        ("card.suggestions.0.uuid", 1, {"119"}),
        ("card.suggestions.0.isRecommended", "yes", {"121"}),
        ("card.suggestions.0.actions", {}, {"124"}),
        ("card.suggestions.0.actionSelectionBehavior", "any", {"3-11"}),
        ("action.type", "insert", {"127"}),
        ("action.description", ..., {"128", "3-17"}),
        ("action.resource", {"id": "1"}, {"130", "131"}),
        ("action.type", "delete", {"133", "134", "3-15"}),
        ("card.suggestions.0.actions.1.resourceId", "https://ehr/x", {"134", "3-15"}),
        ("card.overrideReasons.0.display", ..., {"100", "136", "219"}),
        ("card.overrideReasons.0.code", ..., {"216", "218"}),
        ("card.links", {}, {"103", "3"}),
        ("card.links.0.label", ..., {"138"}),
        ("card.links.0.url", ..., {"139"}),
        ("card.links.0.type", "relative", {"142"}),
        ("card.links.0.appContext", "a", {"147", "3-16"}),
        ("unknown", 500, {"76"}),
        ("unknown", 200, {"76"}),
        ("wrong", 500, {"76", "3-19"}),
        ("wrong", 200, {"76", "3-19"}),
        ("error", {"message": "no"}, {"3-04"}),
        ("error", b"Traceback (most recent call last)", {"76", "3-04"}),
        ("headers", {"Content-Type": "application/json"}, {"208"}),
        ("headers", {**CORS, "Access-Control-Allow-Headers": "*"}, {"208"}),
        ("headers", {**CORS, "Content-Type": "text/html"}, {"1"}),
        ("crashes_on_null", True, {"3-06"}),
    ],
)
def test_a_fault_is_found_under_its_requirement(path: str, value: object, rows: set[str]) -> None:
    service = Small()
    fault(path, value)(service)
    assert rows <= unmet(judged(service))


def test_several_recommended_suggestions_of_at_most_one_are_found() -> None:
    service = Small()
    offer = service.card["suggestions"][0] | {"isRecommended": True}
    service.card.update(suggestions=[offer, offer | {"uuid": "s2"}], selectionBehavior="at-most-one")
    assert {"122", "3-14"} <= unmet(judged(service))


def test_an_unmet_recommendation_fails_only_when_asked_to_be_strict() -> None:
    service = Small()
    del service.entry["title"]
    found = judged(service)
    assert (found.passes(), found.passes(strict=True)) == (True, False)


def test_a_hook_of_somebodys_own_is_left_alone() -> None:
    service = Small()
    service.entry["hook"] = "com.example.own-hook"
    found = judged(service)
    assert found.calls == 0
    assert any("com.example.own-hook" in reason for row in found.rows for reason in row.reasons)


@pytest.mark.parametrize(
    "text", ["", "{}", '{"kty": "EC"}', '{"keys": []}', "[]", '{"kty":"oct","k":"c2VjcmV0","kid":"1"}']
)
def test_a_key_file_that_holds_no_private_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ValueError, match="key file") as caught:
        read_signer(text, "https://ehr.example.org")
    assert "c2VjcmV0" not in str(caught.value)
