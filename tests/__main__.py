"""The one check: formatter, linter, types, import contracts, tests. ``python -m tests`` runs all, in this order."""

from __future__ import annotations

import subprocess
import sys

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("format", ("ruff", "format", "--check", ".")),
    ("lint", ("ruff", "check", ".")),
    ("types", ("mypy",)),
    ("import contracts", ("importlinter.cli",)),
    ("tests", ("pytest", "-n", "2", "--dist", "loadfile")),
)


def main(arguments: list[str]) -> int:
    """Run every check, also after one has failed, and say at the end which did. Arguments go to pytest."""
    failed = []
    for name, command in CHECKS:
        print(f"== {name}: {' '.join(command)}", flush=True)
        more = arguments if name == "tests" else []
        if subprocess.run([sys.executable, "-m", *command, *more], check=False).returncode:
            failed.append(name)
    print(f"== {'failed: ' + ', '.join(failed) if failed else 'all checks passed'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
