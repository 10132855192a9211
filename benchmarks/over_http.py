"""What a client sees: latency and throughput over HTTP, beside the call in process and beside HealthChain."""

from __future__ import annotations

import statistics
import threading
import time
from functools import partial
from pathlib import Path

import orjson

from benchmarks.bodies import body
from benchmarks.in_process import SERVICE, handler, settle
from benchmarks.measure import Ratio, from_pairs, from_ratios, percentile, seconds
from benchmarks.servers import OUR_PATH, PEER_PATH, Connection, connected, healthchain, our_service

_PEER = {"20 kB": 1.5, "200 kB": 2.5, "1 MB": 3.5, "5 MB": 5.5}
_THROUGHPUT = {"20 kB": 1.2, "200 kB": 2.5, "1 MB": 4.0, "5 MB": 6.0}
_CONNECTIONS = 4


def latency() -> list[Ratio]:
    """What transport costs: one keep-alive connection, one worker, beside the same call in this process, in milliseconds."""
    answering = handler()
    settle()
    found = []
    with our_service() as port, connected(port) as connection:
        for size in ("20 kB", "200 kB"):
            data = body(size)
            ours, base = partial(connection.post, OUR_PATH, data), partial(answering.answer, SERVICE, data)
            for _ in range(20):
                ours(), base()
            pairs = [(seconds(base), seconds(ours)) for _ in range(301)]
            inside, outside = (statistics.median(side) * 1e3 for side in zip(*pairs, strict=True))
            detail = f"over HTTP {outside:.2f} ms, in process {inside:.2f} ms"
            name = f"HTTP p50 less the time in process, milliseconds, {size}"
            found.append(from_ratios(name, [outside - inside], 0.25, detail=detail))
    return found


def peer_latency(folder: Path) -> list[Ratio]:
    """One connection to each server, calls in turn."""
    found = []
    with our_service() as ours, healthchain(folder) as peer, connected(ours) as to_us, connected(peer) as to_peer:
        for size, target in _PEER.items():
            data, for_peer = body(size), _without_extension(body(size))
            rounds = max(9, min(101, 10_000_000 // len(data)))
            for _ in range(4):
                to_us.post(OUR_PATH, data)
                to_peer.post(PEER_PATH, for_peer)
            pairs = [
                (seconds(partial(to_peer.post, PEER_PATH, for_peer)), seconds(partial(to_us.post, OUR_PATH, data)))
                for _ in range(rounds)
            ]
            name = f"HealthChain (static cards) p50 / ours (all rules), {size}"
            found.append(from_pairs(name, pairs, target, at_least=True, inverse=True))
    return found


def throughput(folder: Path) -> list[Ratio]:
    """Four connections, one worker each, spells in turn."""
    found = []
    with our_service() as ours, healthchain(folder) as peer:
        for size, target in _THROUGHPUT.items():
            data, for_peer = body(size), _without_extension(body(size))
            spell = 3.0 if size == "5 MB" else 1.5
            rates = [(_rate(ours, OUR_PATH, data, spell), _rate(peer, PEER_PATH, for_peer, spell)) for _ in range(4)]
            own, theirs = (statistics.median(side) for side in zip(*rates, strict=True))
            name = f"requests/s at 4 connections, ours / HealthChain, {size}"
            detail = f"ours {own:.0f}/s, HealthChain {theirs:.1f}/s"
            ratios = [mine / other for mine, other in rates]
            found.append(from_ratios(name, ratios, target, at_least=True, detail=detail))
    return found


def _without_extension(data: bytes) -> bytes:
    """The same body without the extension that sets our clock: HealthChain wants a list there, the specification an object."""
    call = orjson.loads(data)
    del call["extension"]
    return orjson.dumps(call)


def _rate(port: int, path: str, data: bytes, spell: float) -> float:
    """Calls per second, all connections together; what is under way at the end counts with its time."""
    done = [0] * _CONNECTIONS
    began = time.perf_counter()

    def call(place: int) -> None:
        with connected(port) as connection:
            while time.perf_counter() - began < spell:
                connection.post(path, data)
                done[place] += 1

    threads = [threading.Thread(target=call, args=(place,)) for place in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


def beside_a_stream() -> list[Ratio]:
    """Small calls while another client sends 5 MB after 5 MB, two workers."""
    with our_service(workers=2) as port:
        found, small_p99, large_p50 = [], [], []
        for _ in range(5):
            small, large = _both(port)
            small_p99.append(percentile(small, 0.99))
            large_p50.append(statistics.median(large))
            found.append(small_p99[-1] / large_p50[-1])
    detail = f"p99 {statistics.median(small_p99) * 1e3:.3g} ms beside p50 {statistics.median(large_p50) * 1e3:.3g} ms"
    name = "p99 of 20 kB calls beside a 5 MB stream / p50 of the 5 MB calls, 2 workers"
    return [from_ratios(name, found, 0.35, detail=detail)]


def _both(port: int) -> tuple[list[float], list[float]]:
    """Three seconds of small and large calls, each on a connection of its own; gives the seconds of each call."""
    small: list[float] = []
    large: list[float] = []
    ends = time.perf_counter() + 3

    def repeat(connection: Connection, data: bytes, took: list[float]) -> None:
        while time.perf_counter() < ends:
            took.append(seconds(partial(connection.post, OUR_PATH, data)))

    with connected(port) as one, connected(port) as other:
        threads = [
            threading.Thread(target=repeat, args=(one, body("5 MB"), large)),
            threading.Thread(target=repeat, args=(other, body("20 kB"), small)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return small[2:], large[1:]
