"""The fault matrix in ``docs/fault-matrix.md``: each test that runs a fault for real writes its row, once it has seen it.

A row's words say what the test asserts, so they do not change from run to run. What a run measured stands in the last
column, and is written anew when ``RECORD_FAULTS`` is set, as ``python -m tests slow`` does.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "fault-matrix.md"
RECORD = "RECORD_FAULTS"
HEAD = """# What happens when things break

Written by the tests in `tests/faults/`: each breaks an installation as a hospital runs it, and writes its row when it has
seen what the row says. That installation is nginx with our own configuration and https, two nodes of two workers with the
settings of `compose.yaml`, authentication by `clients.yaml`, PostgreSQL, a FHIR server and key hosts behind the hospital's
own authority. `python -m tests slow` runs them all, the long ones included, and measures anew; the one check runs all but the
long ones.

| fault | what was done | what clients saw | what was lost | seen by | measured |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the matrix."""

    fault: str
    done: str
    seen: str
    lost: str
    test: str
    measured: str = ""

    def __str__(self) -> str:
        cells = (self.fault, self.done, self.seen, self.lost, f"`{self.test}`", self.measured)
        return f"| {' | '.join(cells)} |"


def record(fault: str, *, done: str, seen: str, measured: str = "", lost: str = "nothing") -> None:
    """Write the row of the test that calls, unless it stands there already."""
    test = os.environ["PYTEST_CURRENT_TEST"].partition(" (")[0].partition("[")[0].rpartition("/")[2]
    with PAGE.open("a+", encoding="utf-8") as page:
        fcntl.flock(page, fcntl.LOCK_EX)  # tests run in several processes
        page.seek(0)
        rows = read(page.read())
        before = rows.get(fault)
        kept = before.measured if before and RECORD not in os.environ else ""
        rows[fault] = Row(fault, done, seen, lost, test, kept or measured)
        if rows[fault] != before:
            page.truncate(0)
            page.write(HEAD + "".join(f"{rows[name]}\n" for name in sorted(rows)))


def read(text: str) -> dict[str, Row]:
    """The rows of the page, by fault."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| ") and cells[0] != "fault":
            fault, done, seen, lost, test, *measured = cells
            found[fault] = Row(fault, done, seen, lost, test.strip("`"), measured[0].strip("| ") if measured else "")
    return found
