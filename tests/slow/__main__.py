"""The suites that take minutes: ``python -m tests.slow [pytest arguments]``. The one check command does not run them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

SUITES = sorted(str(path) for path in Path(__file__).parent.glob("slow_*.py"))

if __name__ == "__main__":
    sys.exit(pytest.main([*SUITES, *sys.argv[1:]]))
