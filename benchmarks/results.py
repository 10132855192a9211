"""What was measured last, row by row, and the table that people read."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import HEAD, Ratio

_HERE = Path(__file__).parent
_KEPT = _HERE / "results.json"
_TABLE = _HERE / "RESULTS.md"
_PAGE = _HERE.parent / "docs" / "performance.md"
_BEGIN, _END = "<!-- benchmarks: written by python -m benchmarks -->", "<!-- end of benchmarks -->"
_PACKAGES = ("orjson", "msgspec", "granian", "flask", "fhir.resources", "pydantic", "requests", "PyJWT", "cryptography")
_NOTES = """
Each ratio was measured side by side in one run: the candidates take turns, a ratio is the median of the rounds' ratios.
What only computes is measured in CPU time of its thread, all else (HTTP, fetching, cohorts) by the clock on the wall.
Milliseconds of different rows must not be compared: the machine's speed changes, and others work on it.
A row stands until it is measured again: rows may be of different hours and commits. With other work on the machine, rows by
the clock on the wall favour whoever computes less.
Bodies are those of `benchmarks/bodies.py`: one patient with metastatic disease and cord signs among ordinary resources.
Our side always evaluates every rule of the service and writes the cards; HealthChain's figures are a framework's floor: its
answers are static, it validates no FHIR and asks no rule. "times off" is the distance from the target.

`python -m benchmarks` runs all rows, `python -m benchmarks ROW ...` some, and writes this file.
"""

_WHY = {
    "a call costs what its cards cost": (
        ("instructions", "in-process", "HTTP p50", "HealthChain", "requests/s"),
        "Every call asks all cards of its hook (34 on patient-view), which ask some 240 findings of the chart, and writes "
        "its cards with evidence, units, identity and complete orders. Of the 21 million instructions of a small call the rules "
        "take 52 %, writing 29 %, the chart 11 %, checking the answer 2 %, reading the request 2 %; four cards ask for half of "
        "what the rules cost, since they read the results and doses that others then share. The prototype behind the targets "
        "asked 25 short rules and wrote five fixed cards. Nothing of a call is kept for the next one, so a chart that comes "
        "again is judged again. In a record of real shape without cancer parsing is 42 %, the chart 42 %, the rules 14 %. Nothing "
        "stands out: 13 100 calls of Python of some 1 600 instructions each; of value objects 130 are made, of look-ups 210.",
    ),
    "facts are made one by one": (
        ("seconds for 50",),
        "Half of the time goes into making 50 000 facts with code, dates and state, each some 18 microseconds; no finding looks "
        "through all of them for each.",
    ),
    "a decoded record is nearly as large as its text": (
        ("peak extra memory",),
        "The decoded resources of 5 MB take nine tenths of that, and sorting them a fifth more for a moment. The resident set "
        "does not grow, since start-up has left as much free.",
    ),
    "two calls share a worker": (
        ("p99 of 20 kB",),
        "When the small call's connection lands in the worker that decodes 5 MB, it waits for the interpreter's lock: a "
        "decode is one uninterruptible step of about 10 ms. A third worker, or a proxy that sends to the idle one, removes it.",
    ),
    "a record is kept whole": (
        ("cohort extraction", "what-if"),
        "Extraction looks through the lines, deals what some card can use to its patient and writes it lean, which decodes it "
        "twice; the prototype kept the newest number of each code. Of a record of real shape half of the lines may matter: "
        "visits, weights, creatinine and calcium of half a life. A what-if reads the few patients anew whose answer may "
        "change, with all that a live call reads; and the full run that it is compared with became faster.",
    ),
    "calls of unlike size in one worker": (
        ("p99 / p50 of the calls of a soak",),
        "One call in four is seventeen times as large as the others; on four connections a small call waits for up to three "
        "such, and those waits decide the slowest hundredth.",
    ),
    "what the service is made of": (
        ("import of the service", "seconds of processor time of `evaluate`"),
        "SQLAlchemy, pydantic, cryptography, granian and our own 200 modules come on top of Flask, which the base has too: "
        "SQLAlchemy a sixth; half of the time is our own, and a quarter of that makes 160 frozen dataclasses. Alembic, "
        "PostgreSQL's dialect, what reads card files and the playground are imported only when needed. A command imports what "
        "makes a call too, and takes up the knowledge as it was loaded last.",
    ),
}
"""Why a target is missed, by a heading: the beginnings of the rows' names, and the reason."""


def keep(row: str, ratios: Sequence[Ratio]) -> None:
    """Put a row's ratios in the place of what was measured before."""
    kept = _kept()
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    kept[row] = [asdict(ratio) | {"measured_on": today} for ratio in ratios]
    _KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def write_table(order: Sequence[str]) -> None:
    """Write the table of all rows that have been measured, in this order."""
    kept = _kept()
    found = [(str(entry.pop("measured_on")), Ratio(**entry)) for row in order for entry in kept.get(row, ())]
    dates = sorted({date for date, _ in found})
    heading = f"# Benchmarks, {' to '.join(dict.fromkeys((dates[0], dates[-1])))}" if dates else "# Benchmarks"
    met = sum(ratio.met for _, ratio in found)
    lines = [heading, "", f"{met} of {len(found)} targets met.", "", HEAD]
    lines += [ratio.row() for _, ratio in found]
    lines += _reasons([ratio for _, ratio in found])
    lines += [_NOTES, f"Machine: {_machine()}.", "", f"Versions: {_versions()}; HealthChain 0.16.1."]
    _TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _PAGE.write_text(with_quote(_PAGE.read_text(encoding="utf-8"), order), encoding="utf-8")


def with_quote(page: str, order: Sequence[str]) -> str:
    """The page with the newest figures between its marks."""
    found = [entry for row in order for entry in _kept().get(row, ())]
    date = max(str(entry["measured_on"]) for entry in found)
    ratios = [Ratio(**{name: value for name, value in entry.items() if name != "measured_on"}) for entry in found]
    met = sum(ratio.met for ratio in ratios)
    table = [
        f"{met} of {len(ratios)} targets were met on {date}; why not, and how measured, stands beside the figures.",
        "",
    ]
    table += ["| ratio | measured | target | |", "|---|---|---|---|"]
    table += [ratio.brief() for ratio in ratios]
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n" + "\n".join(table) + f"\n{_END}{after}"


def _reasons(ratios: Sequence[Ratio]) -> list[str]:
    """Why targets are missed, of those reasons that still apply."""
    missed = [ratio.name for ratio in ratios if not ratio.met]
    reasons = [
        f"- *{heading}* ({'; '.join(sorted({name.partition(',')[0] for name in missed if name.startswith(rows)}))}): {why}"
        for heading, (rows, why) in _WHY.items()
        if any(name.startswith(rows) for name in missed)
    ]
    return ["", "Why targets are missed:", "", *reasons] if reasons else []


def _kept() -> dict[str, list[dict[str, Any]]]:
    kept: dict[str, list[dict[str, Any]]] = json.loads(_KEPT.read_text(encoding="utf-8")) if _KEPT.exists() else {}
    return kept


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def _processor() -> str:
    try:
        described = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown processor"
    return described.partition("model name")[2].partition(":")[2].partition("\n")[0].strip() or "unknown processor"


def _versions() -> str:
    found: Mapping[str, str] = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return f"Python {platform.python_version()}, " + ", ".join(f"{name} {version}" for name, version in found.items())
