"""A release: wheel and source, a bill of materials, where they come from (SLSA provenance), and their check sums.

python -m tests.release dist            # build them from the commit that is checked out
python -m tests.release --verify dist   # whether every file is as it was built
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from tests.supply_chain import ROOT, locked, sbom

BUILD_LOCK = ROOT / "requirements-build.lock"
SUMS, SBOM, PROVENANCE = "SHA256SUMS", "sbom.cdx.json", "provenance.intoto.json"
KIND = "tag:cds-service,2026:release"
"""Names how a release is built: this module, with the packages of the build lock."""


def release(out: Path, root: Path = ROOT) -> None:
    """Build into ``out``; refuses files that are not committed, and a version without an entry in the changes."""
    if changed := _git(root, "status", "--porcelain"):
        raise SystemExit(f"not released: these files differ from the commit:\n{changed}")
    version = _version(root)
    if f"\n## {version}" not in (root / "CHANGELOG.md").read_text(encoding="utf-8"):
        raise SystemExit(f"not released: CHANGELOG.md has no entry for {version}")
    out.mkdir(parents=True, exist_ok=True)
    _build(out, root)
    (out / SBOM).write_text(json.dumps(sbom(list(locked(root / "requirements.lock"))), indent=1) + "\n")
    (out / PROVENANCE).write_text(json.dumps(provenance(out, root), indent=1) + "\n")
    files = sorted(path for path in out.iterdir() if path.name != SUMS)
    (out / SUMS).write_text("".join(f"{_digest(path)}  {path.name}\n" for path in files))


def verify(out: Path) -> list[str]:
    """Names of files that are not as they were built, or that the provenance does not know."""
    sums = dict(line.split("  ")[::-1] for line in (out / SUMS).read_text().splitlines())
    subjects = {one["name"]: one["digest"]["sha256"] for one in json.loads((out / PROVENANCE).read_text())["subject"]}
    known = sums | subjects
    here = {path.name: _digest(path) for path in out.iterdir() if path.name != SUMS}
    return sorted({name for name in here | known if here.get(name) != known.get(name)})


def provenance(out: Path, root: Path = ROOT) -> dict[str, Any]:
    """Where what was built comes from: an in-toto statement with a predicate of SLSA 1.0."""
    materials = [root / name for name in ("requirements.lock", "requirements-build.lock", "pyproject.toml")]
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": path.name, "digest": {"sha256": _digest(path)}}
            for path in sorted(out.iterdir())
            if path.name not in {SUMS, PROVENANCE}
        ],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": KIND,
                "externalParameters": {"version": _version(root)},
                "resolvedDependencies": [
                    {"name": "source", "digest": {"gitCommit": _git(root, "rev-parse", "HEAD")}},
                    *({"name": path.name, "digest": {"sha256": _digest(path)}} for path in materials),
                ],
            },
            "runDetails": {"builder": {"id": KIND}},
        },
    }


def _build(out: Path, root: Path) -> None:
    """Build with the locked packages alone; the same commit gives the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        lock = root / BUILD_LOCK.name
        subprocess.run([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock], check=True)
        made = os.environ | {"SOURCE_DATE_EPOCH": _git(root, "log", "-1", "--format=%ct")}
        subprocess.run([python, "-m", "hatchling", "build", "-d", out.resolve()], cwd=root, check=True, env=made)


def _version(root: Path) -> str:
    found = re.search(r'__version__ = "([^"]+)"', (root / "cds_service" / "__init__.py").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(arguments: list[str]) -> int:
    """Build or verify."""
    match arguments:
        case ["--verify", out]:
            wrong = verify(Path(out))
            print("\n".join(f"{name}: not as it was built" for name in wrong) or "all files are as they were built")
            return 1 if wrong else 0
        case [out]:
            release(Path(out))
            return 0
        case _:
            print(__doc__)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
