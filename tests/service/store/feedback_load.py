"""A worker under feedback load, run as a process of its own: says each batch when, and only when, it is acknowledged.

    python feedback_load.py URL FIRST_CARD BATCHES [BYTES]

Each batch holds ten items. With BYTES no file of this process grows beyond that size: a full disk.
"""

from __future__ import annotations

import resource
import sys
from datetime import UTC, datetime, timedelta

from cds_service.service.store import Store, StoreUnavailable
from tests.service.store.ward import NORTH, SECRET, SERVICE, answer, card_id, hypercalcaemia, overridden

BATCH = 10
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def main(url: str, first: int, batches: int, largest_file: int = 0) -> None:
    store = Store(url, SECRET, timeout=10)
    store.open()
    store.record_feedback([overridden(-1, START)], NORTH, SERVICE)
    if largest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    for batch in range(batches):
        numbers = range(first + batch * BATCH, first + (batch + 1) * BATCH)
        store.record_shown(answer(START, *map(hypercalcaemia, numbers)))
        try:
            store.record_feedback([overridden(n, START + timedelta(seconds=1)) for n in numbers], NORTH, SERVICE)
        except StoreUnavailable as error:
            print(f"refused {error.cause}", flush=True)
            break
        print(*(card_id(number) for number in numbers), flush=True)
    store.close(0.2)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
