"""Clients that call the service from several threads until told to stop, and remember what they saw."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.conformance.running_service import request_of

PATIENT_VIEW = "/cds-services/metastatic-disease-patient-view"
CORD = "breast-bone-mets-leg-weakness-patient-view"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Seen:
    """What became of one call; status 0 is a connection that ended without an answer, -1 one that was never made."""

    status: int
    seconds: float
    retry_after: str | None
    body: bytes

    def cards(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.body)["cards"]
        return found


def cord_request(patient: object = "", **changes: Any) -> bytes:
    """A visit of a patient with leg weakness and bone metastases: the answer must hold a red flag."""
    body = request_of(CORD) | {"hookInstance": f"visit-of-{patient}"} | changes
    name = body["context"]["patientId"]
    return json.dumps(body).replace(name, f"{name}-{patient}").encode()


def call(port: int, path: str, body: bytes, headers: dict[str, str] | None = None, timeout: float = 20) -> Seen:
    """Call on a connection of its own."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.connect()
    except OSError:
        return Seen(-1, time.perf_counter() - began, None, b"")
    try:
        connection.request("POST", path, body, JSON | (headers or {}))
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException):
        return Seen(0, time.perf_counter() - began, None, b"")
    finally:
        connection.close()
    return Seen(response.status, time.perf_counter() - began, response.getheader("Retry-After"), content)


def feedback(port: int, card: dict[str, Any]) -> Seen:
    """Accept a suggestion of a card, or say that what it asks for is done."""
    taken = [{"id": suggestion["uuid"]} for suggestion in card.get("suggestions", ())[:1]]
    done = {"outcome": "overridden", "overrideReason": {"reason": {"code": "already-done-elsewhere"}}}
    outcome = {"outcome": "accepted", "acceptedSuggestions": taken} if taken else done
    item = {"card": card["uuid"], "outcomeTimestamp": datetime.now(UTC).isoformat()} | outcome
    return call(port, f"{PATIENT_VIEW}/feedback", json.dumps({"feedback": [item]}).encode())


def is_red_flag(seen: Seen) -> bool:
    return any(card["source"]["topic"]["code"] == "mscc-suspected" for card in seen.cards())


@dataclass
class Crowd:
    """Callers that ask for advice, and send feedback on what they get when ``gives_feedback``."""

    port: int
    gives_feedback: bool = False
    calls: list[Seen] = field(default_factory=list)
    answers: list[Seen] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def _one(self, number: int) -> None:
        count = 0
        while not self.ended.is_set():
            count += 1
            seen = call(self.port, PATIENT_VIEW, cord_request(f"{number}-{count}"))
            self.calls.append(seen)
            if seen.status == 200 and self.gives_feedback:
                card = seen.cards()[0]
                said = feedback(self.port, card)
                self.answers.append(said)
                if said.status == 200:
                    self.acknowledged.append(card["uuid"])
            if seen.status == -1:
                time.sleep(0.05)

    def statuses(self) -> Counter[int]:
        return Counter(seen.status for seen in self.calls)

    def feedback_statuses(self) -> Counter[int]:
        return Counter(seen.status for seen in self.answers)

    def wait_for(self, more: int, seconds: float = 30) -> None:
        """Wait until so many more calls have ended."""
        goal, until = len(self.calls) + more, time.monotonic() + seconds
        while len(self.calls) < goal:
            assert time.monotonic() < until, f"only {len(self.calls)} of {goal} calls ended: {self.statuses()}"
            time.sleep(0.02)

    def stop(self) -> None:
        self.ended.set()


@contextmanager
def crowd(port: int, size: int = 4, *, gives_feedback: bool = False) -> Iterator[Crowd]:
    """Let callers call until the block ends; then all their calls have ended."""
    callers = Crowd(port, gives_feedback)
    threads = [threading.Thread(target=callers._one, args=(number,)) for number in range(size)]
    for thread in threads:
        thread.start()
    try:
        yield callers
    finally:
        callers.stop()
        for thread in threads:
            thread.join(30)
