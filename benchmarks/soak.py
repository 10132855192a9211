"""A hundred thousand calls, one after the other on four connections, at the rate that one worker holds: does memory stay flat?"""

from __future__ import annotations

import os
import statistics
import threading
from functools import partial
from pathlib import Path

from benchmarks.bodies import body
from benchmarks.counted import BODIES
from benchmarks.measure import Ratio, from_ratios, percentile, seconds
from benchmarks.servers import OUR_PATH, connected, our_service

CALLS = int(os.environ.get("CDS_SOAK_CALLS", "100000"))
_CONNECTIONS = 4
_STRETCHES = 20
_PAGE = os.sysconf("SC_PAGE_SIZE")


def soak() -> list[Ratio]:
    """Resident memory at the end over that after a tenth of the calls, and p99 over p50 of all calls after the first tenth."""
    data = [body("20 kB"), BODIES["no cancer, small"](), body("20 kB"), BODIES["no cancer, real shape"]()]
    took: list[float] = []
    resident: list[float] = []
    with our_service() as port:
        for _ in range(_STRETCHES):
            took += _stretch(port, data, CALLS // _STRETCHES)
            resident.append(_resident(port))
    settled = took[CALLS // 10 :]
    p50, p99 = statistics.median(settled), percentile(settled, 0.99)
    memory = f"{resident[1] / 1e6:.0f} MB after a tenth, {resident[-1] / 1e6:.0f} MB at the end of {CALLS:,} calls"
    times = f"p50 {p50 * 1e3:.2f} ms, p99 {p99 * 1e3:.2f} ms, slowest {max(settled) * 1e3:.0f} ms"
    flat, even = resident[-1] / resident[1], p99 / p50
    return [
        from_ratios("memory of a worker at the end of a soak / after a tenth of it", [flat], 1.05, detail=memory),
        from_ratios("p99 / p50 of the calls of a soak, 4 connections", [even], 3.0, detail=times),
    ]


def _stretch(port: int, data: list[bytes], calls: int) -> list[float]:
    took: list[list[float]] = [[] for _ in range(_CONNECTIONS)]

    def call(place: int) -> None:
        with connected(port) as connection:
            for number in range(calls // _CONNECTIONS):
                took[place].append(seconds(partial(connection.post, OUR_PATH, data[number % len(data)])))

    threads = [threading.Thread(target=call, args=(place,)) for place in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for place in took for one in place]


def _resident(port: int) -> float:
    """Bytes of all processes of the server on this port, shared pages counted in each."""
    mark = f"--port\0{port}\0".encode()
    pages = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "cmdline").read_bytes():
                pages += int((process / "statm").read_text(encoding="ascii").split()[1])
        except OSError:  # it ended meanwhile
            continue
    return float(pages * _PAGE)
