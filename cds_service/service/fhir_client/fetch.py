"""The FHIR reads of one hook call: sent in parallel, answered within one deadline, each with its own outcome."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from cds_service.service.breaker import Breakers, State
from cds_service.service.fhir_client.answers import Failed, Fetched, Got, Refused
from cds_service.service.fhir_client.connections import GuardedSession, Line
from cds_service.service.fhir_client.guard import Destinations, Forbidden, is_relative_read
from cds_service.service.fhir_client.read import Read, ReadBounds
from cds_service.service.fhir_client.scopes import parse_scopes

_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, section 2.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, how much and how many."""

    deadline_s: float = 0.4
    """For one whole call, when the caller gives none."""
    pages: int = 5
    bytes_per_read: int = 8 * 1024 * 1024
    """Of one key, all its pages together, after decompression."""
    threads: int = 128
    """Reads under way at once in this process; threads start when they are first needed."""
    failures_to_open: int = 3
    """Calls in a row without one good answer, after which a server is left alone."""
    pause_s: float = 10.0


class FhirFetcher:
    """Reads FHIR servers for hook calls. One for each process, shared by all its threads; ``close`` it at the end.

    ``ca_bundle`` is a file of certificate authorities to trust instead of the usual ones.
    """

    def __init__(
        self,
        destinations: Destinations,
        limits: Limits | None = None,
        *,
        ca_bundle: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._destinations = destinations
        self._limits = limits or Limits()
        self._clock = clock
        self._bounds = ReadBounds(self._limits.pages, self._limits.bytes_per_read, ca_bundle or True)
        self._threads = ThreadPoolExecutor(self._limits.threads, thread_name_prefix="fhir-read")
        self._session = GuardedSession(self._limits.threads)
        self._breakers = Breakers(
            failures_to_open=self._limits.failures_to_open, pause_s=self._limits.pause_s, clock=clock
        )

    def fetch(
        self,
        server: str,
        token: str | None,
        reads: Mapping[str, str],
        deadline_s: float | None = None,
        *,
        scope: str | None = None,
    ) -> dict[str, Fetched]:
        """Make all reads (relative URLs by key) and give, within the deadline, what became of each.

        ``scope`` is the token's, as the client sent it; ``None`` checks none, for a server that asks for no token.
        Never raises for what a server does.
        """
        ends = self._clock() + (self._limits.deadline_s if deadline_s is None else deadline_s)
        try:
            base = self._destinations.admit(server)
            headers = _headers(token)
        except Forbidden as refusal:
            return dict.fromkeys(reads, Refused(refusal.because, refusal.detail))
        answers: dict[str, Fetched] = {}
        started: dict[str, Read] = {}
        scopes = None if scope is None else parse_scopes(scope)
        for key, relative_url in reads.items():
            cover = scopes.cover(relative_url) if scopes else "whole"
            if not is_relative_read(relative_url):
                answers[key] = Refused("not-a-read")
            elif cover == "none":
                answers[key] = Failed("scope")
            else:
                line = Line(self._destinations, ends, self._clock)
                url = f"{base}/{relative_url}"
                started[key] = Read(self._session, line, base, url, headers, self._bounds, narrowed=cover == "part")
        answers |= self._run(base, started, ends)
        return {key: answers[key] for key in reads}

    def states(self) -> dict[str, State]:
        """The circuit breaker's state of each server called so far, for health and metrics."""
        return self._breakers.states()

    def close(self) -> None:
        """Let go of threads and connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.close()

    def _run(self, base: str, started: Mapping[str, Read], ends: float) -> dict[str, Fetched]:
        breaker = self._breakers.of(base)
        if not started:
            return {}
        if not breaker.admits():
            return dict.fromkeys(started, Failed("circuit-open"))
        futures = {key: self._threads.submit(read.run) for key, read in started.items()}
        wait(futures.values(), timeout=max(0.0, ends - self._clock()))
        answers = {key: _outcome(futures[key], read) for key, read in started.items()}
        if any(read.reached for read in started.values()):  # else our own threads were busy: no word on the server
            breaker.record(well=any(_is_well(answer) for answer in answers.values()))
        return answers


def _headers(token: str | None) -> dict[str, str]:
    headers = {"Accept": "application/fhir+json", "User-Agent": "cds-service"}
    if token is not None:
        if not _BEARER.fullmatch(token):
            raise Forbidden("bad-token")
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _outcome(future: Future[Fetched], read: Read) -> Fetched:
    if future.done():
        return future.result()
    future.cancel()
    return read.abandon()


def _is_well(answer: Fetched) -> bool:
    """Whether an answer shows that the server is up: it answered, even if with a refusal of its own."""
    if isinstance(answer, Got):
        return _is_up(answer.status)
    if isinstance(answer, Failed):
        return answer.because not in {"timeout", "connection", "not-json"} and _is_up(answer.status or 200)
    return True


def _is_up(status: int) -> bool:
    return status < 500 and status != 429
