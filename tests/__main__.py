"""The one check: formatter, linter, types, import contracts, known vulnerabilities, tests.

``python -m tests`` runs all, in this order; ``python -m tests slow`` runs what takes minutes: the tests marked so, the
fault matrix, which is measured and written anew, and the fuzzing in ``tests/slow``.
"""

from __future__ import annotations

import os
import subprocess
import sys

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("format", ("ruff", "format", "--check", ".")),
    ("lint", ("ruff", "check", ".")),
    ("types", ("mypy",)),
    ("import contracts", ("importlinter.cli",)),
    ("known vulnerabilities", ("tests.supply_chain", "audit")),
    ("tests", ("pytest", "-n", "2", "--dist", "loadfile")),
)
SLOW: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("faults", ("pytest", "tests/faults")),
    ("marked slow", ("pytest", "tests", "-m", "slow")),
    ("fuzzing", ("tests.slow",)),
)


def main(arguments: list[str]) -> int:
    """Run every check, also after one has failed, and say at the end which did. Arguments go to pytest."""
    slow = arguments[:1] == ["slow"]
    failed = []
    for name, command in SLOW if slow else CHECKS:
        print(f"== {name}: {' '.join(command)}", flush=True)
        more = arguments[slow:] if command[0] in {"pytest", "tests.slow"} else []
        variables = os.environ | ({"RECORD_FAULTS": "1"} if slow else {})
        if subprocess.run([sys.executable, "-m", *command, *more], check=False, env=variables).returncode:
            failed.append(name)
    if not slow:
        print("== left out: tests marked slow (100 000 calls), fuzzing with thousands of calls; python -m tests slow")
    print(f"== {'failed: ' + ', '.join(failed) if failed else 'all checks passed'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
