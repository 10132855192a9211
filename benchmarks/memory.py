"""``python -m benchmarks.memory BODY``: peak memory of answering that body, beyond what the process held, over its size.

Printed are the growth of the resident set, and then all that Python's allocators hand out for such a call: a part of it
fits into memory that start-up has left free.
"""

from __future__ import annotations

import resource
import sys
import tracemalloc
from pathlib import Path

from benchmarks.bodies import body
from benchmarks.in_process import SERVICE, handler, settle


def main() -> None:
    answering = handler()
    data = Path(sys.argv[1]).read_bytes()
    for _ in range(3):
        answering.answer(SERVICE, body("20 kB"))
    settle()
    resident = _most_resident()
    answering.answer(SERVICE, data)
    grown = _most_resident() - resident
    tracemalloc.start()
    answering.answer(SERVICE, data)
    _, peak = tracemalloc.get_traced_memory()
    print(grown / len(data), peak / len(data))


def _most_resident() -> int:
    """Bytes; Linux gives kilobytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
