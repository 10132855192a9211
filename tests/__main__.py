"""The one check: formatter, linter, types, import contracts, known vulnerabilities, tests.

``python -m tests`` runs all, in this order, and CI runs just that. ``python -m tests fast`` runs what answers within half a
minute while one works. ``python -m tests coverage`` measures which lines the tests reach. ``python -m tests slow`` runs what
takes minutes: the tests marked so, the fault matrix, which is measured and written anew, and the fuzzing in ``tests/slow``.
"""

from __future__ import annotations

import os
import subprocess
import sys

Check = tuple[str, tuple[str, ...]]
FORMAT: Check = ("format", ("ruff", "format", "--check", "."))
LINT: Check = ("lint", ("ruff", "check", "."))
ROOMS = ("terminology", "chart", "hooks", "findings", "rules", "engine", "test_ladder.py")
"""Tests of the rooms that meet no network, browser, server or database."""
NOT_KEPT = "PYTHONDONTWRITEBYTECODE"
"""Where this is set, every run would compile five hundred modules anew: a third of what the fast one takes."""
SUITES: dict[str, tuple[Check, ...]] = {
    "": (
        FORMAT,
        LINT,
        ("types", ("mypy",)),
        ("import contracts", ("tests.contracts",)),
        ("known vulnerabilities", ("tests.supply_chain", "audit")),
        ("tests", ("pytest", "-n", "2", "--dist", "loadfile")),
    ),
    "fast": (
        FORMAT,
        LINT,
        ("tests", ("pytest", "-q", "-x", "-n", "2", "--dist", "loadfile", *(f"tests/{room}" for room in ROOMS))),
    ),
    "coverage": (
        ("tests", ("pytest", "-n", "2", "--dist", "loadfile", "--cov", "--cov-report=term-missing:skip-covered")),
    ),
    "slow": (
        ("faults", ("pytest", "tests/faults")),
        ("marked slow", ("pytest", "tests", "-m", "slow")),
        ("fuzzing", ("tests.slow",)),
    ),
}


def main(arguments: list[str]) -> int:
    """Run every check of a suite, also after one has failed, and say at the end which did. Arguments go to pytest."""
    suite = arguments[0] if arguments[:1] and arguments[0] in SUITES else ""
    more = arguments[bool(suite) :]
    variables = {name: value for name, value in os.environ.items() if name != NOT_KEPT}
    if suite == "slow":
        variables["RECORD_FAULTS"] = "1"
    failed = []
    for name, command in SUITES[suite]:
        print(f"== {name}: {' '.join(command)}", flush=True)
        passed_on = more if command[0] in {"pytest", "tests.slow"} else []
        if subprocess.run([sys.executable, "-m", *command, *passed_on], check=False, env=variables).returncode:
            failed.append(name)
    if not suite:
        print("== left out: tests marked slow (100 000 calls), fuzzing with thousands of calls; python -m tests slow")
    print(f"== {'failed: ' + ', '.join(failed) if failed else 'all checks passed'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
