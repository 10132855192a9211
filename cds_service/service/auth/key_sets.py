"""The clients' published key sets: fetched beside the requests, kept while their host is down, renewed on rotation."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil
from threading import Event, Lock, Thread
from types import MappingProxyType

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from cds_service.service.auth.clients import Client
from cds_service.service.auth.public_keys import MAXIMUM_KEYS, KeySet, PublicKey, read_key_set

log = logging.getLogger("cds_service")
MAXIMUM_BYTES = 256 * 1024
NO_KEYS: KeySet = MappingProxyType({})


class KeySetUnavailable(Exception):
    """A key set could not be fetched; the message is safe to show."""


@dataclass(frozen=True, slots=True)
class NoKey:
    """There is no key for the token; ``why`` is for the integrator."""

    why: str
    retry_after: int = 0
    """Where no key set could be had, which is not the token's fault: seconds until it is asked for again. Else 0."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long key sets are trusted and how often their hosts are asked. All in seconds."""

    fresh: float = 600.0  # older ones are renewed in the background, and used meanwhile
    stale: float = 86_400.0  # older ones are no longer believed: a withdrawn key must end some day
    rotation: float = 30.0  # an unknown kid asks the host no more often than this
    first_retry: float = 5.0  # doubles with each failure
    longest_retry: float = 300.0
    wait: float = 2.0  # a request waits no longer than this for a key set that it needs
    fetch: float = 5.0  # one fetch, from connecting to the last byte


@dataclass(frozen=True, slots=True)
class KeySetState:
    """What health may say of one key set. ``age`` is in seconds, None when it was never fetched."""

    client: str
    keys: int
    age: float | None
    failures: int
    problem: str | None


@dataclass(slots=True)
class _Published:
    jku: str
    lock: Lock = field(default_factory=Lock)
    keys: KeySet = field(default_factory=lambda: NO_KEYS)
    fetched: float | None = None
    next_try: float = float("-inf")
    failures: int = 0
    problem: str | None = None
    under_way: Event | None = None
    began: float = 0.0


Fetch = Callable[[str], KeySet]


