"""Instructions of a call, counted by callgrind: they repeat to the instruction, whatever else the machine does.

Needs Debian's ``valgrind``. Counts belong to one build of the interpreter; those of another may differ by a fifth.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Ratio

ROOT = Path(__file__).parent.parent
_COUNTED = "_PyEval_CallTracing"
"""The C function behind ``sys.call_tracing``."""
_GOALS = {"20 kB": 7.0, "200 kB": 10.0}
_RATIOS = {"no cancer, real shape": 1.2}


def counted(kind: str) -> dict[str, int]:
    """Instructions of everything that ``benchmarks.counted`` runs for this kind, by name, in its order."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "profile"
        command = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", f"--toggle-collect={_COUNTED}"]
        command += [f"--dump-after={_COUNTED}", f"--callgrind-out-file={profile}"]
        environment = os.environ | {"PYTHONHASHSEED": "0", "CDS_LOG_LEVEL": "ERROR"}
        with subprocess.Popen(
            [*command, sys.executable, "-m", "benchmarks.counted", kind],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment,
        ) as child:  # fmt: skip
            assert child.stdout is not None
            names: list[str] = json.loads(child.stdout.readline())
            subprocess.run(["callgrind_control", "-i", "on", str(child.pid)], check=True, capture_output=True)
            child.communicate("\n")
        if child.returncode:
            raise RuntimeError(f"benchmarks.counted {kind} ended with {child.returncode}")
        return {name: _total(profile.with_suffix(f".{place}")) for place, name in enumerate(names, start=1)}


def _total(profile: Path) -> int:
    found = re.search(r"^totals: (\d+)$", profile.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"callgrind wrote no total into {profile.name}")
    return int(found[1])


def instructions() -> list[Ratio]:
    """A whole call in millions of instructions, with its steps, and beside ``orjson.loads`` of the same body."""
    calls, loads, steps = counted("calls"), counted("loads"), counted("steps")
    found = []
    for name, count in calls.items():
        parts = {step.partition(": ")[2]: value for step, value in steps.items() if step.startswith(f"{name}: ")}
        detail = ", ".join(f"{step} {value / 1e6:.2f} M" for step, value in parts.items())
        if (goal := _GOALS.get(name)) is not None:
            found.append(_exact(f"instructions of one call in process, millions, {name}", count / 1e6, goal, detail))
        if (goal := _RATIOS.get(name)) is not None:
            title = f"instructions of one call / of `orjson.loads`, {name}"
            found.append(_exact(title, count / loads[name], goal, detail))
    return found


def _exact(name: str, value: float, goal: float, detail: str) -> Ratio:
    return Ratio(name, value, value, value, goal, detail=detail)
