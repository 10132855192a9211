"""Clients that call the service from several threads until told to stop, and remember what they saw."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from cds_service.service.store.database import Database
from cds_service.service.store.tables import feedback as kept_feedback
from cds_service.service.store.tables import shown_cards
from tests.conformance.running_service import request_of
from tests.service.wire import wait_until

if TYPE_CHECKING:
    from tests.faults.production import Production

PATIENT_VIEW = "/cds-services/metastatic-disease-patient-view"
CORD = "breast-bone-mets-leg-weakness-patient-view"
JSON = {"Content-Type": "application/json"}
VISIT = date(2026, 3, 2)
"""The day of the fixture's visit."""
_DAY = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d")
BOUND = 10.0
"""Seconds within which a call must be answered here, whatever happens: other tests use the machine, only a hang takes longer."""


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
    """A visit today of a patient with leg weakness and bone metastases: the answer must hold a red flag."""
    body = request_of(CORD) | {"hookInstance": f"visit-of-{patient}"} | changes
    name = body["context"]["patientId"]
    return as_of_today(json.dumps(body)).replace(name, f"{name}-{patient}").encode()


def as_of_today(text: str) -> str:
    """A fixture request with all its days moved, so that its visit is today: in production no request sets the clock."""
    later = datetime.now(UTC).date() - VISIT
    return _DAY.sub(lambda day: str(date.fromisoformat(day[0]) + later), text)


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


def is_red_flag(seen: Seen) -> bool:
    return seen.status == 200 and any(card["source"]["topic"]["code"] == "mscc-suspected" for card in seen.cards())


class Ward:
    """Callers that ask for advice through the proxy, and send feedback on it, until the block ends."""

    def __init__(self, hospital: Production, name: str) -> None:
        self.calls: list[Seen] = []
        self.feedback: list[int] = []
        self.acknowledged: list[str] = []
        self._hospital, self._name = hospital, name
        self._ended = threading.Event()

    def one(self, number: int) -> None:
        count = 0
        while not self._ended.wait(0.05):
            count += 1
            seen = self._hospital.advice(f"{self._name}-{number}-{count}")
            self.calls.append(seen)
            if seen.status == 200:
                said = self._hospital.feedback(seen).status
                self.feedback.append(said)
                if said == 200:
                    self.acknowledged.append(seen.cards()[0]["uuid"])

    @contextmanager
    def at_work(self) -> Iterator[Ward]:
        threads = [threading.Thread(target=self.one, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        try:
            self.wait_for(6)
            yield self
        finally:
            self._ended.set()
            for thread in threads:
                thread.join(60)

    def wait_for(self, more: int) -> None:
        goal = len(self.calls) + more
        wait_until(lambda: len(self.calls) >= goal)

    @property
    def answered(self) -> list[Seen]:
        return [seen for seen in self.calls if seen.status == 200]

    @property
    def statuses(self) -> Counter[int]:
        return Counter(seen.status for seen in self.calls)

    def all_advised(self) -> None:
        """Every call got its red flag, in time."""
        assert self.statuses == {200: len(self.calls)}
        self.answers_were_whole()
        assert max(seen.seconds for seen in self.calls) < BOUND

    def answers_were_whole(self) -> None:
        """No answer lacked its red flag."""
        assert all(map(is_red_flag, self.answered))

    def acknowledged_is_kept(self) -> None:
        """What was acknowledged is in the database, each once."""
        database = Database(self._hospital.store)
        with database.reading("counting") as connection:
            counted = Counter(connection.execute(select(kept_feedback.c.card_id)).scalars())
        database.close()
        assert set(self.acknowledged) <= set(counted)
        assert set(counted.values()) <= {1}

    def shown_is_on_record(self) -> None:
        """Every card shown is in the database, or will soon be."""
        shown = {card["uuid"] for seen in self.answered for card in seen.cards()}
        wait_until(lambda: cards_on_record(self._hospital.store, shown))

    @property
    def slowest(self) -> str:
        return f"{len(self.calls)} calls, the slowest {max(seen.seconds for seen in self.calls):.1f} s"


def cards_on_record(url: str, cards: set[str]) -> bool:
    database = Database(url)
    with database.reading("counting") as connection:
        found = set(connection.execute(select(shown_cards.c.card_id)).scalars())
    database.close()
    return cards <= found