class KeySets:
    """Finds the key of a token. Threads share one instance; each worker process has its own."""

    def __init__(
        self,
        *,
        patience: Patience = Patience(),
        fetch: Fetch | None = None,
        ca_bundle: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience
        self._fetch: Fetch = fetch or (lambda jku: fetch_key_set(jku, seconds=patience.fetch, ca_bundle=ca_bundle))
        self._clock = clock
        self._published: dict[str, _Published] = {}
        self._lock = Lock()

    def find(self, client: Client, kid: str, algorithm: str) -> PublicKey | NoKey:
        """Return the client's key for this kid and algorithm; its own listed keys go before the published ones."""
        key = client.keys.get((kid, algorithm))
        if key is not None:
            return key
        if client.jku is None:
            return _missing(client.keys, kid, algorithm)
        published = self._of(client.jku)
        key = self._believed(published).get((kid, algorithm))
        if key is not None:
            if self._age(published) > self._patience.fresh:
                self._renew(published)  # nobody waits for it
            return key
        return self._after_renewal(published, kid, algorithm)

    def warm_up(self, clients: Iterable[Client]) -> None:
        """Begin to fetch every key set in the background, so that the first request need not wait."""
        for jku in {client.jku for client in clients if client.jku is not None}:
            self._renew(self._of(jku))

    def states(self, clients: Iterable[Client]) -> list[KeySetState]:
        """Describe the clients' published key sets for health and metrics."""
        return [self._state(client, self._of(client.jku)) for client in clients if client.jku is not None]

    def _after_renewal(self, published: _Published, kid: str, algorithm: str) -> PublicKey | NoKey:
        if not any(known == kid for known, _ in self._believed(published)):  # else a kid of another algorithm: no news
            under_way = self._renew(published)
            if under_way is not None:
                under_way.wait(self._patience.wait)
        keys = self._believed(published)
        key = keys.get((kid, algorithm))
        if key is not None:
            return key
        if not keys:
            why = published.problem or "its host has not answered yet"
            return NoKey(f"the client's key set could not be had: {why}", self._pause(published))
        return _missing(keys, kid, algorithm, published.problem)

    def _pause(self, published: _Published) -> int:
        """Whole seconds until the host is asked again, at least one."""
        return ceil(max(1.0, published.next_try - self._clock()))

    def _of(self, jku: str) -> _Published:
        published = self._published.get(jku)
        if published is None:
            with self._lock:
                published = self._published.setdefault(jku, _Published(jku))
        return published

    def _age(self, published: _Published) -> float:
        return float("inf") if published.fetched is None else self._clock() - published.fetched

    def _believed(self, published: _Published) -> KeySet:
        return published.keys if self._age(published) <= self._patience.stale else NO_KEYS

    def _state(self, client: Client, published: _Published) -> KeySetState:
        age = None if published.fetched is None else self._age(published)
        return KeySetState(client.name, len(self._believed(published)), age, published.failures, published.problem)

    def _renew(self, published: _Published) -> Event | None:
        """Begin one fetch, or join the one under way; None when the host was asked too lately."""
        now = self._clock()
        with published.lock:
            lost = now - published.began > 2 * self._patience.fetch  # a fork took the thread away, or it hangs
            if published.under_way is not None and not lost:
                return published.under_way
            if now < published.next_try:
                return None
            done = Event()
            published.under_way, published.began = done, now
        Thread(target=self._fetch_into, args=(published, done), name="key-set", daemon=True).start()
        return done

    def _fetch_into(self, published: _Published, done: Event) -> None:
        try:
            keys = self._fetch(published.jku)
        except KeySetUnavailable as problem:
            self._settle(published, done, None, str(problem))
        except Exception:  # noqa: BLE001 - whatever went wrong, requests go on with the keys that are known
            self._settle(published, done, None, "the key set could not be read")
        else:
            self._settle(published, done, keys, None)

    def _settle(self, published: _Published, done: Event, keys: KeySet | None, problem: str | None) -> None:
        now = self._clock()
        with published.lock:
            if published.under_way is done:
                published.under_way = None
            published.problem = problem
            if keys is not None:
                published.keys, published.fetched, published.failures = keys, now, 0
                published.next_try = now + self._patience.rotation
            else:
                published.failures += 1
                pause = self._patience.first_retry * 2.0 ** min(published.failures - 1, 16)
                published.next_try = now + min(pause, self._patience.longest_retry)
        done.set()


def fetch_key_set(jku: str, *, seconds: float = 5.0, ca_bundle: str | None = None) -> KeySet:
    """Fetch a JSON Web Key Set; raises ``KeySetUnavailable``. The address is the allowlist's, never a token's.

    ``ca_bundle`` is a file of certificate authorities to trust instead of the usual ones.
    """
    deadline = time.monotonic() + seconds
    try:
        with requests.Session() as session:
            session.auth = _NoCredentials()
            headers = {"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"}
            pause = min(seconds, 3.0)
            # verify is the request's own: an environment's REQUESTS_CA_BUNDLE goes before the session's
            answer = session.get(
                jku, headers=headers, timeout=pause, allow_redirects=False, stream=True, verify=ca_bundle or True
            )
            with answer as response:
                if response.status_code != 200:
                    raise KeySetUnavailable(f"its host answered with status {response.status_code} instead of 200")
                body = _bounded(response, deadline)
    except (requests.RequestException, HTTPError, OSError):
        raise KeySetUnavailable("its host could not be reached") from None
    return _key_set(body)


class _NoCredentials(AuthBase):
    """Keeps requests from sending what a netrc file may hold for the host."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _bounded(response: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    # read1 returns what has come, so a host that drips bytes meets the deadline; nothing is unpacked: no zip bombs.
    while chunk := response.raw.read1(16_384, decode_content=False):
        body += chunk
        if len(body) > MAXIMUM_BYTES:
            raise KeySetUnavailable(f"the key set is larger than {MAXIMUM_BYTES // 1024} KiB")
        if time.monotonic() > deadline:
            raise KeySetUnavailable("its host took too long")
    return bytes(body)


def _key_set(body: bytes) -> KeySet:
    try:
        document = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise KeySetUnavailable("the key set is not JSON") from None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise KeySetUnavailable("the key set has no array of keys")
    if len(entries) > MAXIMUM_KEYS:
        log.warning("a key set has %d keys; the first %d count", len(entries), MAXIMUM_KEYS)
    keys = read_key_set(entries)
    if not keys:  # an empty answer of a broken host must not take away the keys that work
        raise KeySetUnavailable("the key set holds no key that may be used")
    return keys


def _missing(keys: KeySet, kid: str, algorithm: str, problem: str | None = None) -> NoKey:
    if any(known == kid for known, _ in keys):
        return NoKey(f"the key that kid names is not for {algorithm}")
    if problem is not None:
        return NoKey(f"kid is not known, and the client's key set could not be renewed: {problem}")
    if len({known for known, _ in keys}) >= MAXIMUM_KEYS:
        return NoKey(f"kid is not among the first {MAXIMUM_KEYS} keys of the client's key set, and only those count")
    return NoKey("kid is not in the client's key set")
